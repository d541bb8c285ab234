/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate bills import: a bill that a person brings. It waits until somebody else has approved it by API. */
#include <string.h>

#include "bills.h"
#include "signature.h"
#include "text_rule.h"

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_KIND, OPTION_BY, OPTION_REASON, OPTION_COUNT };

#define REASON_MAX 500

/* Only finance answers for a bill. */
static bool
is_finance(const struct cli *cli, const char *client)
{
    for (size_t i = 0; i < config_count(cli->config, CONFIG_SECTION_client); i++) {
        if (strcmp(config_name(cli->config, CONFIG_SECTION_client, i), client) == 0) {
            enum http_role role;
            return http_role_decode(span_of(config_text(cli->config, CONFIG_client_role, i)), &role)
                       == ERR_OK
                   && (HTTP_ROLES_FINANCE & HTTP_ROLE_BIT(role)) != 0;
        }
    }
    return false;
}

static bool
may_bring(const struct cli *cli, const struct cli_option *options)
{
    const struct text_rule rule = { "reason", 1, REASON_MAX, TEXT_LINE };
    struct faults faults = { 0 };
    text_check(&rule, span_of(options[OPTION_REASON].value), "", &faults);
    if (faults.count > 0) {
        cli_say(cli, "--reason 须为 1 至 %d 字的一行文字",
                "--reason is to be one line of 1 to %d characters", REASON_MAX);
    } else if (!is_finance(cli, options[OPTION_BY].value)) {
        cli_say(cli, "--by %s 不是财务客户端（角色 finance-maker 或 finance-checker）",
                "--by %s is no client of finance (role finance-maker or finance-checker)",
                options[OPTION_BY].value);
    } else {
        return true;
    }
    return false;
}

static int
say_waiting(const struct cli *cli, const struct acquire_waiting *waiting, const char *client)
{
    const struct acquire_kept *kept = &waiting->kept;
    if (waiting->number == 0) {
        cli_say(cli, "DUP_FILE 渠道已提供相同内容，没有新文件",
                "DUP_FILE the provider gave the same content; nothing new");
        return EXIT_YES;
    }
    if (waiting->proved) {
        cli_say(cli, "渠道签名或渠道下载的内容与此文件一致",
                "the provider's own word names these bytes");
    } else {
        cli_say(
            cli, "FILE_EDITED 文件没有渠道证明；据此的对账在每份报告上都有标注",
            "FILE_EDITED nothing of the provider proves this file; a run on it says so on every report");
    }
    bills_say_totals(cli, &kept->file, "尚未生效", "it does not count yet");
    cli_say(
        cli,
        "上传 %lld %s等待批准：须由 %s 以外的 finance-checker 客户端核对后 POST "
        "/v1/reconciliation/uploads/%lld/approve（sha256 %s），再运行 reconcile",
        "upload %lld %swaits: a client with the role finance-checker other than %s is to compare it and POST "
        "/v1/reconciliation/uploads/%lld/approve (sha256 %s); then run reconcile",
        (long long)waiting->number,
        !waiting->before               ? ""
        : cli->language == LANGUAGE_EN ? "already "
                                       : "已在",
        client, (long long)waiting->number, kept->sha256);
    return EXIT_YES;
}

static int
bring(struct cli *cli, const struct acquire_target *target, const struct acquire_upload *upload)
{
    struct acquire acquire;
    struct acquire_waiting waiting;
    if (bills_acquire(cli, &acquire) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = acquire_upload(&acquire, target, upload, &waiting);
    if (err != ERR_OK) {
        return bills_say_trouble(cli, err);
    }
    bills_say_faults(cli, &waiting.kept.file);
    if (!waiting.kept.file.accepted) {
        cli_say(cli, "文件被拒绝，没有导入：%s。请确认账号、日期和文件后重试",
                "the file is refused and was not taken in: %s; see account, day and file, then try "
                "again",
                waiting.kept.codes);
        return EXIT_NO;
    }
    return say_waiting(cli, &waiting, upload->client);
}

int
command_bills_import(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct acquire_target target;
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_KIND] = { .name = "kind" },
        [OPTION_BY] = { .name = "by", .required = true },
        [OPTION_REASON] = { .name = "reason", .required = true },
    };
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES * 2);
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, &path)
        || bills_target(cli, options[OPTION_ACCOUNT].value, options[OPTION_DAY].value,
                        options[OPTION_KIND].value, &target)
               != ERR_OK
        || !may_bring(cli, options) || bills_load(cli, path, &bytes) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    const struct acquire_upload upload = { .client = options[OPTION_BY].value,
                                           .reason = options[OPTION_REASON].value,
                                           .bytes = buf_span(&bytes) };
    return bring(cli, &target, &upload);
}
