/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"
#include "pack_repeat.h"
#include "packs.h"

/* tallygate reconcile --offline: a published run made once more from its exported files, and whether it comes to the same. */

#define ARENA_MAX_BYTES ((size_t)8 * 1024 * 1024 * 1024)

static int
say_verdict(const struct cli *cli, const struct pack_repeat *repeat)
{
    if (!repeat->same_input) {
        cli_say(cli, "输入哈希与 day.json 所载不同", "the input hash is not that of day.json");
    }
    if (!repeat->same_result) {
        cli_say(cli, "结果哈希与 day.json 所载不同", "the result hash is not that of day.json");
    }
    if (!repeat->same_input || !repeat->same_result || repeat->changed_count > 0) {
        return EXIT_NO;
    }
    cli_say(cli, "与第 %lld 版逐项相同，输入哈希 %.*s，结果哈希 %.*s",
            "equal to version %lld: input hash %.*s, result hash %.*s",
            (long long)repeat->day.version, SPAN_ARG(repeat->day.input_hash),
            SPAN_ARG(repeat->day.result_hash));
    return EXIT_YES;
}

static int
conclude(const struct cli *cli, const struct pack_repeat *repeat, const char *out)
{
    packs_say_changed(cli, repeat->changed, repeat->changed_count);
    if (!repeat->believed) {
        bills_say_faults(cli, &repeat->bill);
        return EXIT_NO;
    }
    int verdict = say_verdict(cli, repeat);
    int given = cli_report_give(cli, &repeat->report, out);
    return given != EXIT_YES ? given : verdict;
}

/* Needs neither configuration nor database. */
int
command_reconcile_offline(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "from", .required = true },
                                    { .name = "out", .required = true } };
    struct pack_repeat repeat;
    DEFER(arena_free) struct arena *arena = NULL;
    if (!cli_options(cli, argc, argv, options, 2, NULL)) {
        return EXIT_TROUBLE;
    }
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "开始", "begin");
    }
    err = pack_repeat(options[0].value, arena, cli_watch(cli), &repeat);
    if (err != ERR_OK) {
        packs_say_changed(cli, repeat.changed, repeat.changed_count);
        return packs_say_trouble(cli, &repeat.where, err);
    }
    return conclude(cli, &repeat, options[1].value);
}
