/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"
#include "pack_differences.h"
#include "packs.h"

/* tallygate reconcile --differences: what does not agree in an exported run's files, for days of any length. */

#define ARENA_MAX_BYTES ((size_t)1024 * 1024 * 1024)
#define THREADS         2

static void
say_sheet(const struct cli *cli, const struct pack_differences *found)
{
    const struct recon_sheet *sheet = &found->sheet;
    cli_say(
        cli, "账单 %lld 笔 %lld 分，账簿 %lld 笔 %lld 分，相符 %lld 笔 %lld 分，列出 %zu 条",
        "bill %lld lines %lld fen, books %lld of %lld fen, matched %lld of %lld fen, listed %zu",
        (long long)sheet->parsed.count, (long long)sheet->parsed.fen,
        (long long)sheet->population.count, (long long)sheet->population.fen,
        (long long)sheet->matched.count, (long long)sheet->matched.fen, found->count);
    if (!span_empty(found->day.flow_sha256)) {
        cli_say(
            cli, "账户账单未核对：余额与流水请用 reconcile --offline",
            "the account's own bill was not looked at: for balances and movements use reconcile "
            "--offline");
    }
}

static int
write_list(const struct cli *cli, const struct pack_differences *found)
{
    DEFER(buf_fini) struct buf csv = BUF_MAX(ARENA_MAX_BYTES);
    enum err err = pack_differences_csv(found, cli->language, &csv);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "写出清单", "write the list");
    }
    return cli_put(cli, buf_span(&csv));
}

static int
conclude(const struct cli *cli, const struct pack_differences *found)
{
    packs_say_changed(cli, found->changed, found->changed_count);
    if (!found->believed) {
        bills_say_faults(cli, &found->bill);
        return EXIT_NO;
    }
    int written = write_list(cli, found);
    say_sheet(cli, found);
    if (written != EXIT_YES) {
        return written;
    }
    return found->count == 0 && found->changed_count == 0 ? EXIT_YES : EXIT_NO;
}

/* Needs neither configuration nor database. */
int
command_reconcile_differences(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "from", .required = true } };
    DEFER(pack_differences_fini) struct pack_differences found = { .count = 0 };
    DEFER(arena_free) struct arena *arena = NULL;
    if (!cli_options(cli, argc, argv, options, 1, NULL)) {
        return EXIT_TROUBLE;
    }
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "开始", "begin");
    }
    err = pack_differences(options[0].value, THREADS, arena, cli_watch(cli), &found);
    if (err != ERR_OK) {
        packs_say_changed(cli, found.changed, found.changed_count);
        return packs_say_trouble(cli, &found.where, err);
    }
    return conclude(cli, &found);
}
