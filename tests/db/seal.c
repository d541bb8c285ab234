/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints in the database: what they name, who may write one, what is left for the next. */
#include <stdio.h>

#include <libpq-fe.h>

#include "audit.h"
#include "difference_house.h"

#define ONE "2603100070000000011"
#define TWO "2603100070000000029"

static void
move(const char *payment_no)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE tallygate.payment SET version = version + 1, chain = "
                   "sha256(coalesce(chain, ''::bytea) || '%s') WHERE payment_no = '%s'",
                   payment_no, payment_no);
    database_sql(&database, sql);
}

static void
open_database(void)
{
    difference_house_open();
    database_payment(&database, 7, ONE, "A-7", 1);
    database_payment(&database, 7, TWO, "A-8", 1);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(seal, .init = open_database, .fini = close_database);

static const struct wall_time noon = { .us = INT64_C(1773108001000000) };

static struct db_rows *
heads(struct wall_time not_newer_than, int64_t most)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    db_params_init(&params, database.arena);
    db_time(&params, not_newer_than);
    db_i64(&params, most);
    CHECK_OK(db_session_run(database.session, STATEMENT_audit_heads, &params, &rows));
    return rows;
}

static size_t
head_count(struct wall_time not_newer_than, int64_t most)
{
    DEFER(db_rows_free) struct db_rows *rows = heads(not_newer_than, most);
    return db_rows_count(rows);
}

/* Writes a checkpoint with the present heads of both payments. */
static bool
write_one(int64_t number, const char *previous, const char *hash, int64_t *marked)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(db_rows_free) struct db_rows *now = heads(noon, 10);
    DEFER(buf_fini) struct buf lines = BUF_MAX(4096);
    for (size_t i = 0; i < db_rows_count(now); i++) {
        CHECK_OK(buf_printf(&lines, "%lld %.*s %lld %064d\n", (long long)db_row_i64(now, i, "slot"),
                            SPAN_ARG(db_row_text(now, i, "payment_no")),
                            (long long)db_row_i64(now, i, "version"), 0));
    }
    db_params_init(&params, database.arena);
    db_i64(&params, number);
    db_bytes(&params, span_of(previous));
    db_text(&params, buf_span(&lines));
    db_i64(&params, (int64_t)db_rows_count(now));
    db_time(&params, noon);
    db_bytes(&params, span_of(hash));
    db_cstr(&params, "0123456789abcdef");
    db_bytes(&params, SPAN_LIT("signature"));
    CHECK_OK(db_session_run(database.session, STATEMENT_audit_seal, &params, &rows));
    *marked = db_row_i64(rows, 0, "marked");
    return db_row_bool(rows, 0, "made");
}

#define ZEROS  "00000000000000000000000000000000"
#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

Test(seal, only_chains_that_moved_are_named)
{
    int64_t marked = 0;
    cr_expect_eq(head_count(noon, 10), 0);
    move(ONE);
    cr_expect_eq(head_count(noon, 10), 1);
    move(TWO);
    cr_assert(write_one(1, ZEROS, HASH_A, &marked));
    cr_expect_eq(marked, 2);
    cr_expect_eq(head_count(noon, 10), 0);
    move(TWO);
    DEFER(db_rows_free) struct db_rows *rows = heads(noon, 10);
    cr_assert_eq(db_rows_count(rows), 1);
    CHECK_TEXT(db_row_text(rows, 0, "payment_no"), TWO);
    cr_expect_eq(db_row_i64(rows, 0, "version"), 2);
    cr_expect_eq(db_row_i64(rows, 0, "number"), 2);
    struct span previous;
    CHECK_OK(db_row_bytes(rows, 0, "previous", database.arena, &previous));
    CHECK_TEXT(previous, HASH_A);
}

Test(seal, of_two_nodes_the_second_writes_nothing)
{
    int64_t marked = 0;
    move(ONE);
    cr_assert(write_one(1, ZEROS, HASH_A, &marked));
    move(TWO);
    cr_expect_not(write_one(1, ZEROS, HASH_B, &marked));
    cr_expect_eq(marked, 0);
    cr_expect_not(write_one(2, ZEROS, HASH_B, &marked), "it does not follow the first");
    cr_expect_not(write_one(3, HASH_A, HASH_B, &marked), "there would be a gap");
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM audit_checkpoint"), 1);
    cr_expect_eq(head_count(noon, 10), 1);
}

Test(seal, not_more_often_than_wished_unless_more_waits)
{
    int64_t marked = 0;
    struct wall_time before = wall_add_ms(noon, -1);
    move(ONE);
    cr_assert(write_one(1, ZEROS, HASH_A, &marked));
    move(TWO);
    cr_expect_eq(head_count(before, 10), 0, "the last one is newer than that");
    cr_expect_eq(head_count(before, 1), 1, "the last one was full");
    cr_expect_eq(head_count(noon, 10), 1);
}

/* A payment that is being changed is not waited for. */
Test(seal, a_locked_payment_is_left_for_the_next_checkpoint)
{
    int64_t marked = 0;
    move(ONE);
    move(TWO);
    PGconn *other = PQconnectdb(database.superuser);
    PQclear(PQexec(other, "BEGIN; SELECT 1 FROM tallygate.payment WHERE payment_no = '" ONE
                          "' FOR UPDATE"));
    cr_expect(write_one(1, ZEROS, HASH_A, &marked));
    cr_expect_eq(marked, 1);
    PQfinish(other);
    cr_expect_eq(head_count(noon, 10), 1);
}

Test(seal, the_application_may_add_checkpoints_and_not_change_them)
{
    int64_t marked = 0;
    move(ONE);
    cr_assert(write_one(1, ZEROS, HASH_A, &marked));
    cr_expect_str_eq(database_refusal(database.app, "UPDATE audit_checkpoint SET heads = 'x'"),
                     "42501");
    cr_expect_str_eq(database_refusal(database.app, "DELETE FROM audit_checkpoint"), "42501");
    cr_expect_str_eq(database_refusal(database.app, "TRUNCATE audit_checkpoint"), "42501");
}

/* A difference is sealed as a payment is, in a slot behind all others, and its row is not touched by it. */
Test(seal, the_histories_of_differences_are_named_too)
{
    int64_t marked = 0;
    const struct difference_unit unit = {
        .code = "LONG_UNKNOWN", .merchant_order_no = "X-9", .provider_trade_no = "T9", .b_fen = 50
    };
    move(ONE);
    difference_day(1, 1, &unit);
    {
        DEFER(db_rows_free) struct db_rows *rows = heads(noon, 10);
        cr_assert_eq(db_rows_count(rows), 2);
        cr_expect_eq(db_row_i64(rows, 1, "slot"), AUDIT_SLOT_DIFFERENCES);
        cr_expect_eq(db_row_text(rows, 1, "payment_no").len, 32);
    }
    cr_assert(write_one(1, ZEROS, HASH_A, &marked));
    cr_expect_eq(marked, 2);
    cr_expect_eq(head_count(noon, 10), 0);
    difference_day(2, 2, NULL);
    cr_expect_eq(head_count(noon, 10), 1);
    cr_assert(write_one(2, HASH_A, HASH_B, &marked));
    cr_expect_eq(marked, 1);
    cr_expect_eq(
        difference_count("difference_seal s JOIN tallygate.difference d USING (difference_no)"
                         " WHERE s.version = d.version AND d.version = 2"),
        1);
}
