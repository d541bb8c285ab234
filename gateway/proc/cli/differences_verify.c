/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate differences verify: whether the histories of all differences are as they were written. */
#include "cli.h"
#include "difference_trail.h"

#define ANSWER_MAX_BYTES 512
#define SAID_MOST        100

struct listener {
    const struct cli *cli;
    int64_t said;
};

static void
found(void *context, enum audit_fault fault, const struct audit_place *place)
{
    struct listener *listener = context;
    if (listener->said++ < SAID_MOST) {
        cli_say(listener->cli, "dif_%.*s #%lld（%s）：%s%.0s", "dif_%.*s #%lld (%s): %.0s%s",
                SPAN_ARG(place->payment_no), (long long)place->seq, audit_fault_code(fault),
                audit_fault_text(fault, LANGUAGE_ZH), audit_fault_text(fault, LANGUAGE_EN));
    }
}

static int
answer(const struct cli *cli, const struct difference_trail_counts *counts)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX_BYTES);
    enum err err = buf_printf(
        &text,
        "{\"verdict\":\"%s\",\"differences\":%lld,\"events\":%lld,\"sealed\":%lld,\"faults\":%lld}\n",
        counts->faults == 0 ? "whole" : "broken", (long long)counts->differences,
        (long long)counts->events, (long long)counts->sealed, (long long)counts->faults);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "写出结果", "write the answer");
    }
    int put = cli_put(cli, buf_span(&text));
    return put == EXIT_YES && counts->faults > 0 ? EXIT_NO : put;
}

int
command_differences_verify(struct cli *cli, int argc, char **argv)
{
    struct db_session *session = NULL;
    struct difference_trail_counts counts;
    struct listener listener = { .cli = cli };
    if (!cli_options(cli, argc, argv, NULL, 0, NULL) || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = difference_trail_verify(session, cli_watch(cli), found, &listener, &counts);
    return err == ERR_OK
               ? answer(cli, &counts)
               : cli_trouble(cli, err, "核验差异的经过", "verify the histories of differences");
}
