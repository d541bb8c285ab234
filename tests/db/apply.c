/* SPDX-License-Identifier: Apache-2.0 */
/* payment_apply in PostgreSQL alone: races, what the tables refuse, rights. tests/store has the rest. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <libpq-fe.h>

#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"

static struct database database;

static void
open_database(void)
{
    database_open(&database);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(apply, .init = open_database, .fini = close_database);

#define PAYMENT "2603100070000000011"

static struct evidence *
said_by(enum evidence_source source, const char *raw)
{
    struct evidence_claim claim = {
        .source = source,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("TRADE_SUCCESS"),
        .amount = { 56000, CURRENCY_CNY },
        .paid_at = { .us = INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    struct evidence *evidence = NULL;
    cr_assert_eq(evidence_seal(&claim, &evidence), ERR_OK);
    return evidence;
}

static struct evidence *
statement(const char *raw)
{
    return said_by(EVIDENCE_CALLBACK, raw);
}

static struct payment_change
change_of(const char *attempt_no, enum attempt_event event, const struct evidence *evidence)
{
    return (struct payment_change){
        .slot = 7,
        .attempt_no = span_of(attempt_no),
        .event = event,
        .evidence = evidence,
        .mismatch = event == ATTEMPT_MISMATCH ? "amount" : NULL,
        .now = { .us = INT64_C(1773108001000000) },
    };
}

static struct payment_change_result
apply(const struct payment_change *change)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct payment_change_result result = { 0 };
    db_params_init(&params, database.arena);
    payment_apply_params(&params, change);
    enum err err = db_session_run(database.session, STATEMENT_payment_apply, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    cr_assert_eq(payment_apply_row(rows, 0, &result), ERR_OK);
    db_rows_free(&rows);
    return result;
}

Test(apply, the_loser_of_a_race_touches_no_row)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    /* A second connection holds the row with an uncommitted change; ours waits, then finds the
     * version moved. */
    PGconn *other = PQconnectdb(database.superuser);
    PQclear(PQexec(other, "BEGIN; UPDATE tallygate.attempt SET version = version + 1"));
    DEFER(evidence_free) struct evidence *evidence = statement("race");
    struct payment_change change = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence);
    cr_assert_eq(PQsendQuery(other, "SELECT pg_sleep(0.3); COMMIT"), 1);
    cr_expect_eq(apply(&change).outcome, PAYMENT_LOST_RACE);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM evidence"), 0);
    PQfinish(other);
    cr_expect_eq(apply(&change).outcome, PAYMENT_APPLIED);
}

Test(apply, the_database_refuses_what_the_machine_does_not_know)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    cr_expect_str_eq(database_refusal(database.superuser,
                                      "INSERT INTO event VALUES (7, '" PAYMENT "', 1, '" PAYMENT
                                      "01', 'attempt', 'paid', 'paid', 'created', 'move', NULL, "
                                      "now(), NULL, NULL, sha256(''))"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.superuser,
                                      "INSERT INTO event VALUES (7, '" PAYMENT "', 1, '" PAYMENT
                                      "01', 'attempt', 'paid', 'sent', 'created', 'move', NULL, "
                                      "now(), NULL, NULL, sha256(''))"),
                     "23503");
}

Test(apply, the_application_may_add_and_not_change)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    static const char *const forbidden[] = {
        "UPDATE evidence SET raw = ''",
        "DELETE FROM evidence",
        "UPDATE event SET at = now()",
        "DELETE FROM event",
        "DELETE FROM payment",
        "UPDATE attempt SET amount_fen = 1",
        "DELETE FROM attempt",
        "UPDATE payment SET amount_fen = 1",
        "INSERT INTO transition VALUES ('attempt', 'a', 'b', 'c', 'move')",
    };
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, forbidden[i]), "42501", "%s", forbidden[i]);
    }
    DEFER(evidence_free) struct evidence *evidence = statement("as the application");
    db_session_close(&database.session);
    cr_assert_eq(db_session_open(database.app, &database.session), ERR_OK);
    struct payment_change change = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence);
    cr_expect_eq(apply(&change).outcome, PAYMENT_APPLIED);
}
