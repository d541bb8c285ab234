/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds: every cell, the reservation under races, two people by the database itself, rights; tests/store has the rest. */
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "refund_store.h"

#define PAYMENT "2603100070000000011"
#define ATTEMPT PAYMENT "01"
#define PAID    56000
#define MAKER   "finance"
#define CHECKER "checker"

static struct database database;

/* One order, paid with 560.00 yuan by one attempt. */
static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    database_sql(&database, "UPDATE attempt SET state = 'paid', paid_at = now(), bill_day = "
                            "date '2026-03-10', refundable_fen = amount_fen");
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(refund, .init = open_database, .fini = close_database);

static const struct wall_time now = { .us = INT64_C(1773108001000000) };

static struct evidence *
said(const char *raw)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_QUERY,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("SUCCESS"),
        .refund_no = SPAN_LIT(ATTEMPT "R01"),
        .raw = span_of(raw),
    };
    struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    return evidence;
}

/* The outcome; a refund that was made is `refund_no`. */
static struct span
create(int64_t fen, const char *actor, struct span *refund_no)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct span outcome;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, ATTEMPT);
    db_cstr(&params, "portal");
    db_i64(&params, fen);
    db_cstr(&params, "order withdrawn");
    db_cstr(&params, actor);
    db_time(&params, now);
    db_null(&params);
    enum err err = db_session_run(database.session, STATEMENT_refund_create, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, "outcome"), &outcome));
    CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, "refund_no"), refund_no));
    db_rows_free(&rows);
    return outcome;
}

static struct span
made(int64_t fen)
{
    struct span refund_no;
    CHECK_TEXT(create(fen, MAKER, &refund_no), "created");
    return refund_no;
}

static struct refund_change
change_of(struct span refund_no, enum refund_event event, const struct evidence *evidence)
{
    bool by_a_person = event == REFUND_CONFIRM || event == REFUND_APPROVE || event == REFUND_REJECT
                       || event == REFUND_WITHDRAW;
    return (struct refund_change){
        .slot = 7,
        .refund_no = refund_no,
        .event = event,
        .actor = by_a_person ? SPAN_LIT(CHECKER) : SPAN_LIT(""),
        .version = REFUND_ANY_VERSION,
        .evidence = evidence,
        .mismatch = event == REFUND_MISMATCH ? "amount" : NULL,
        .now = now,
        .reason = event == REFUND_WITHDRAW ? SPAN_LIT("wrong order") : SPAN_LIT(""),
    };
}

static struct refund_change_result
apply(const struct refund_change *change)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct refund_change_result result = { .outcome = REFUND_OUTCOME_NONE };
    db_params_init(&params, database.arena);
    refund_apply_params(&params, change);
    enum err err = db_session_run(database.session, STATEMENT_refund_apply, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    CHECK_OK(refund_apply_row(rows, &result));
    db_rows_free(&rows);
    return result;
}

static enum refund_state
step(struct span refund_no, enum refund_event event, const char *raw)
{
    DEFER(evidence_free) struct evidence *evidence = raw == NULL ? NULL : said(raw);
    struct refund_change change = change_of(refund_no, event, evidence);
    struct refund_change_result result = apply(&change);
    cr_assert_eq(result.outcome, REFUND_APPLIED, "%s", refund_event_code(event));
    return result.state;
}

static int64_t
reserved(void)
{
    return database_number(&database, "SELECT refund_reserved_fen FROM attempt");
}

static int64_t
count(const char *what)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", what);
    return database_number(&database, sql);
}

/* Puts the refund straight into a state, as only a superuser can. */
static void
force(enum refund_state state)
{
    char sql[1024];
    const char *code = refund_state_code(state);
    (void)snprintf(
        sql, sizeof(sql),
        "WITH s AS (SELECT '%s'::text AS state) UPDATE refund r SET state = s.state, cause = "
        "'late', requested_by = CASE WHEN s.state <> 'proposed' THEN '" MAKER "' END, "
        "approved_by = CASE WHEN s.state NOT IN ('proposed', 'requested', 'rejected') THEN "
        "'other' END, rejected_by = CASE WHEN s.state = 'rejected' THEN 'other' END, moved_fen = "
        "CASE WHEN s.state = 'succeeded' THEN amount_fen END, succeeded_at = NULL, withdrawn_by = CASE "
        "WHEN s.state = 'withdrawn' THEN 'other' END, withdrawn_reason = CASE WHEN s.state = "
        "'withdrawn' THEN 'x' END, send_count = (s.state NOT IN ('approved', 'withdrawn'))::integer, "
        "first_sent_at = CASE WHEN s.state NOT IN ('approved', 'withdrawn') THEN now() END FROM s; "
        "UPDATE attempt SET refund_reserved_fen = 100, refunded_fen "
        "= 0",
        code);
    database_sql(&database, sql);
}

Test(refund, every_cell_of_the_machine_is_what_the_table_says)
{
    struct span refund_no = made(100);
    int cell = 0;
    for (int s = REFUND_PROPOSED; s < REFUND_STATE_COUNT; s++) {
        for (int e = REFUND_PROPOSE; e < REFUND_EVENT_COUNT; e++) {
            char raw[32];
            struct refund_edge edge;
            enum refund_state from = (enum refund_state)s;
            enum refund_event event = (enum refund_event)e;
            (void)snprintf(raw, sizeof(raw), "cell %d", cell++);
            DEFER(evidence_free) struct evidence *evidence = said(raw);
            bool allowed = refund_next(from, event, &edge) == ERR_OK;
            force(from);
            struct refund_change change =
                change_of(refund_no, event, refund_event_needs_evidence(event) ? evidence : NULL);
            struct refund_change_result result = apply(&change);
            cr_expect_eq(result.outcome, allowed ? REFUND_APPLIED : REFUND_REFUSED, "%s %s",
                         refund_state_code(from), refund_event_code(event));
            cr_expect_eq(result.state, allowed ? edge.to : from, "%s %s", refund_state_code(from),
                         refund_event_code(event));
            cr_expect_eq(result.effect, allowed ? edge.effect : ATTEMPT_REFUSE, "%s %s",
                         refund_state_code(from), refund_event_code(event));
        }
    }
    cr_expect_gt(cell, 100);
}

Test(refund, what_was_not_paid_cannot_be_given_back)
{
    struct span refund_no;
    database_sql(&database, "UPDATE attempt SET state = 'pending', paid_at = NULL, bill_day = "
                            "NULL, refundable_fen = 0");
    CHECK_TEXT(create(1, MAKER, &refund_no), "payment_state");
    database_sql(&database, "UPDATE attempt SET refundable_fen = 56000, refund_count = 50");
    CHECK_TEXT(create(1, MAKER, &refund_no), "refund_limit");
    database_sql(&database, "UPDATE payment SET owner = owner; DELETE FROM attempt");
    CHECK_TEXT(create(1, MAKER, &refund_no), "attempt_unknown");
    cr_expect_eq(count("refund"), 0);
}

#define RACERS 8

/* Eight connections ask for a third each at the same moment: two get it, and the sum says so. */
Test(refund, callers_at_the_same_time_cannot_reserve_more_than_there_is)
{
    char sql[512];
    PGconn *racers[RACERS];
    int created = 0;
    const char *text = (const char *)statement_files[STATEMENT_refund_create].at;
    PGconn *gate = PQconnectdb(database.superuser);
    PQclear(PQexec(gate, "BEGIN; SELECT 1 FROM tallygate.attempt FOR UPDATE"));
    (void)snprintf(sql, sizeof(sql),
                   "EXECUTE make(7, '%s', 'portal', %d, '', 'finance', now(), NULL)", ATTEMPT,
                   PAID / 3);
    for (int i = 0; i < RACERS; i++) {
        racers[i] = PQconnectdb(database.app);
        PQclear(PQexec(racers[i], "SET search_path = tallygate"));
        PQclear(PQprepare(racers[i], "make", text, 0, NULL));
        cr_assert_eq(PQsendQuery(racers[i], sql), 1);
    }
    while (database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE "
                                      "wait_event_type = 'Lock' AND datname = current_database()")
           < RACERS) {
        cr_assert_eq(PQstatus(gate), CONNECTION_OK);
    }
    PQclear(PQexec(gate, "COMMIT"));
    for (int i = 0; i < RACERS; i++) {
        PGresult *result = PQgetResult(racers[i]);
        cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(racers[i]));
        created += strcmp(PQgetvalue(result, 0, 0), "created") == 0;
        PQclear(result);
        PQfinish(racers[i]);
    }
    PQfinish(gate);
    cr_expect_eq(created, 3);
    cr_expect_eq(count("refund"), 3);
    cr_expect_eq(reserved(), PAID / 3 * 3);
    cr_expect_eq(count("event WHERE machine = 'refund'"), 3);
    cr_expect_eq(database_number(&database, "SELECT version FROM payment"), 3);
}

Test(refund, what_was_approved_can_be_taken_back_by_either_until_it_is_sent)
{
    struct span by_checker = made(100);
    struct span by_maker = made(200);
    struct span sent = made(300);
    (void)step(by_checker, REFUND_APPROVE, NULL);
    (void)step(by_maker, REFUND_APPROVE, NULL);
    (void)step(sent, REFUND_APPROVE, NULL);
    cr_expect_eq(step(by_checker, REFUND_WITHDRAW, NULL), REFUND_WITHDRAWN);
    cr_expect_eq(reserved(), 500);
    struct refund_change change = change_of(by_maker, REFUND_WITHDRAW, NULL);
    change.actor = SPAN_LIT(MAKER);
    cr_expect_eq(apply(&change).outcome, REFUND_APPLIED);
    cr_expect_eq(reserved(), 300);
    cr_expect_eq(count("refund WHERE state = 'withdrawn' AND approved_by = '" CHECKER
                       "' AND withdrawn_reason = 'wrong order' AND next_poll_at IS NULL"),
                 2);
    cr_expect_eq(count("refund WHERE withdrawn_by = '" MAKER "'"), 1);
    cr_expect_eq(count("outbox WHERE kind = 'refund.withdrawn'"), 2);
    (void)step(sent, REFUND_SEND, NULL);
    change = change_of(sent, REFUND_WITHDRAW, NULL);
    cr_expect_eq(apply(&change).outcome, REFUND_REFUSED);
    (void)step(sent, REFUND_NO_ANSWER, NULL);
    cr_expect_eq(apply(&change).outcome, REFUND_REFUSED);
    cr_expect_eq(reserved(), 300);
    /* And were the statement wrong, the database itself refuses: */
    cr_expect_str_eq(database_refusal(database.app,
                                      "UPDATE refund SET state = 'withdrawn', withdrawn_by = 'x', "
                                      "withdrawn_reason = 'x' WHERE state = 'unknown'"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.app, "UPDATE refund SET withdrawn_reason = NULL"),
                     "23514");
}

/* The statement as a text for PQsendQuery: no evidence, any version. */
static void
prepare_apply(PGconn *conn, const char *name, const char *event, int64_t version, char *sql,
              size_t sql_bytes)
{
    PQclear(PQexec(conn, "SET search_path = tallygate"));
    PQclear(
        PQprepare(conn, name, (const char *)statement_files[STATEMENT_refund_apply].at, 0, NULL));
    (void)snprintf(sql, sql_bytes,
                   "EXECUTE %s(7, '" ATTEMPT "R01', '%s', %s, %lld, NULL, NULL, NULL, NULL, NULL, "
                   "NULL, NULL, NULL, NULL, NULL, NULL, NULL, now(), %s, NULL)",
                   name, event, event[0] == 'w' ? "'" CHECKER "'" : "NULL", (long long)version,
                   event[0] == 'w' ? "'wrong order'" : "NULL");
}

static int64_t
waiting_for_locks(void)
{
    return database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE "
                                      "wait_event_type = 'Lock' AND datname = current_database()");
}

/* Both wait for the row's lock, in this order; when it is free, the first in the queue wins. */
static void
race(const char *first, const char *second)
{
    const char *const events[] = { first, second };
    PGconn *racers[2];
    char outcomes[2][32];
    int64_t version = database_number(&database, "SELECT version FROM refund");
    PGconn *gate = PQconnectdb(database.superuser);
    PQclear(PQexec(gate, "BEGIN; SELECT 1 FROM tallygate.refund FOR UPDATE"));
    for (int i = 0; i < 2; i++) {
        char sql[512];
        racers[i] = PQconnectdb(database.app);
        prepare_apply(racers[i], "race", events[i], version, sql, sizeof(sql));
        cr_assert_eq(PQsendQuery(racers[i], sql), 1);
        while (waiting_for_locks() <= i) {
            cr_assert_eq(PQstatus(gate), CONNECTION_OK);
            cr_assert_eq(PQconsumeInput(racers[i]), 1);
            cr_assert(PQisBusy(racers[i]), "it failed before it came to the lock");
        }
    }
    PQclear(PQexec(gate, "COMMIT"));
    for (int i = 0; i < 2; i++) {
        PGresult *result = PQgetResult(racers[i]);
        cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(racers[i]));
        (void)snprintf(outcomes[i], sizeof(outcomes[i]), "%s", PQgetvalue(result, 0, 0));
        PQclear(result);
        PQfinish(racers[i]);
    }
    PQfinish(gate);
    cr_expect_str_eq(outcomes[0], "applied");
    cr_expect_str_eq(outcomes[1], "lost_race");
}

Test(refund, whoever_takes_it_back_and_whoever_sends_it_cannot_both_win)
{
    struct span refund_no = made(100);
    (void)step(refund_no, REFUND_APPROVE, NULL);
    race("withdraw", "send");
    cr_expect_eq(count("refund WHERE state = 'withdrawn' AND send_count = 0"), 1);
    cr_expect_eq(reserved(), 0);
    cr_expect_eq(count("event WHERE event IN ('send', 'withdraw')"), 1);
}

Test(refund, whoever_sends_it_first_is_not_overtaken_by_whoever_takes_it_back)
{
    struct span refund_no = made(100);
    (void)step(refund_no, REFUND_APPROVE, NULL);
    race("send", "withdraw");
    cr_expect_eq(count("refund WHERE state = 'sent' AND withdrawn_by IS NULL"), 1);
    cr_expect_eq(reserved(), 100);
    cr_expect_eq(count("event WHERE event IN ('send', 'withdraw')"), 1);
}

Test(refund, whoever_asked_for_it_may_not_approve_it)
{
    struct span refund_no = made(100);
    struct refund_change change = change_of(refund_no, REFUND_APPROVE, NULL);
    change.actor = SPAN_LIT(MAKER);
    struct refund_change_result result = apply(&change);
    cr_expect_eq(result.outcome, REFUND_SAME_PERSON);
    cr_expect_eq(result.state, REFUND_REQUESTED);
    CHECK_ERR(refund_outcome_err(result.outcome), ERR_REFUND_SAME_PERSON);
    /* And were the statement wrong, the database itself refuses: */
    cr_expect_str_eq(database_refusal(database.app, "UPDATE refund SET state = 'approved', "
                                                    "approved_by = '" MAKER "'"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.app, "UPDATE refund SET state = 'approved'"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.app, "UPDATE refund SET state = 'approved', "
                                                    "approved_by = 'policy:limit'"),
                     "23514", "a policy approves what a person asked for");
    cr_expect_str_eq(database_refusal(database.app,
                                      "UPDATE refund SET state = 'approved', requested_by = "
                                      "'policy:late', approved_by = 'policy:limit'"),
                     "23514", "a policy for money that is not late");
    cr_expect_eq(count("refund WHERE approved_by IS NOT NULL"), 0);
}

Test(refund, one_refund_of_a_payment_is_under_way_at_a_time)
{
    struct span first = made(100);
    struct span second = made(100);
    (void)step(first, REFUND_APPROVE, NULL);
    (void)step(second, REFUND_APPROVE, NULL);
    (void)step(first, REFUND_SEND, NULL);
    struct db_params params;
    struct db_rows *rows = NULL;
    struct refund_change change = change_of(second, REFUND_SEND, NULL);
    db_params_init(&params, database.arena);
    refund_apply_params(&params, &change);
    CHECK_ERR(db_session_run(database.session, STATEMENT_refund_apply, &params, &rows),
              ERR_DB_CONSTRAINT);
    cr_expect_eq(count("event WHERE event = 'send'"), 1);
    (void)step(first, REFUND_ACCEPT, "accepted");
    cr_expect_eq(step(second, REFUND_SEND, NULL), REFUND_SENT);
}

Test(refund, the_database_refuses_events_without_what_must_stand_behind_them)
{
    struct span refund_no = made(100);
    (void)step(refund_no, REFUND_APPROVE, NULL);
#define EVENT_OF(machine, from, event, to, refund, actor)                                         \
    "INSERT INTO event (slot, payment_no, seq, attempt_no, refund_no, machine, from_state, "      \
    "event, to_state, effect, actor, at, hash) VALUES (7, '" PAYMENT "', 9, '" ATTEMPT            \
    "', " refund ", '" machine "', '" from "', '" event "', '" to "', 'move', " actor ", now(), " \
    "sha256('x'))"
#define OURS "'" ATTEMPT "R01'"
    static const struct {
        const char *sql;
        const char *state;
    } rows[] = {
        { EVENT_OF("refund", "sent", "succeed", "succeeded", OURS, "NULL"), "23514" },
        { EVENT_OF("refund", "sent", "fail", "failed", OURS, "NULL"), "23514" },
        { EVENT_OF("refund", "approved", "send", "sent", "NULL", "NULL"), "23514" },
        { EVENT_OF("refund", "requested", "reject", "rejected", OURS, "NULL"), "23514" },
        { EVENT_OF("refund", "approved", "withdraw", "withdrawn", OURS, "NULL"), "23514" },
        { EVENT_OF("refund", "sent", "withdraw", "withdrawn", OURS, "'x'"), "23503" },
        { EVENT_OF("refund", "requested", "send", "sent", OURS, "NULL"), "23503" },
        { EVENT_OF("refund", "approved", "send", "sent", "'" ATTEMPT "R02'", "NULL"), "23503" },
        { EVENT_OF("attempt", "created", "sent", "pending", OURS, "NULL"), "23514" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_str_eq(database_refusal(database.superuser, rows[i].sql), rows[i].state, "%s",
                         rows[i].sql);
    }
}

Test(refund, the_application_may_move_a_refund_and_not_rewrite_it)
{
    (void)made(100);
    static const char *const forbidden[] = {
        "UPDATE refund SET amount_fen = 1",
        "UPDATE refund SET attempt_no = attempt_no",
        "UPDATE refund SET refund_no = refund_no",
        "UPDATE refund SET cause = 'late'",
        "DELETE FROM refund",
        "UPDATE surplus SET amount_fen = 1",
        "DELETE FROM surplus",
        "UPDATE evidence SET refund_no = NULL",
    };
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        cr_expect_str_eq(database_refusal(database.app, forbidden[i]), "42501", "%s", forbidden[i]);
    }
    cr_expect_str_eq(
        database_refusal(database.app, "UPDATE attempt SET refund_reserved_fen = 56001"), "23514");
    db_session_close(&database.session);
    CHECK_OK(db_session_open(database.app, &database.session));
    struct span refund_no = made(100);
    (void)step(refund_no, REFUND_APPROVE, NULL);
    (void)step(refund_no, REFUND_SEND, NULL);
    cr_expect_eq(step(refund_no, REFUND_SUCCEED, "as the application"), REFUND_SUCCEEDED);
}
