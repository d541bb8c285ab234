/* SPDX-License-Identifier: Apache-2.0 */
/* Bank transfers: one person records, another confirms, and the database holds them to it. */
#include "check.h"
#include "database.h"
#include "snapshot_house.h"

#define FIRST "2603100070000000011"

static struct database database;
static struct db_rows *rows;
static struct snapshot_house house;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, FIRST, "A-1", 1);
}

static void
close_database(void)
{
    db_rows_free(&rows);
    snapshot_house_fini(&house);
    database_close(&database);
}

TestSuite(manual, .init = open_database, .fini = close_database);

static struct wall_time
now(void)
{
    return (struct wall_time){ .us = INT64_C(1773108000000000) };
}

static void
run(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    enum err err = db_session_run(database.session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

static void
order(struct db_params *params, const char *order_no)
{
    db_params_init(params, database.arena);
    db_i64(params, 7);
    db_cstr(params, "portal");
    db_cstr(params, order_no);
}

static void
expect_record(const char *order_no, const char *direction, int64_t amount_fen, const char *voucher,
              const char *actor, const char *outcome)
{
    struct db_params params;
    order(&params, order_no);
    db_cstr(&params, direction);
    db_i64(&params, amount_fen);
    db_day(&params, (struct day){ 2026, 3, 9 });
    db_cstr(&params, voucher);
    db_cstr(&params, "");
    db_cstr(&params, "Jia Ltd");
    db_cstr(&params, "r");
    db_cstr(&params, actor);
    db_time(&params, now());
    run(STATEMENT_manual_record, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), outcome);
}

static void
expect_decide(int64_t number, const char *state, int64_t amount_fen, const char *actor,
              const char *outcome)
{
    struct db_params params;
    order(&params, "A-1");
    db_i64(&params, number);
    db_cstr(&params, state);
    if (amount_fen == 0) {
        db_null(&params);
        db_null(&params);
        db_null(&params);
    } else {
        db_i64(&params, amount_fen);
        db_i64(&params, amount_fen);
        db_day(&params, (struct day){ 2026, 3, 9 });
    }
    db_cstr(&params, actor);
    db_time(&params, now());
    run(STATEMENT_manual_decide, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), outcome);
}

/* What clearance makes of it: whole, part, back, waiting. */
static void
expect_facts(int64_t manual, bool part, bool back, int64_t waiting)
{
    struct db_params params;
    order(&params, "A-1");
    run(STATEMENT_order_clearance, &params);
    cr_expect_eq(db_row_i64(rows, 0, "manual"), manual);
    cr_expect_eq(db_row_bool(rows, 0, "manual_part"), part);
    cr_expect_eq(db_row_bool(rows, 0, "manual_back"), back);
    cr_expect_eq(db_row_i64(rows, 0, "manual_waiting"), waiting);
}

Test(manual, a_voucher_is_recorded_once)
{
    expect_record("A-9", "in", 56000, "V1", "maker", "order_unknown");
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    cr_expect_eq(database_count(&database, "manual_payment", NULL, NULL), 1);
    expect_record("A-1", "in", 56001, "V1", "maker", "known");
    expect_record("A-1", "in", 56000, "V1", "checker", "known");
    expect_decide(1, "rejected", 0, "maker", "decided");
    expect_record("A-1", "in", 56001, "V1", "maker", "recorded"); /* typed anew */
    cr_expect_eq(database_count(&database, "manual_payment", NULL, NULL), 2);
}

Test(manual, nobody_confirms_what_they_recorded)
{
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    expect_decide(1, "confirmed", 56000, "maker", "same_person");
    expect_decide(1, "confirmed", 55999, "checker", "changed");
    expect_decide(2, "confirmed", 56000, "checker", "unknown");
    expect_facts(0, false, false, 1);
    expect_decide(1, "confirmed", 56000, "checker", "decided");
    expect_decide(1, "confirmed", 56000, "checker", "decided"); /* asked again, answered the same */
    expect_decide(1, "rejected", 0, "checker", "over");
    expect_facts(1, false, false, 0);
}

/* Also against whoever goes past the statement. */
Test(manual, the_database_itself_refuses_one_person_in_both_parts)
{
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    cr_expect_str_eq(database_refusal(database.app,
                                      "UPDATE tallygate.manual_payment SET state = 'confirmed',"
                                      " decided_by = 'maker', decided_at = now(), deposit_fen = 1,"
                                      " deposited_on = '2026-03-09'"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.app,
                                      "UPDATE tallygate.manual_payment SET state = 'confirmed',"
                                      " decided_by = 'checker', decided_at = now()"),
                     "23514"); /* without a deposit */
    cr_expect_str_eq(
        database_refusal(database.app, "UPDATE tallygate.manual_payment SET amount_fen = 1"),
        "42501");
    cr_expect_str_eq(database_refusal(database.app, "DELETE FROM tallygate.manual_payment"),
                     "42501");
}

Test(manual, parts_come_to_the_whole_and_what_went_back_is_taken_off)
{
    expect_record("A-1", "in", 28000, "V1", "maker", "recorded");
    expect_decide(1, "confirmed", 28000, "checker", "decided");
    expect_facts(0, true, false, 0);
    expect_record("A-1", "in", 28000, "V2", "maker", "recorded");
    expect_decide(2, "confirmed", 28000, "checker", "decided");
    expect_facts(1, false, false, 0);
    expect_record("A-1", "out", 56001, "V2", "maker", "recorded");
    expect_facts(1, false, false, 1);
    expect_decide(3, "confirmed", 56001, "checker", "decided");
    expect_facts(0, false, true, 0);
}

/* How many a run of that day of March 2026 reads; the order was tried at the account. */
static size_t
snapshot(int mday)
{
    snapshot_house_read(&house, database.session, (struct day){ 2026, 3, mday }, "");
    return house.run.manual_count;
}

Test(manual, a_run_reads_those_of_its_day_those_decided_on_it_and_those_that_wait)
{
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    cr_expect_eq(snapshot(8), 0);
    cr_expect_eq(snapshot(9), 1);
    cr_expect_eq(snapshot(11), 1); /* it waits */
    expect_decide(1, "confirmed", 56000, "checker", "decided");
    cr_expect_eq(snapshot(9), 1);
    cr_expect_eq(snapshot(10), 1);
    const struct recon_manual *read = house.run.manuals;
    cr_expect(read->confirmed);
    cr_expect_not(read->self);
    cr_expect_eq(day_cmp(read->recorded_on, (struct day){ 2026, 3, 10 }), 0);
    cr_expect_eq(day_cmp(read->decided_on, (struct day){ 2026, 3, 10 }), 0);
    cr_expect_eq(read->deposit_fen, 56000);
    cr_expect_eq(snapshot(11), 0);
}

Test(manual, a_rejected_one_is_nothing_to_a_run)
{
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    expect_decide(1, "rejected", 0, "checker", "decided");
    cr_expect_eq(snapshot(9), 0);
}

Test(manual, an_order_without_any_is_listed_empty)
{
    struct db_params params;
    order(&params, "A-1");
    run(STATEMENT_manual_list, &params);
    cr_assert_eq(db_rows_count(rows), 1);
    cr_expect(db_row_null(rows, 0, "number"));
    expect_record("A-1", "in", 56000, "V1", "maker", "recorded");
    order(&params, "A-1");
    run(STATEMENT_manual_list, &params);
    cr_assert_eq(db_rows_count(rows), 1);
    CHECK_TEXT(db_row_text(rows, 0, "received_on"), "2026-03-09");
    order(&params, "A-9");
    run(STATEMENT_manual_list, &params);
    cr_expect_eq(db_rows_count(rows), 0);
}
