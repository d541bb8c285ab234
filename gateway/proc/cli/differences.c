/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate differences list and show: what reconciliation found and who looks after it. */
#include "cli.h"
#include "difference.h"

#define ARENA_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define TEXT_MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define PAGE_ROWS       500
#define LISTED_MOST     1000000 /* items or events of one difference */

enum {
    OPTION_STATE,
    OPTION_SEVERITY,
    OPTION_DAY,
    OPTION_ACCOUNT,
    OPTION_KIND,
    OPTION_ASSIGNEE,
    OPTION_AGE,
    OPTION_COUNT
};

struct wish {
    const char *state;
    int64_t severity;
    const char *account;
    const char *kind; /* of bill */
    const char *assignee;
    struct day day; /* year 0: any */
    int64_t age_from;
    int64_t age_to;
};

static enum err
check_state(const char *state)
{
    enum difference_state decoded;
    return *state == 0 || span_eq_cstr(span_of(state), "waiting")
               ? ERR_OK
               : difference_state_decode(span_of(state), &decoded);
}

static bool
read_wish(struct cli *cli, int argc, char **argv, struct wish *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_STATE] = { .name = "state" },       [OPTION_SEVERITY] = { .name = "severity" },
        [OPTION_DAY] = { .name = "day" },           [OPTION_ACCOUNT] = { .name = "account" },
        [OPTION_ASSIGNEE] = { .name = "assignee" }, [OPTION_AGE] = { .name = "age" },
        [OPTION_KIND] = { .name = "kind" },
    };
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)) {
        return false;
    }
    *out =
        (struct wish){ .state = options[OPTION_STATE].value == NULL ? "waiting"
                                                                    : options[OPTION_STATE].value,
                       .account = cli_value(&options[OPTION_ACCOUNT]),
                       .kind = cli_value(&options[OPTION_KIND]),
                       .assignee = cli_value(&options[OPTION_ASSIGNEE]),
                       .age_to = INT32_MAX };
    if (span_eq_cstr(span_of(out->state), "any")) {
        out->state = "";
    }
    if (check_state(out->state) != ERR_OK) {
        return cli_refuse(cli, &options[OPTION_STATE]);
    }
    const char *severity = options[OPTION_SEVERITY].value;
    if (severity != NULL && span_to_i64(span_of(severity), 1, 3, &out->severity) != ERR_OK) {
        return cli_refuse(cli, &options[OPTION_SEVERITY]);
    }
    const char *age = options[OPTION_AGE].value;
    if (age != NULL
        && difference_age_decode(span_of(age), &out->age_from, &out->age_to) != ERR_OK) {
        return cli_refuse(cli, &options[OPTION_AGE]);
    }
    return cli_day(cli, options[OPTION_DAY].value, &out->day) == ERR_OK;
}

/* The columns that a posting is told from. */
struct posting {
    const char *on;
    const char *debit;
    const char *credit;
    const char *fen;
};

static enum err
put_posting(const struct db_rows *rows, size_t row, const struct posting *posting, struct buf *out)
{
    struct span on = db_row_text(rows, row, posting->on);
    struct span debit = db_row_text(rows, row, posting->debit);
    struct span credit = db_row_text(rows, row, posting->credit);
    TRY(buf_printf(out, "%.*s %.*s/%.*s ", SPAN_ARG(on), SPAN_ARG(debit), SPAN_ARG(credit)));
    return cli_yuan(db_row_i64(rows, row, posting->fen), out);
}

/* The last column: the newest posting of it that stands, and whether it is to be reversed; empty when none stands. */
static enum err
put_standing(const struct cli *cli, const struct db_rows *rows, size_t row, struct buf *out)
{
    static const struct posting standing = { "standing_on", "standing_debit", "standing_credit",
                                             "standing_fen" };
    TRY(buf_byte(out, '\t'));
    if (db_row_null(rows, row, "standing")) {
        return ERR_OK;
    }
    TRY(put_posting(rows, row, &standing, out));
    return db_row_bool(rows, row, "standing_fits")
               ? ERR_OK
               : buf_text(out, cli->language == LANGUAGE_ZH
                                   ? " 与最新对账不符，待冲销"
                                   : " is not what the newest run shows: to be reversed");
}

/* One line: columns with TABs between them, the same in both languages but for the text of the code. */
static enum err
put_line(const struct cli *cli, const struct db_rows *rows, size_t row, struct buf *out)
{
    static const char *const keys[] = { "order_no", "attempt_no", "refund_no", "merchant_order_no",
                                        "provider_trade_no" };
    enum finding code;
    if (finding_decode(db_row_text(rows, row, "code"), &code) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    struct span assignee = db_row_text(rows, row, "assignee");
    struct span number = db_row_text(rows, row, "difference_no");
    struct span account = db_row_text(rows, row, "account");
    struct span day = db_row_text(rows, row, "original_day");
    struct span state = db_row_text(rows, row, "state");
    TRY(buf_printf(out, "dif_%.*s\t%lld\t%.*s\t%.*s\t%s\t%.*s\t%.*s\t", SPAN_ARG(number),
                   (long long)db_row_i64(rows, row, "severity"), SPAN_ARG(account), SPAN_ARG(day),
                   difference_age_code(db_row_i64(rows, row, "age_days")), SPAN_ARG(state),
                   SPAN_ARG(assignee)));
    TRY(cli_yuan(db_row_i64(rows, row, "delta_fen"), out));
    TRY(buf_printf(out, "\t%s %s\t", finding_name(code), finding_text(code, cli->language)));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!span_empty(db_row_text(rows, row, keys[i]))) {
            TRY(buf_append(out, db_row_text(rows, row, keys[i])));
            break;
        }
    }
    TRY(put_standing(cli, rows, row, out));
    return buf_byte(out, '\n');
}

static void
page_params(const struct wish *wish, struct span after, struct arena *arena,
            struct db_params *params)
{
    db_params_init(params, arena);
    db_cstr(params, "");
    db_day(params, day_of(clock_wall(), ZONE_CHINA_MIN));
    db_cstr(params, wish->state);
    db_i64(params, wish->severity);
    db_day(params, wish->day);
    db_cstr(params, wish->account);
    db_cstr(params, wish->assignee);
    db_i64(params, wish->age_from);
    db_i64(params, wish->age_to);
    db_text(params, after);
    db_i64(params, PAGE_ROWS);
    db_cstr(params, wish->kind);
}

static enum err
put_pages(struct cli *cli, struct db_session *session, const struct wish *wish, struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct span after = SPAN("");
    size_t count = 0;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    do {
        DEFER(db_rows_free) struct db_rows *rows = NULL;
        struct db_params params;
        page_params(wish, after, arena, &params);
        TRY(db_session_run(session, STATEMENT_difference_list, &params, &rows));
        count = db_rows_count(rows);
        for (size_t i = 0; i < count; i++) {
            TRY(put_line(cli, rows, i, out));
        }
        if (count > 0) {
            TRY(arena_copy(arena, db_row_text(rows, count - 1, "difference_no"), &after));
        }
    } while (count == PAGE_ROWS);
    return ERR_OK;
}

int
command_differences_list(struct cli *cli, int argc, char **argv)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX_BYTES);
    struct db_session *session = NULL;
    struct wish wish;
    if (!read_wish(cli, argc, argv, &wish) || cli_session(cli, &session) != ERR_OK
        || (wish.account[0] != 0 && cli_known_account(cli, wish.account) != ERR_OK)) {
        return EXIT_TROUBLE;
    }
    enum err err = put_pages(cli, session, &wish, &text);
    return err == ERR_OK ? cli_put(cli, buf_span(&text))
                         : cli_trouble(cli, err, "列出差异", "list the differences");
}

static enum err
put_event(const struct db_rows *rows, size_t row, struct buf *out)
{
    static const char *const before[] = { "event", "from_state" };
    static const char *const behind[] = { "actor", "detail" };
    TRY(buf_printf(out, "%lld\t", (long long)db_row_i64(rows, row, "seq")));
    TRY(wall_format(db_row_time(rows, row, "at"), out));
    TRY(cli_cells(rows, row, before, 2, out));
    TRY(buf_printf(out, ">%.*s", SPAN_ARG(db_row_text(rows, row, "to_state"))));
    TRY(cli_cells(rows, row, behind, 2, out));
    return buf_byte(out, '\n');
}

/* What was posted of it, with the proposal that it is the execution of. */
static enum err
put_posted(const struct db_rows *rows, size_t row, struct buf *out)
{
    static const char *const kind[] = { "kind" };
    static const char *const people[] = { "maker", "checker", "contract", "reverses" };
    static const struct posting posted = { "posted_on", "debit", "credit", "amount_fen" };
    TRY(buf_printf(out, "posted\t%lld\t", (long long)db_row_i64(rows, row, "number")));
    TRY(wall_format(db_row_time(rows, row, "posted_at"), out));
    TRY(cli_cells(rows, row, kind, 1, out));
    TRY(buf_byte(out, '\t'));
    TRY(put_posting(rows, row, &posted, out));
    TRY(cli_cells(rows, row, people, 4, out));
    return buf_byte(out, '\n');
}

/* An item of an invoice whose tax is not that of its rate. */
static enum err
put_item(const struct db_rows *rows, size_t row, struct buf *out)
{
    static const char *const amounts[] = { "net_fen", "tax_fen", "off_fen" };
    struct span invoice = db_row_text(rows, row, "invoice_id");
    struct span name = db_row_text(rows, row, "name");
    TRY(buf_printf(out, "item\t%.*s\t%lld\t%.*s", SPAN_ARG(invoice),
                   (long long)db_row_i64(rows, row, "number"), SPAN_ARG(name)));
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        TRY(buf_byte(out, '\t'));
        TRY(cli_yuan(db_row_i64(rows, row, amounts[i]), out));
    }
    return buf_byte(out, '\n');
}

/* A line for each row of the statement. */
static enum err
put_each(struct db_session *session, enum statement statement, const struct db_params *params,
         enum err (*put)(const struct db_rows *rows, size_t row, struct buf *out), struct buf *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(db_session_run(session, statement, params, &rows));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(put(rows, i, out));
    }
    return ERR_OK;
}

static enum err
put_whole(struct cli *cli, struct db_session *session, struct span number, struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    db_params_init(&params, arena);
    db_cstr(&params, "");
    db_day(&params, day_of(clock_wall(), ZONE_CHINA_MIN));
    db_text(&params, number);
    TRY(db_session_run(session, STATEMENT_difference_find, &params, &rows));
    if (db_rows_count(rows) == 0) {
        return ERR_DIFFERENCE_UNKNOWN;
    }
    TRY(put_line(cli, rows, 0, out));
    db_params_init(&params, arena);
    db_text(&params, number);
    db_i64(&params, LISTED_MOST);
    TRY(put_each(session, STATEMENT_difference_items, &params, put_item, out));
    TRY(put_each(session, STATEMENT_difference_history, &params, put_event, out));
    db_params_init(&params, arena);
    db_text(&params, number);
    return put_each(session, STATEMENT_difference_postings, &params, put_posted, out);
}

int
command_differences_show(struct cli *cli, int argc, char **argv)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX_BYTES);
    struct db_session *session = NULL;
    const char *id = NULL;
    struct span number;
    if (!cli_options(cli, argc, argv, NULL, 0, &id) || cli_session(cli, &session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = difference_of_id(span_of(id), &number);
    if (err == ERR_OK) {
        err = put_whole(cli, session, number, &text);
    }
    if (err == ERR_DIFFERENCE_UNKNOWN) {
        cli_say(cli, "没有差异 %s；tallygate differences list 列出各差异",
                "there is no difference %s; tallygate differences list has them", id);
        return EXIT_NO;
    }
    return err == ERR_OK ? cli_put(cli, buf_span(&text))
                         : cli_trouble(cli, err, "读取差异", "read the difference");
}
