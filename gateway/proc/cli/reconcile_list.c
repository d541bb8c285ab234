/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* tallygate reconcile --list: the runs, the newest first. */

#define ARENA_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define TEXT_MAX_BYTES  ((size_t)1024 * 1024)
#define PAGE_ROWS       500

enum { OPTION_ACCOUNT, OPTION_KIND, OPTION_FROM, OPTION_TO, OPTION_STATE, OPTION_COUNT };

struct wish {
    const char *account;
    const char *kind; /* of bill */
    const char *state;
    struct day from; /* year 0: any */
    struct day to;
};

static bool
state_is_known(struct span state)
{
    return span_empty(state) || span_eq_cstr(state, "complete") || span_eq_cstr(state, "blocked")
           || span_eq_cstr(state, "counting");
}

static bool
read_wish(const struct cli *cli, int argc, char **argv, struct wish *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account" }, [OPTION_KIND] = { .name = "kind" },
        [OPTION_FROM] = { .name = "from" },       [OPTION_TO] = { .name = "to" },
        [OPTION_STATE] = { .name = "state" },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)) {
        return false;
    }
    *out = (struct wish){ .account = cli_value(&options[OPTION_ACCOUNT]),
                          .kind = cli_value(&options[OPTION_KIND]),
                          .state = cli_value(&options[OPTION_STATE]) };
    if (!state_is_known(span_of(out->state))) {
        return cli_refuse(cli, &options[OPTION_STATE]);
    }
    return cli_day(cli, options[OPTION_FROM].value, &out->from) == ERR_OK
           && cli_day(cli, options[OPTION_TO].value, &out->to) == ERR_OK;
}

/* One line: columns with TABs between them, the same in both languages. */
static enum err
put_line(const struct db_rows *rows, size_t row, struct buf *out)
{
    static const char *const texts[] = { "account", "kind", "bill_day", "version", "state" };
    static const char *const sums[] = { "in_scope_fen", "population_fen", "delta_long_fen",
                                        "delta_short_fen", "unexplained_fen" };
    TRY(buf_printf(out, "run_%lld", (long long)db_row_i64(rows, row, "run_id")));
    TRY(cli_cells(rows, row, texts, sizeof(texts) / sizeof(texts[0]), out));
    TRY(buf_printf(out, "\t%s\t%s\t", db_row_bool(rows, row, "counts") ? "counts" : "",
                   db_row_bool(rows, row, "signed") ? "signed" : ""));
    TRY(wall_format(db_row_time(rows, row, "as_of"), out));
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        TRY(buf_byte(out, '\t'));
        TRY(cli_yuan(db_row_i64(rows, row, sums[i]), out));
    }
    return buf_printf(out, "\t%.*s\n", SPAN_ARG(db_row_text(rows, row, "codes")));
}

/* Behind the run *after, which is the last one then. */
static enum err
make_page(struct db_session *session, const struct wish *wish, int64_t *after, struct buf *out,
          size_t *count)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    db_params_init(&params, arena);
    db_cstr(&params, wish->account);
    db_cstr(&params, wish->kind);
    db_day(&params, wish->from);
    db_day(&params, wish->to);
    db_cstr(&params, wish->state);
    db_i64(&params, *after);
    db_i64(&params, PAGE_ROWS);
    TRY(db_session_run(session, STATEMENT_run_list, &params, &rows));
    *count = db_rows_count(rows);
    for (size_t i = 0; i < *count; i++) {
        TRY(put_line(rows, i, out));
        *after = db_row_i64(rows, i, "run_id");
    }
    return ERR_OK;
}

int
command_reconcile_list(struct cli *cli, int argc, char **argv)
{
    struct db_session *session = NULL;
    struct wish wish;
    int64_t after = 0;
    size_t count = PAGE_ROWS;
    int status = EXIT_YES;
    if (!read_wish(cli, argc, argv, &wish) || cli_session(cli, &session) != ERR_OK
        || (wish.account[0] != 0 && cli_known_account(cli, wish.account) != ERR_OK)) {
        return EXIT_TROUBLE;
    }
    while (status == EXIT_YES && count == PAGE_ROWS) {
        DEFER(buf_fini) struct buf page = BUF_MAX(TEXT_MAX_BYTES);
        enum err err = make_page(session, &wish, &after, &page, &count);
        status = err == ERR_OK ? cli_put(cli, buf_span(&page))
                               : cli_trouble(cli, err, "列出对账", "list the runs");
    }
    return status;
}
