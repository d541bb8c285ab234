/* SPDX-License-Identifier: Apache-2.0 */
/* COPY into tables of a run: what is written stands there byte for byte, all rows or none, and no row is of a run that does not exist. */
#include <string.h>

#include "recon_house.h"

#define RUN         1
#define LINE_CELLS  11
#define MEGABYTE    ((size_t)1024 * 1024)
#define MANY        20000
#define AT_EPOCH_US INT64_C(946684800000000) /* 2000-01-01, where PostgreSQL counts from */

static struct db_writer writer;

static void
open_database(void)
{
    database_open(&database);
    recon_house_bill("01");
    recon_house_run(RUN, "{}", "LONG_UNKNOWN");
    CHECK_OK(db_session_begin(database.session, false));
    CHECK_OK(db_write_open(database.session, STATEMENT_recon_copy_line, &writer));
}

static void
close_database(void)
{
    db_writer_fini(&writer);
    database_close(&database);
}

TestSuite(copy_in, .init = open_database, .fini = close_database);

static void
put_line(int64_t run_id, int64_t number, int64_t fen, struct wall_time at, struct span text)
{
    CHECK_OK(db_write_row(&writer, LINE_CELLS));
    db_write_i64(&writer, run_id);
    db_write_i64(&writer, number);
    for (int i = 0; i < 4; i++) {
        db_write_text(&writer, i == 0 ? SPAN_LIT("pay") : i == 3 ? text : SPAN_LIT(""));
    }
    for (int i = 0; i < 3; i++) {
        db_write_i64(&writer, fen);
    }
    db_write_time(&writer, at);
    db_write_bool(&writer, false);
}

static int64_t
stored(const char *condition)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM tallygate.bill_line WHERE %s",
                   condition);
    return database_number(&database, sql);
}

Test(copy_in, keeps_every_byte_and_every_number)
{
    put_line(RUN, 100, INT64_MIN, (struct wall_time){ .us = 0 },
             SPAN_LIT("a\tb\\c\nd\re\"\\N\xE5\x85\x83"));
    put_line(RUN, 101, INT64_MAX, (struct wall_time){ .us = AT_EPOCH_US - 1 }, SPAN_LIT(""));
    put_line(RUN, 102, -1, (struct wall_time){ .us = INT64_C(1795382583000001) }, SPAN_LIT("x"));
    CHECK_OK(db_write_close(&writer));
    CHECK_OK(db_session_commit(database.session));
    cr_expect_eq(stored("line_no = 100 AND at IS NULL AND face_fen = -9223372036854775808 AND"
                        " refund_no = E'a\\tb\\\\c\\nd\\re\"\\\\N\\u5143'"),
                 1);
    cr_expect_eq(stored("line_no = 101 AND fee_fen = 9223372036854775807 AND refund_no = '' AND"
                        " at = '1999-12-31T23:59:59.999999Z'"),
                 1);
    cr_expect_eq(stored("line_no = 102 AND effective_fen = -1 AND"
                        " at = '2026-11-22T21:23:03.000001Z'"),
                 1);
}

Test(copy_in, brings_many_rows_in_pieces_that_cut_where_they_will)
{
    for (int64_t i = 0; i < MANY; i++) {
        put_line(RUN, 100 + i, i, (struct wall_time){ .us = 0 }, SPAN_LIT("a line of the bill"));
    }
    CHECK_OK(db_write_close(&writer));
    CHECK_OK(db_session_commit(database.session));
    cr_expect_eq(stored("line_no >= 100 AND face_fen = line_no - 100"), MANY);
}

Test(copy_in, refuses_a_line_that_is_there)
{
    put_line(RUN, 6, 1, (struct wall_time){ .us = 0 }, SPAN_LIT("again"));
    cr_expect_eq(db_write_close(&writer), ERR_DB_CONSTRAINT);
}

Test(copy_in, refuses_lines_of_no_run)
{
    put_line(RUN, 100, 1, (struct wall_time){ .us = 0 }, SPAN_LIT("of a run"));
    put_line(RUN + 1, 100, 1, (struct wall_time){ .us = 0 }, SPAN_LIT("of none"));
    cr_expect_eq(db_write_close(&writer), ERR_DB_CONSTRAINT);
    db_session_rollback(database.session);
    cr_expect_eq(stored("line_no = 100"), 0);
}

Test(copy_in, rows_of_no_run_are_refused_however_they_come_to_be)
{
    static const char *const strange[] = {
        "INSERT INTO tallygate.bill_line VALUES (0, 1, 'pay', '', '', '', 1, 1, 0, NULL)",
        "INSERT INTO tallygate.bill_line VALUES (2, 1, 'pay', '', '', '', 1, 1, 0, NULL)",
        "UPDATE tallygate.bill_line SET run_id = 2 WHERE line_no = 7",
        "INSERT INTO tallygate.recon_population VALUES (2, '5', '', '', '', 'paid', 1, NULL, true, false)",
        ("INSERT INTO tallygate.recon_population VALUES (1, '6', '', '', '', 'paid', 1, NULL, true, false),"
         " (0, '6', '', '', '', 'paid', 1, NULL, true, false)"),
        "TRUNCATE tallygate.recon_run CASCADE",
        "DELETE FROM tallygate.recon_result; DELETE FROM tallygate.recon_run",
    };
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        cr_expect_str_eq(database_refusal(database.superuser, strange[i]), "23503", "%s",
                         strange[i]);
    }
}

Test(copy_in, refuses_a_row_of_other_cells_than_the_table_has)
{
    CHECK_OK(db_write_row(&writer, LINE_CELLS - 1));
    for (int i = 0; i < LINE_CELLS - 1; i++) {
        db_write_null(&writer);
    }
    cr_expect_eq(db_write_close(&writer), ERR_DB_STATEMENT);
}

Test(copy_in, refuses_a_row_of_more_than_a_megabyte)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(MEGABYTE + 1);
    unsigned char *room = NULL;
    CHECK_OK(buf_reserve(&text, MEGABYTE + 1, &room));
    memset(room, 'x', MEGABYTE + 1);
    buf_grew(&text, MEGABYTE + 1);
    put_line(RUN, 100, 1, (struct wall_time){ .us = 0 }, buf_span(&text));
    cr_expect_eq(db_write_row(&writer, LINE_CELLS), ERR_BUF_FULL);
    cr_expect_eq(db_write_close(&writer), ERR_BUF_FULL);
}
