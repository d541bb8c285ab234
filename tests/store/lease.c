/* SPDX-License-Identifier: Apache-2.0 */
/* The lease of asking a provider, held by two askers on connections of their own. */
#include <criterion/criterion.h>

#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"

#define A      "2603100070000000011"
#define NOW_US INT64_C(1773108000000000)

static struct database database;
static struct db_session *early;
static struct db_session *late;

static void
open_house(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 1);
    cr_assert_eq(db_session_open(database.app, &early), ERR_OK);
    cr_assert_eq(db_session_open(database.app, &late), ERR_OK);
}

static void
close_house(void)
{
    db_session_close(&early);
    db_session_close(&late);
    database_close(&database);
}

TestSuite(lease, .init = open_house, .fini = close_house);

static struct wall_time
second(int64_t s)
{
    return (struct wall_time){ .us = NOW_US + s * 1000000 };
}

static size_t
touched(struct db_session *session, enum statement statement, const struct db_params *params)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    enum err err = db_session_run(session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(session));
    return db_rows_affected(rows);
}

static size_t
claim_as(struct db_session *session, int64_t now_s, int64_t until_s, bool query)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, A "01");
    db_time(&params, second(now_s));
    db_time(&params, second(until_s));
    db_bool(&params, query);
    return touched(session, STATEMENT_attempt_claim_query, &params);
}

static size_t
claim(struct db_session *session, int64_t now_s, int64_t until_s)
{
    return claim_as(session, now_s, until_s, true);
}

static bool
release_with(struct db_session *session, int64_t until_s, struct wall_time answered, bool asked,
             const char *trouble)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, A "01");
    db_time(&params, second(until_s));
    db_time(&params, answered);
    db_bool(&params, asked);
    db_cstr(&params, trouble);
    cr_expect_eq(touched(session, STATEMENT_attempt_release_query, &params), 1);
    return database_count(&database, "attempt", "query_lease_until", NULL) == 1;
}

/* Whether the attempt is leased to nobody afterwards. */
static bool
release(struct db_session *session, int64_t until_s, bool asked, const char *trouble)
{
    return release_with(session, until_s, (struct wall_time){ .us = 0 }, asked, trouble);
}

static bool
release_answered(struct db_session *session, int64_t until_s)
{
    return release_with(session, until_s, second(until_s - 1), true, NULL);
}

Test(lease, a_late_release_leaves_the_next_holder_alone)
{
    cr_expect_eq(claim(early, 0, 12), 1);
    cr_expect_eq(claim(late, 11, 23), 0, "it is still held");
    cr_expect_eq(claim(late, 12, 24), 1, "its time is over");
    cr_expect_not(release(early, 12, true, NULL));
    cr_expect_eq(claim(early, 13, 25), 0, "it is held by the other");
    cr_expect(release(late, 24, true, NULL));
    cr_expect_eq(claim(early, 13, 25), 1);
}

/* Who waits for somebody else's query sees it end, and how; no clock has a part in it. */
Test(lease, each_query_that_ended_is_counted_with_its_trouble)
{
    cr_expect_eq(claim(early, 0, 12), 1);
    cr_expect(release(early, 12, true, "provider_no_answer"));
    cr_expect_eq(database_value(&database, "attempt", "query_count"), 1);
    cr_expect_eq(database_count(&database, "attempt", "query_trouble", "provider_no_answer"), 1);
    cr_expect_eq(claim(late, 1, 13), 1);
    cr_expect(release(late, 13, false, "refresh_budget"), "nobody was asked");
    cr_expect_eq(database_value(&database, "attempt", "query_count"), 1);
    cr_expect_eq(database_count(&database, "attempt", "query_trouble", NULL), 0,
                 "what was so is still so");
    cr_expect_eq(claim(late, 2, 14), 1);
    cr_expect(release(late, 14, true, NULL));
    cr_expect_eq(database_value(&database, "attempt", "query_count"), 2);
    cr_expect_eq(database_count(&database, "attempt", "query_trouble", NULL), 1);
}

static void
apply(enum attempt_event event, const char *raw)
{
    struct evidence_claim claim = {
        .source = event == ATTEMPT_NOTICED ? EVIDENCE_CALLBACK : EVIDENCE_QUERY,
        .verdict = event == ATTEMPT_UNPAID_FINAL ? EVIDENCE_UNPAID_FINAL : EVIDENCE_UNPAID,
        .raw = span_of(raw),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    if (event != ATTEMPT_SENT && event != ATTEMPT_NO_ANSWER) {
        cr_assert_eq(evidence_seal(&claim, &evidence), ERR_OK);
    }
    struct payment_change change = { .slot = 7,
                                     .attempt_no = SPAN_LIT(A "01"),
                                     .event = event,
                                     .evidence = evidence,
                                     .now = second(0) };
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct payment_change_result result = { 0 };
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    enum err err = db_session_run(early, STATEMENT_payment_apply, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(early));
    cr_assert_eq(payment_apply_row(rows, 0, &result), ERR_OK);
    cr_assert_eq(result.outcome, PAYMENT_APPLIED);
}

static int64_t
noticed(const char *notice)
{
    return database_count(&database, "attempt", "notice", notice);
}

static bool
on_schedule(void)
{
    return database_count(&database, "attempt", "next_poll_at", NULL) == 0;
}

/* Money that came after the close is told by a notice alone: it is asked about until there is an answer. */
Test(lease, a_notice_keeps_a_closed_attempt_on_the_schedule_until_it_is_answered)
{
    apply(ATTEMPT_SENT, NULL);
    apply(ATTEMPT_UNPAID_FINAL, "not paid, and closed");
    cr_expect_not(on_schedule(), "nothing is left to ask");
    apply(ATTEMPT_NOTICED, "paid, says the notice");
    cr_expect_eq(noticed("heard"), 1);
    cr_expect(on_schedule());
    cr_expect_eq(claim(early, 0, 12), 1);
    cr_expect(release(early, 12, true, "provider_no_answer"));
    cr_expect_eq(noticed(NULL), 0, "no answer came");
    cr_expect_eq(claim(early, 13, 25), 1);
    cr_expect(release_answered(early, 25));
    cr_expect_eq(noticed(NULL), 1);
    cr_expect_not(on_schedule());
}

/* What was asked before the notice came says nothing about it, also when it closes the attempt. */
Test(lease, an_answer_from_before_the_notice_does_not_settle_it)
{
    apply(ATTEMPT_SENT, NULL);
    cr_expect_eq(claim(early, 0, 12), 1);
    apply(ATTEMPT_NOTICED, "paid, says the notice");
    apply(ATTEMPT_UNPAID_FINAL, "not paid, said before");
    cr_expect(release_answered(early, 12));
    cr_expect_eq(noticed("heard"), 1);
    cr_expect(on_schedule());
    cr_expect_eq(claim_as(late, 13, 25, false), 1, "a close asks about nothing");
    cr_expect(release_answered(late, 25));
    cr_expect_eq(noticed("heard"), 1);
    cr_expect_eq(claim(late, 26, 38), 1);
    cr_expect_eq(noticed("asked"), 1);
    cr_expect(release_answered(late, 38));
    cr_expect_eq(noticed(NULL), 1);
    cr_expect_not(on_schedule());
}

/* A lease that ran out belongs to the next asker, and so does the notice. */
Test(lease, a_late_release_does_not_settle_the_notice_that_another_asks_about)
{
    apply(ATTEMPT_SENT, NULL);
    apply(ATTEMPT_NOTICED, "paid, says the notice");
    cr_expect_eq(claim(early, 0, 12), 1);
    cr_expect_eq(claim(late, 12, 24), 1);
    cr_expect_not(release_answered(early, 12));
    cr_expect_eq(noticed("asked"), 1);
    cr_expect(release_answered(late, 24));
    cr_expect_eq(noticed(NULL), 1);
}
