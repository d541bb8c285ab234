/* SPDX-License-Identifier: Apache-2.0 */
/* A signed day is opened again: once, the days that took it for closed are made again, and no money comes to be counted twice. */
#include "crypto.h"
#include "difference_people.h"

#define NEXT  "2026-11-24"
#define THIRD "2026-11-25"

static const struct difference_unit short_pay = { .code = "SHORT_PAY",
                                                  .attempt_no = ATTEMPT,
                                                  .p_fen = 56000 };

/* What counts for the day, signed; the text that was signed is "x". */
static const char sign_sql[] =
    "SET search_path = tallygate;"
    "INSERT INTO recon_current VALUES ('main', 'trade', '%s', %d) ON CONFLICT DO NOTHING;"
    "INSERT INTO period_signoff VALUES ('main', 'trade', '%s', %d, %d, 'x', sha256('x'), 'finance', now());"
    "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
    " VALUES ('main', 'trade', '%s', %d, %d, 'finance', 'signed', 'checker', now())";

static void
sign(const char *day, int run_id, int signoff)
{
    difference_sql(sign_sql, day, run_id, day, signoff, run_id, day, signoff, run_id);
}

static void
open_house(void)
{
    difference_house_open();
    difference_day(1, 1, &short_pay);
    sign(DAY, 1, 1);
    difference_sql("INSERT INTO tallygate.recon_day (account, kind, bill_day, state, changed_at)"
                   " VALUES ('main', 'trade', '" DAY "', 'done', now()),"
                   " ('main', 'trade', '" NEXT "', 'done', now()),"
                   " ('main', 'trade', '" THIRD "', 'waiting', now())");
    people_open();
}

TestSuite(period_reopen, .init = open_house, .fini = people_close);

static void
put_day(struct db_params *params, const char *actor)
{
    unsigned char digest[SHA256_BYTES];
    CHECK_OK(crypto_sha256(SPAN_LIT("x"), digest));
    db_params_init(params, database.arena);
    db_cstr(params, "main");
    db_cstr(params, "trade");
    db_day(params, (struct day){ 2026, 11, 23 });
    db_bytes(params, span_make(digest, sizeof(digest)));
    db_cstr(params, actor);
    db_time(params, now);
}

static struct span
ask(void)
{
    struct db_params params;
    put_day(&params, MAKER);
    db_cstr(&params, "the bill was wrong");
    return run(STATEMENT_period_reopen, &params);
}

static struct span
open_it(void)
{
    struct db_params params;
    put_day(&params, CHECKER);
    return run(STATEMENT_period_open, &params);
}

static int64_t
days(const char *state)
{
    return difference_count("recon_day WHERE state = '%s'", state);
}

Test(period_reopen, what_held_the_run_is_gone_and_the_signature_stays)
{
    CHECK_TEXT(ask(), "asked");
    cr_expect_str_eq(database_refusal(database.superuser, "DELETE FROM tallygate.recon_current"),
                     "23503");
    CHECK_TEXT(open_it(), "opened");
    CHECK_TEXT(open_it(), "opened");
    cr_expect_eq(
        difference_count("period_decision p JOIN tallygate.period_reopening_end e"
                         " ON e.number = p.number AND e.request = p.reopened_request"
                         " WHERE p.decision = 'signed' AND p.run_id = 1 AND p.signed_run_id IS NULL"
                         " AND p.decided_by = 'checker' AND e.asked_by = '" MAKER
                         "' AND e.ended_by = '" CHECKER "'"),
        1);
    cr_expect_eq(difference_count("difference WHERE state = 'checking' AND delta_fen = -56000"), 1,
                 "what is different stays so");
    cr_expect_eq(difference_count("refund") + difference_count("adjustment"), 0);
    difference_sql("DELETE FROM tallygate.recon_current");
}

/* Two who agree at once: the key of the wish's end lets one through. */
Test(period_reopen, is_opened_once_by_many_at_once)
{
    PGconn *racers[CALLERS];
    int opened = 0;
    CHECK_TEXT(ask(), "asked");
    PGconn *gate = PQconnectdb(database.superuser);
    PQclear(PQexec(gate, "BEGIN; SELECT 1 FROM tallygate.recon_current FOR UPDATE"));
    for (int i = 0; i < CALLERS; i++) {
        racers[i] = PQconnectdb(database.app);
        PQclear(PQexec(racers[i], "SET search_path = tallygate"));
        PQclear(PQprepare(racers[i], "act", (const char *)statement_files[STATEMENT_period_open].at,
                          0, NULL));
        cr_assert_eq(PQsendQuery(racers[i], "EXECUTE act('main', 'trade', '" DAY
                                            "', sha256('x'), 'checker', now())"),
                     1);
    }
    while (database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE "
                                      "wait_event_type = 'Lock' AND datname = current_database()")
           < CALLERS) {
        cr_assert_eq(PQstatus(gate), CONNECTION_OK);
    }
    PQclear(PQexec(gate, "COMMIT"));
    for (int i = 0; i < CALLERS; i++) {
        PGresult *result = PQgetResult(racers[i]);
        cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(racers[i]));
        opened += span_eq_cstr(span_of(PQgetvalue(result, 0, 0)), "opened");
        PQclear(result);
        PQfinish(racers[i]);
    }
    PQfinish(gate);
    cr_expect_eq(opened, 1);
    cr_expect_eq(difference_count("period_reopening_end"), 1);
    CHECK_TEXT(open_it(), "opened");
}

/* What took the day for closed is made again, too; a day that waits for its bill goes on waiting. */
Test(period_reopen, the_day_and_what_took_it_for_closed_are_to_be_made_again)
{
    CHECK_TEXT(ask(), "asked");
    cr_expect_eq(days("stale"), 0);
    CHECK_TEXT(open_it(), "opened");
    cr_expect_eq(days("stale"), 2);
    cr_expect_eq(days("waiting"), 1);
}

Test(period_reopen, a_later_signed_day_stays_as_it_is)
{
    difference_run(2, NEXT, 1);
    sign(NEXT, 2, 1);
    CHECK_TEXT(ask(), "asked");
    CHECK_TEXT(open_it(), "opened");
    cr_expect_eq(days("stale"), 1);
    cr_expect_eq(days("done"), 1);
    cr_expect_eq(difference_count("period_decision WHERE signed_run_id = 2"), 1);
}

/* The next day counts the attempt: as what was carried over, or as what came late. */
static void
counted_by_the_next_day(bool carried)
{
    difference_run(2, NEXT, 1);
    difference_sql("INSERT INTO tallygate.recon_population VALUES (2, '" ATTEMPT
                   "', '', 'portal', 'A-1', 'paid', 56000, NULL, true, %s)",
                   carried ? "true" : "false");
    if (carried) {
        difference_sql("UPDATE tallygate.recon_result SET bucket = 'transit', carry_out = true");
    } else {
        difference_sql("UPDATE tallygate.attempt SET state = 'paid', paid_at = now(),"
                       " refundable_fen = amount_fen, bill_day = '" DAY "', last_answer_at = now()"
                       " WHERE attempt_no = '" ATTEMPT "'");
    }
}

Test(period_reopen, not_while_a_later_signed_day_counts_what_came_late)
{
    counted_by_the_next_day(false);
    sign(NEXT, 2, 1);
    CHECK_TEXT(ask(), "later");
    cr_expect_eq(difference_count("period_reopening"), 0);
}

Test(period_reopen, not_while_a_later_signed_day_counts_what_was_carried_over)
{
    counted_by_the_next_day(true);
    sign(NEXT, 2, 1);
    CHECK_TEXT(ask(), "later");
}

Test(period_reopen, not_when_a_later_day_was_signed_meanwhile)
{
    counted_by_the_next_day(false);
    CHECK_TEXT(ask(), "asked");
    sign(NEXT, 2, 1);
    CHECK_TEXT(open_it(), "later");
    cr_expect_eq(difference_count("period_decision WHERE signed_run_id IS NOT NULL"), 2);
    cr_expect_eq(days("stale"), 0);
    cr_expect_str_eq(
        database_refusal(
            database.app,
            "INSERT INTO tallygate.period_reopening_end (account, kind, bill_day, number, request, asked_by, outcome, ended_by,"
            " ended_at) VALUES ('main', 'trade', '" DAY
            "', 1, 1, 'finance', 'opened', 'checker', now());"
            "UPDATE tallygate.period_decision SET reopened_request = 1 WHERE bill_day = '" DAY "'"),
        "23514", "the database itself");
}

/* Whoever was about to sign what is to be made again comes too late. */
Test(period_reopen, a_day_is_signed_again_after_it_was_made_again)
{
    char sql[1024];
    CHECK_TEXT(ask(), "asked");
    CHECK_TEXT(open_it(), "opened");
    (void)snprintf(sql, sizeof(sql), sign_sql, DAY, 1, DAY, 2, 1, DAY, 2, 1);
    cr_expect_str_eq(database_refusal(database.superuser, sql), "23514");
    difference_sql("UPDATE tallygate.recon_day SET state = 'done', next_at = NULL");
    sign(DAY, 1, 2);
    CHECK_TEXT(ask(), "asked");
    CHECK_TEXT(open_it(), "opened");
    cr_expect_eq(difference_count(
                     "period_decision WHERE decision = 'signed' AND reopened_request IS NOT NULL"),
                 2);
}
