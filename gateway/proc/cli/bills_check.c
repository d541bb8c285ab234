/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bills.h"

static const struct adapter_bill *
find_bill(const struct cli *cli, const char *provider, const char *kind)
{
    const struct adapter *adapter = adapter_find(span_of(provider));
    const struct adapter_bill *bill = adapter == NULL ? NULL : bill_find(adapter, span_of(kind));
    if (adapter == NULL) {
        cli_say(cli, "没有渠道 %s", "there is no provider %s", provider);
    } else if (bill == NULL) {
        cli_say(cli, "渠道 %s 没有 %s 账单", "the provider %s has no bill %s", provider, kind);
    }
    return bill;
}

/* Needs neither configuration nor database, so whose bill it is and of what day is not judged. */
int
command_bills_check(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct cli_option options[] = { { .name = "provider", .required = true },
                                    { .name = "kind", .required = true } };
    if (!cli_options(cli, argc, argv, options, 2, &path)) {
        return EXIT_TROUBLE;
    }
    const struct adapter_bill *bill = find_bill(cli, options[0].value, options[1].value);
    /* Room for one byte too many, so that an oversized file is judged and not just unreadable. */
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES * 2);
    DEFER(buf_fini) struct buf json = BUF_MAX(BILLS_PAGE_MAX);
    if (bill == NULL || bills_load(cli, path, &bytes) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    struct bill_file file;
    const struct bill_wish wish = { .bill = bill, .progress = cli_watch(cli) };
    progress_begin(wish.progress, PROGRESS_CHECK_BILL, 0);
    enum err err = bill_file_read_by(&wish, buf_span(&bytes), NULL, NULL, &file);
    if (err == ERR_OK) {
        err = bills_json(&file, &json);
    }
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "核验账单文件", "check the bill file");
    }
    bills_say_faults(cli, &file);
    int status = cli_put(cli, buf_span(&json));
    return status != EXIT_YES || file.accepted ? status : EXIT_NO;
}
