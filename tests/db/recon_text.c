/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on the lines of a bill is kept in pieces: each line is found again, byte for byte, whatever stands between. */
#include <string.h>

#include <libpq-fe.h>

#include "recon_house.h"
#include "run_parts.h"

#define RUN        1
#define FIRST      100 /* the house's run has lines 6 and 7 */
#define MANY       600
#define LINE_BYTES 300
#define LONG_BYTES 50000

static struct run run;
static struct recon_line lines[MANY];
static struct span raws[MANY];
static char texts[MANY][LINE_BYTES];
static char long_text[LONG_BYTES];

static void
open_database(void)
{
    database_open(&database);
    recon_house_bill("01");
    recon_house_run(RUN, "{}", "LONG_UNKNOWN");
    run = (struct run){ .session = database.session,
                        .lines = { .list = lines, .raw = raws, .count = MANY } };
    for (size_t i = 0; i < MANY; i++) {
        /* every seventh number is none of a line of money; at the 301st a whole table of sums stands between */
        lines[i].number = FIRST + i + i / 7 + (i > 300 ? 40000 : 0);
        (void)snprintf(texts[i], LINE_BYTES, "`%zu,`\xE4\xB9\xA6,\t\\N'%0*zu", i, (int)(i % 251),
                       i);
        raws[i] = span_of(texts[i]);
    }
    CHECK_OK(db_session_begin(database.session, false));
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(recon_text, .init = open_database, .fini = close_database);

/* So many of the lines are found as they were. */
static void
check_found(const char *count)
{
    DEFER(buf_fini) struct buf sql = BUF_MAX(1024 * 1024);
    CHECK_OK(buf_text(&sql, "SELECT count(*) FROM (VALUES "));
    for (size_t i = 0; i < run.lines.count; i++) {
        CHECK_OK(buf_printf(&sql, "%s(%zu, $q$", i == 0 ? "" : ",", (size_t)lines[i].number));
        CHECK_OK(buf_append(&sql, raws[i]));
        CHECK_OK(buf_text(&sql, "$q$)"));
    }
    CHECK_OK(
        buf_text(&sql, ") AS v (number, raw) WHERE tallygate.bill_line_raw(1, v.number) = v.raw"));
    CHECK_OK(buf_byte(&sql, 0));
    PGconn *conn = PQconnectdb(database.superuser);
    PGresult *result = PQexec(conn, (const char *)sql.at);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    cr_expect_str_eq(PQgetvalue(result, 0, 0), count);
    PQclear(result);
    PQfinish(conn);
}

static int64_t
count_of(const char *what)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT %s FROM tallygate.bill_text WHERE run_id = 1 AND first_no >= 100", what);
    return database_number(&database, sql);
}

Test(recon_text, each_line_is_found_by_its_number)
{
    memset(long_text, 'x', LONG_BYTES - 1);
    raws[17] = span_of(long_text); /* larger than a piece */
    raws[18] = span_of("");
    raws[MANY - 1] = span_of("");
    CHECK_OK(run_save_texts(&run, RUN));
    CHECK_OK(db_session_commit(database.session));
    check_found("600");
    cr_expect_eq(count_of("sum(line_count)"), MANY);
    cr_expect_geq(count_of("count(*)"), 6, "pieces hold some dozens of lines");
    cr_expect_eq(count_of("count(*) FILTER (WHERE octet_length(lines) > 16384)"), 1,
                 "the long line's");
    cr_expect_eq(count_of("count(*) FILTER (WHERE lines LIKE repeat(E'\\n', 100) || '%')"), 0);
}

Test(recon_text, one_line_is_one_piece)
{
    run.lines.count = 1;
    CHECK_OK(run_save_texts(&run, RUN));
    CHECK_OK(db_session_commit(database.session));
    check_found("1");
    cr_expect_eq(count_of("count(*)"), 1);
}

Test(recon_text, a_bill_without_lines_has_no_piece)
{
    run.lines.count = 0;
    CHECK_OK(run_save_texts(&run, RUN));
    CHECK_OK(db_session_commit(database.session));
    cr_expect_eq(count_of("count(*)"), 0);
}

Test(recon_text, a_line_of_two_is_refused)
{
    raws[40] = span_of("two\nlines");
    cr_expect_eq(run_save_texts(&run, RUN), ERR_INTERNAL);
    cr_expect_eq(count_of("count(*)"), 0);
}

Test(recon_text, lines_out_of_their_order_are_refused)
{
    lines[400].number = lines[399].number;
    cr_expect_eq(run_save_texts(&run, RUN), ERR_INTERNAL);
    cr_expect_eq(count_of("count(*)"), 0);
}

/* The house's bill has two lines and a text of both. */
Test(recon_text, a_run_whose_texts_are_not_all_there_does_not_count)
{
    static const struct {
        const char *change;
        size_t settled;
    } rows[] = {
        { "UPDATE tallygate.bill_text SET line_count = 1", 0 },
        { "UPDATE tallygate.bill_text SET line_count = 2", 1 },
        { "DELETE FROM tallygate.bill_text", 0 },
    };
    db_session_rollback(database.session);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(db_rows_free) struct db_rows *settled = NULL;
        struct db_params params;
        database_sql(&database, rows[i].change);
        db_params_init(&params, database.arena);
        db_i64(&params, RUN);
        CHECK_OK(db_session_run(database.session, STATEMENT_recon_settle, &params, &settled));
        cr_expect_eq(db_rows_count(settled), rows[i].settled, "%s", rows[i].change);
    }
}
