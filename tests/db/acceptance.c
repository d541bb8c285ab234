/* SPDX-License-Identifier: Apache-2.0 */
/* A statement that differs from our books: what still stands against them, what heals it, and that two people take it as it is. */
#include <stdio.h>

#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"

#define PAYMENT "2603100070000000011"
#define ATTEMPT PAYMENT "01"
#define MAKER   "finance"
#define CHECKER "checker"
#define ASKED   56000

static struct database database;
static struct db_rows *rows;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, PAYMENT, "A-1", 2);
}

static void
close_database(void)
{
    db_rows_free(&rows);
    database_close(&database);
}

TestSuite(acceptance, .init = open_database, .fini = close_database);

static const struct wall_time now = { .us = INT64_C(1773108001000000) };

static void
run(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    enum err err = db_session_run(database.session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

static void
says(const char *attempt_no, const char *mismatch, int64_t fen, const char *raw)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .amount = { fen, fen == 0 ? CURRENCY_NONE : CURRENCY_CNY },
        .paid_at = { .us = fen == 0 ? 0 : INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    struct payment_change change = { .slot = 7,
                                     .attempt_no = span_of(attempt_no),
                                     .event =
                                         mismatch == NULL ? ATTEMPT_EVENT_PAID : ATTEMPT_MISMATCH,
                                     .evidence = evidence,
                                     .mismatch = mismatch,
                                     .now = now };
    struct db_params params;
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    run(STATEMENT_payment_apply, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), "applied");
}

/* 0: no amount is named. */
static void
amount_or_null(struct db_params *params, int64_t fen)
{
    if (fen == 0) {
        db_null(params);
    } else {
        db_i64(params, fen);
    }
}

static struct span
propose(const char *attempt_no, int64_t fen, const char *actor)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, PAYMENT);
    db_cstr(&params, "portal");
    db_text(&params, span_of(attempt_no));
    amount_or_null(&params, fen);
    db_cstr(&params, "the payer agrees");
    db_cstr(&params, actor);
    db_time(&params, now);
    run(STATEMENT_acceptance_propose, &params);
    return db_row_text(rows, 0, "outcome");
}

static struct span
decide(const char *attempt_no, const char *event, int64_t fen, const char *actor)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, PAYMENT);
    db_cstr(&params, "portal");
    db_text(&params, span_of(attempt_no));
    db_cstr(&params, event);
    amount_or_null(&params, fen);
    db_cstr(&params, actor);
    db_time(&params, now);
    run(STATEMENT_acceptance_decide, &params);
    return db_row_text(rows, 0, "outcome");
}

static void
look(void)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, "A-1");
    run(STATEMENT_order_clearance, &params);
}

static bool
stands(void)
{
    look();
    return db_row_bool(rows, 0, "mismatch");
}

static int64_t
count(const char *what)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", what);
    return database_number(&database, sql);
}

Test(acceptance, a_later_statement_that_agrees_heals_and_an_earlier_one_does_not)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    cr_expect(stands());
    says(ATTEMPT, NULL, ASKED, "as asked");
    cr_expect_not(stands());
    cr_expect_eq(db_row_i64(rows, 0, "proved_whole"), 1);
    says(ATTEMPT, "amount", 200, "two yuan after all");
    cr_expect(stands());
    says(ATTEMPT, NULL, ASKED, "as asked, said once more");
    cr_expect_not(stands());
    cr_expect_eq(count("payment WHERE mismatch"), 1, "that there was one stays known");
}

Test(acceptance, a_statement_about_one_attempt_is_not_healed_by_another)
{
    says(ATTEMPT, "merchant", ASKED, "somebody else's");
    says(PAYMENT "02", NULL, ASKED, "as asked");
    cr_expect(stands());
}

Test(acceptance, two_people_take_the_amount_that_came_and_the_books_name_the_statement)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    cr_expect(stands());
    CHECK_TEXT(decide("", "approve", 100, MAKER), "same_person");
    cr_expect(stands());
    CHECK_TEXT(decide("", "approve", 101, CHECKER), "changed");
    cr_expect(stands());
    CHECK_TEXT(decide("", "approve", 100, CHECKER), "decided");
    CHECK_TEXT(decide("", "approve", 100, CHECKER), "decided");
    cr_expect_not(stands());
    cr_expect_eq(db_row_i64(rows, 0, "accepted"), 1);
    cr_expect_eq(db_row_i64(rows, 0, "proved_whole"), 0);
    cr_expect_eq(db_row_i64(rows, 0, "pending"), 1, "the other attempt");
    cr_expect_eq(db_row_i64(rows, 0, "paid_fen"), 100,
                 "what the provider says, not what was asked");
    cr_expect_not(db_row_null(rows, 0, "evidence_digest"));
    cr_expect_eq(count("attempt WHERE state = 'created' AND amount_fen = 56000"), 2,
                 "nothing moved");
    cr_expect_eq(count("event WHERE machine = 'acceptance' AND evidence_digest IS NOT NULL"), 2);
    cr_expect_eq(count("outbox WHERE kind = 'payment.mismatch_accepted'"), 1);
}

Test(acceptance, covers_the_same_difference_said_in_other_words_and_no_other)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    CHECK_TEXT(decide("", "approve", 100, CHECKER), "decided");
    says(ATTEMPT, "amount", 100, "one yuan, asked again");
    cr_expect_not(stands());
    says(ATTEMPT, "amount", 200, "two yuan");
    cr_expect(stands());
    CHECK_TEXT(propose("", 100, MAKER), "changed");
    CHECK_TEXT(propose("", 200, MAKER), "proposed");
    CHECK_TEXT(decide("", "approve", 200, CHECKER), "decided");
    cr_expect_not(stands());
    cr_expect_eq(db_row_i64(rows, 0, "paid_fen"), 200);
}

Test(acceptance, a_statement_that_names_no_amount_is_taken_without_one_and_brings_no_money)
{
    says(ATTEMPT, "merchant", 0, "somebody else's");
    CHECK_TEXT(propose("", ASKED, MAKER), "changed");
    CHECK_TEXT(propose("", 0, MAKER), "proposed");
    CHECK_TEXT(decide("", "approve", ASKED, CHECKER), "changed");
    cr_expect(stands());
    CHECK_TEXT(decide("", "approve", 0, CHECKER), "decided");
    cr_expect_not(stands());
    cr_expect_eq(db_row_i64(rows, 0, "accepted"), 0);
    cr_expect_eq(db_row_i64(rows, 0, "paid_fen"), 0);
    cr_expect_eq(db_row_i64(rows, 0, "pending"), 2);
}

Test(acceptance, nothing_is_accepted_without_a_statement)
{
    CHECK_TEXT(propose("", ASKED, MAKER), "nothing");
    CHECK_TEXT(decide("", "approve", ASKED, CHECKER), "nothing");
    says(ATTEMPT, NULL, ASKED, "as asked");
    CHECK_TEXT(propose("", ASKED, MAKER), "nothing");
    cr_expect_eq(count("acceptance"), 0);
    cr_expect_eq(count("event WHERE machine = 'acceptance'"), 0);
}

Test(acceptance, of_two_attempts_in_doubt_it_is_said_which)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    says(PAYMENT "02", "amount", 100, "one yuan by another");
    CHECK_TEXT(propose("", 100, MAKER), "which");
    CHECK_TEXT(propose(PAYMENT "02", 100, MAKER), "proposed");
    CHECK_TEXT(propose(PAYMENT "02", 100, MAKER), "proposed");
    CHECK_TEXT(propose(PAYMENT "02", 100, "other"), "waiting");
    CHECK_TEXT(decide(PAYMENT "02", "approve", 100, CHECKER), "decided");
    cr_expect(stands(), "the first is in doubt still");
    cr_expect_eq(count("acceptance"), 1);
}

Test(acceptance, what_was_rejected_can_be_proposed_again)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    CHECK_TEXT(decide("", "reject", 0, MAKER), "decided");
    cr_expect(stands());
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    CHECK_TEXT(decide("", "approve", 100, CHECKER), "decided");
    cr_expect_not(stands());
    cr_expect_eq(count("acceptance WHERE number = 2 AND state = 'accepted'"), 1);
}

Test(acceptance, money_that_went_back_as_it_came_stands_against_nothing)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    database_sql(&database, "UPDATE attempt SET refund_reserved_fen = 100, refunded_fen = 99 WHERE "
                            "refundable_fen = 100");
    cr_expect(stands());
    database_sql(&database, "UPDATE attempt SET refunded_fen = 100 WHERE refundable_fen = 100");
    cr_expect_not(stands());
    cr_expect_eq(db_row_i64(rows, 0, "proved_whole") + db_row_i64(rows, 0, "accepted"), 0);
}

Test(acceptance, accepted_money_that_is_asked_back_clears_nothing)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    CHECK_TEXT(decide("", "approve", 100, CHECKER), "decided");
    database_sql(&database,
                 "UPDATE attempt SET refund_reserved_fen = 100 WHERE refundable_fen = 100");
    look();
    cr_expect_eq(db_row_i64(rows, 0, "accepted"), 0);
    cr_expect_eq(db_row_i64(rows, 0, "refund_open"), 1);
}

Test(acceptance, the_database_itself_wants_two_people_and_a_statement)
{
    says(ATTEMPT, "amount", 100, "one yuan");
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    static const struct {
        const char *sql;
        const char *state;
    } refused[] = {
        { "UPDATE acceptance SET state = 'accepted', decided_by = proposed_by, decided_at = now()",
          "23514" },
        { "UPDATE acceptance SET state = 'accepted'", "23514" },
        { "UPDATE acceptance SET amount_fen = 56000", "42501" },
        { "UPDATE acceptance SET proposed_by = 'x'", "42501" },
        { "DELETE FROM acceptance", "42501" },
        { "INSERT INTO acceptance SELECT slot, attempt_no, 9, payment_no, owner, sha256('x'), difference, "
          "amount_fen, reason, 'accepted', 'a', 'b', now(), now() FROM acceptance",
          "23503" },
        { "INSERT INTO event (slot, payment_no, seq, attempt_no, machine, from_state, event, to_state, "
          "effect, actor, at, hash) VALUES (7, '" PAYMENT "', 9, '" ATTEMPT
          "', 'acceptance', 'proposed', "
          "'approve', 'accepted', 'move', 'x', now(), sha256('x'))",
          "23514" },
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, refused[i].sql), refused[i].state, "%s",
                         refused[i].sql);
    }
    cr_expect(stands());
}

/* Two people approve at the same moment: one decides, and the trail has it once. */
Test(acceptance, is_decided_once)
{
    const char *const people[] = { CHECKER, "other" };
    PGconn *racers[2];
    int decided = 0;
    says(ATTEMPT, "amount", 100, "one yuan");
    CHECK_TEXT(propose("", 100, MAKER), "proposed");
    PGconn *gate = PQconnectdb(database.superuser);
    PQclear(PQexec(gate, "BEGIN; SELECT 1 FROM tallygate.acceptance FOR UPDATE"));
    for (int i = 0; i < 2; i++) {
        char sql[512];
        racers[i] = PQconnectdb(database.app);
        PQclear(PQexec(racers[i], "SET search_path = tallygate"));
        PQclear(PQprepare(racers[i], "decide",
                          (const char *)statement_files[STATEMENT_acceptance_decide].at, 0, NULL));
        (void)snprintf(sql, sizeof(sql),
                       "EXECUTE decide(7, '" PAYMENT
                       "', 'portal', '', 'approve', 100, '%s', now())",
                       people[i]);
        cr_assert_eq(PQsendQuery(racers[i], sql), 1);
    }
    while (database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE "
                                      "wait_event_type = 'Lock' AND datname = current_database()")
           < 2) {
        cr_assert_eq(PQstatus(gate), CONNECTION_OK);
    }
    PQclear(PQexec(gate, "COMMIT"));
    for (int i = 0; i < 2; i++) {
        PGresult *result = PQgetResult(racers[i]);
        cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(racers[i]));
        decided += span_eq_cstr(span_of(PQgetvalue(result, 0, 0)), "decided");
        PQclear(result);
        PQfinish(racers[i]);
    }
    PQfinish(gate);
    cr_expect_eq(decided, 1);
    cr_expect_eq(count("event WHERE event = 'approve'"), 1);
    cr_expect_eq(count("outbox WHERE kind = 'payment.mismatch_accepted'"), 1);
}
