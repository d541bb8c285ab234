/* SPDX-License-Identifier: Apache-2.0 */
/* What the provider is asked about differences, how often, and what its answers do to them. */
#include "difference_people.h"
#include "difference_refund.h"
#include "difference_trail.h"

static void
open_house(void)
{
    difference_house_open();
    cr_assert_eq(db_session_open(database.app, &app), ERR_OK);
}

TestSuite(difference_ask, .init = open_house, .fini = people_close);

static const struct difference_unit short_pay = { .code = "SHORT_PAY",
                                                  .attempt_no = ATTEMPT,
                                                  .p_fen = 56000 };
static const struct difference_unit late_success = {
    .code = "ST_LATE_SUCCESS", .attempt_no = ATTEMPT, .merchant_order_no = ATTEMPT, .b_fen = 56000
};

/* The rows are those of `rows`. */
static size_t
claim_by(struct db_session *session, int64_t later_ms)
{
    struct db_params params;
    db_rows_free(&rows);
    db_params_init(&params, database.arena);
    db_time(&params, wall_add_ms(clock_wall(), later_ms));
    db_cstr(&params, "{300,3600}");
    db_i64(&params, 50);
    enum err err = db_session_run(session, STATEMENT_difference_ask_claim, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(session));
    return db_rows_count(rows);
}

static size_t
claim(int64_t later_ms)
{
    return claim_by(app, later_ms);
}

/* Keeps the evidence of these raw bytes with the difference `number`, as the chores do; `refund_no` is empty for one about the attempt. */
static struct span
keep_about(int64_t run_id, const char *refund_no, const char *raw)
{
    struct db_params params;
    unsigned char digest[SHA256_BYTES];
    CHECK_OK(crypto_sha256(span_of(raw), digest));
    db_rows_free(&rows);
    db_params_init(&params, database.arena);
    db_cstr(&params, number);
    db_i64(&params, run_id);
    db_i64(&params, 7);
    db_cstr(&params, ATTEMPT);
    db_cstr(&params, refund_no);
    db_bytes(&params, span_make(digest, sizeof(digest)));
    db_time(&params, clock_wall());
    enum err err = db_session_run(app, STATEMENT_difference_answer, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(app));
    cr_assert_eq(db_rows_count(rows), 1);
    return db_row_text(rows, 0, "event");
}

static struct span
keep(int64_t run_id, const char *raw)
{
    return keep_about(run_id, "", raw);
}

/* Takes the only difference that is due. */
static void
take(int64_t run_id)
{
    cr_assert_eq(claim(0), 1);
    cr_expect_eq(db_row_i64(rows, 0, "run_id"), run_id);
    CHECK_TEXT(db_row_text(rows, 0, "attempt_no"), ATTEMPT);
    struct span no = db_row_text(rows, 0, "difference_no");
    cr_assert_eq(no.len, 32);
    memcpy(number, no.at, no.len);
}

/* Asks about it, and the provider says so. */
static void
ask(int64_t run_id, enum attempt_event event, enum evidence_verdict verdict, const char *outcome,
    bool news)
{
    take(run_id);
    difference_provider_says(event, verdict);
    CHECK_TEXT(keep(run_id, attempt_event_code(event)), outcome);
    cr_expect_eq(db_row_bool(rows, 0, "news"), news);
}

static int64_t
make_stale(void)
{
    struct db_params params;
    db_rows_free(&rows);
    db_params_init(&params, database.arena);
    db_time(&params, clock_wall());
    CHECK_OK(db_session_run(app, STATEMENT_difference_day_stale, &params, &rows));
    return db_row_i64(rows, 0, "days");
}

static void
day_is_done(void)
{
    difference_sql("INSERT INTO tallygate.recon_day (account, kind, bill_day, state, changed_at)"
                   " VALUES ('main', 'trade', '" DAY "', 'done', now())");
}

/* The books as the run saw them. */
static void
run_saw(const char *state)
{
    difference_sql("UPDATE tallygate.recon_population SET state = '%s'", state);
}

Test(difference_ask, once_for_each_run_that_shows_it_and_then_by_the_schedule)
{
    difference_day(1, 1, &short_pay);
    cr_expect_eq(claim(0), 1);
    cr_expect_eq(claim(0), 0);
    cr_expect_eq(claim(4 * MINUTE_MS), 0);
    cr_expect_eq(claim(6 * MINUTE_MS), 1, "after five minutes");
    cr_expect_eq(claim(60 * MINUTE_MS), 0);
    cr_expect_eq(claim(67 * MINUTE_MS), 1, "after an hour");
    cr_expect_eq(claim(120 * MINUTE_MS), 0);
    cr_expect_eq(claim(128 * MINUTE_MS), 1, "and after each further hour");
    difference_day(2, 2, &short_pay);
    cr_expect_eq(claim(0), 1, "another run shows it");
    cr_expect_eq(claim(0), 0);
}

/* The other node found it due before this one took it: the lock lets one through. */
Test(difference_ask, one_node_asks)
{
    difference_day(1, 1, &short_pay);
    cr_expect_eq(claim(0), 1);
    CHECK_OK(db_session_begin(app, false));
    cr_expect_eq(claim_by(app, 6 * MINUTE_MS), 1);
    CHECK_OK(db_session_commit(app));
    cr_expect_eq(claim_by(database.session, 6 * MINUTE_MS), 0);
}

/* A paid order that no attempt of ours is of; a line that only the bill has. */
Test(difference_ask, what_nobody_can_be_asked_about_begins_as_open)
{
    difference_day(1, 1, &(struct difference_unit){ .code = "ORD_PAID_NO_MONEY" });
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND action = 'query'"), 1);
    cr_expect_eq(claim(0), 0);
}

Test(difference_ask, a_word_that_changes_nothing_upholds_it_for_people)
{
    difference_provider_says(ATTEMPT_EVENT_PAID, EVIDENCE_PAID);
    difference_day(1, 1, &short_pay);
    take(1);
    CHECK_TEXT(keep(1, "paid"), "uphold");
    cr_expect_not(db_row_bool(rows, 0, "news"));
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND delta_fen = -56000"), 1);
    cr_expect_eq(difference_count(
                     "difference_event v JOIN tallygate.evidence e ON e.digest = v.evidence_digest"
                     " AND e.attempt_no = v.evidence_attempt_no WHERE v.event = 'uphold'"
                     " AND v.actor = 'query:" ATTEMPT "' AND e.raw = 'paid'"),
                 1);
    cr_expect_eq(claim(600 * MINUTE_MS), 0, "nobody asks any more");
    CHECK_TEXT(keep(1, "paid"), "");
    cr_expect_eq(make_stale(), 0);
}

/* Vector 2: the bill has it, we did not; the provider says paid, and the next run agrees. */
Test(difference_ask, where_the_books_follow_it_waits_for_the_next_run_and_is_healed_by_it)
{
    day_is_done();
    difference_day(1, 1, &late_success);
    run_saw("created");
    cr_expect_eq(make_stale(), 0);
    ask(1, ATTEMPT_EVENT_PAID, EVIDENCE_PAID, "answer", true);
    cr_expect_eq(difference_count("difference WHERE state = 'checking' AND delta_fen = 56000"), 1);
    cr_expect_eq(make_stale(), 1);
    cr_expect_eq(difference_count("recon_day WHERE state = 'stale' AND next_at IS NOT NULL"), 1);
    cr_expect_eq(make_stale(), 0, "once");
    difference_day(2, 2, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'auto_closed'"), 1);
    cr_expect_eq(difference_count(
                     "difference_event WHERE event = 'heal' AND evidence_digest = sha256('paid')"),
                 1);
    cr_expect_eq(difference_count("attempt WHERE amount_fen = 56000 AND refunded_fen = 0"), 2);
}

/* Vector 6: our success, which the provider denies. */
Test(difference_ask, a_success_that_the_provider_denies_is_for_people_and_its_day_is_made_again)
{
    day_is_done();
    pay();
    difference_day(1, 1, &short_pay);
    ask(1, ATTEMPT_UNPAID_FINAL, EVIDENCE_UNPAID_FINAL, "uphold", true);
    cr_expect_eq(difference_count("difference WHERE state = 'open'"), 1);
    cr_expect_eq(difference_count("attempt WHERE state = 'paid' AND amount_fen = 56000"), 1);
    cr_expect_eq(make_stale(), 1);
    difference_day(2, 2,
                   &(struct difference_unit){
                       .code = "ST_FALSE_SUCCESS", .attempt_no = ATTEMPT, .p_fen = 56000 });
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND code = 'ST_FALSE_SUCCESS'"
                                  " AND action = 'propose'"),
                 1);
}

Test(difference_ask, a_day_is_made_again_when_all_of_it_were_asked_about_and_none_that_is_signed)
{
    day_is_done();
    pay();
    difference_run(1, DAY, 1);
    difference_result(1, 1, &short_pay);
    difference_result(1, 2,
                      &(struct difference_unit){
                          .code = "SHORT_PAY", .attempt_no = PAYMENT "02", .p_fen = 56000 });
    difference_publish(1);
    difference_sql("INSERT INTO tallygate.difference_ask SELECT difference_no, 1, 1, now(), true"
                   " FROM tallygate.difference WHERE attempt_no = '" ATTEMPT "'");
    cr_expect_eq(make_stale(), 0, "the other one was not asked about");
    cr_expect_eq(claim(-MINUTE_MS), 1);
    difference_sql(
        "INSERT INTO tallygate.recon_current VALUES ('main', 'trade', '" DAY "', 1);"
        "INSERT INTO tallygate.period_signoff VALUES ('main', 'trade', '" DAY
        "', 1, 1, 'x', sha256('x'), 'finance', now());"
        "INSERT INTO tallygate.period_decision (account, kind, bill_day, number, run_id,"
        " prepared_by, decision, decided_by, decided_at) SELECT account, kind, bill_day, number, run_id,"
        " prepared_by, 'signed', 'checker', now() FROM tallygate.period_signoff");
    cr_expect_eq(make_stale(), 0);
    cr_expect_eq(difference_count("recon_day WHERE state = 'done'"), 1);
    cr_expect_eq(difference_count("difference_ask WHERE news"), 0, "a signed day stays as it is");
}

static void
no_fault(void *context, enum audit_fault fault, const struct audit_place *place)
{
    (void)context;
    (void)place;
    cr_expect_fail("%d", fault);
}

Test(difference_ask, whoever_took_it_meanwhile_keeps_it_and_the_answer)
{
    struct difference_trail_counts counts = { 0 };
    difference_day(1, 1, &late_success);
    run_saw("created");
    take(1);
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    difference_provider_says(ATTEMPT_EVENT_PAID, EVIDENCE_PAID);
    CHECK_TEXT(keep(1, "paid"), "answer");
    cr_expect_eq(difference_count("difference WHERE state = 'assigned' AND assignee = '" MAKER "'"),
                 1);
    CHECK_OK(difference_trail_verify(database.session, NULL, no_fault, NULL, &counts));
    cr_expect_eq(counts.events, 3);
}

/* What is due names the refund, and the refund can be taken to be asked about, whether or not it has ended; by nobody else meanwhile. */
static void
take_refund(int64_t run_id)
{
    take(run_id);
    CHECK_TEXT(db_row_text(rows, 0, "refund_no"), REFUND);
    cr_expect_eq(db_row_i64(rows, 0, "slot"), 7);
    for (size_t want = 1; want != SIZE_MAX; want--) {
        struct db_params params;
        db_rows_free(&rows);
        db_params_init(&params, database.arena);
        db_i64(&params, 7);
        db_cstr(&params, REFUND);
        db_time(&params, clock_wall());
        db_time(&params, wall_add_ms(clock_wall(), MINUTE_MS));
        db_bool(&params, true);
        CHECK_OK(db_session_run(app, STATEMENT_refund_take, &params, &rows));
        cr_expect_eq(db_rows_count(rows), want);
    }
}

/* Lost answer: the provider gave the money back, our books follow, and the next run heals it by that word. */
Test(difference_ask, a_refund_whose_end_we_had_not_heard_is_healed_by_the_next_run)
{
    day_is_done();
    refund_is("sent");
    refund_day(1, "sent", "REF_PENDING_AGED", 0);
    cr_expect_eq(difference_count("difference WHERE state = 'checking' AND side = 'refund'"), 1);
    take_refund(1);
    refund_said(REFUND_SUCCEED);
    CHECK_TEXT(keep_about(1, REFUND, "succeed"), "answer");
    cr_expect(db_row_bool(rows, 0, "news"));
    cr_expect_eq(
        difference_count("difference_event WHERE event = 'answer' AND actor = 'query:" REFUND
                         "' AND detail::jsonb->>'books' = 'succeeded'"),
        1);
    cr_expect_eq(make_stale(), 1);
    difference_day(2, 2, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'auto_closed'"), 1);
    cr_expect_eq(difference_count("difference_event v JOIN tallygate.evidence e"
                                  " ON e.digest = v.evidence_digest AND e.refund_no = '" REFUND
                                  "' WHERE v.event = 'heal'"),
                 1);
    cr_expect_eq(difference_count("refund WHERE state = 'succeeded' AND send_count = 1"), 1,
                 "nothing was sent again");
    cr_expect_eq(difference_count("attempt WHERE refunded_fen = 100"), 1);
}

/* The provider says once more what our books have, and the bill lacks it: that is for people. */
Test(difference_ask, a_refund_that_is_as_our_books_have_it_is_for_people)
{
    refund_is("succeeded");
    refund_day(1, "succeeded", "REF_MISSING", -100);
    cr_expect_eq(
        difference_count(
            "difference WHERE state = 'checking' AND delta_fen = 100 AND refund_no = '" REFUND "'"),
        1);
    take_refund(1);
    refund_said(REFUND_SUCCEED);
    CHECK_TEXT(keep_about(1, REFUND, "succeed"), "uphold");
    cr_expect_not(db_row_bool(rows, 0, "news"));
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND delta_fen = 100"), 1);
    cr_expect_eq(difference_count("refund WHERE state = 'succeeded' AND send_count = 1"), 1);
    cr_expect_eq(difference_count("attempt WHERE refunded_fen = 100 AND refund_reserved_fen = 100"),
                 1);
    cr_expect_eq(claim(600 * MINUTE_MS), 0, "nobody asks any more");
}

static const struct difference_unit stranger = { .code = "LONG_UNKNOWN",
                                                 .merchant_order_no = "STRANGER1",
                                                 .provider_trade_no = "T9",
                                                 .b_fen = 6660 };

static size_t
claim_lines(int64_t later_ms)
{
    struct db_params params;
    db_rows_free(&rows);
    db_params_init(&params, database.arena);
    db_time(&params, wall_add_ms(clock_wall(), later_ms));
    db_cstr(&params, "{300,3600}");
    db_i64(&params, 50);
    enum err err = db_session_run(app, STATEMENT_difference_line_claim, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(app));
    return db_rows_count(rows);
}

/* Takes the only line that is due. */
static void
take_line(int64_t run_id)
{
    cr_assert_eq(claim_lines(0), 1);
    cr_expect_eq(db_row_i64(rows, 0, "run_id"), run_id);
    CHECK_TEXT(db_row_text(rows, 0, "account"), "main");
    CHECK_TEXT(db_row_text(rows, 0, "merchant_order_no"), "STRANGER1");
    CHECK_TEXT(db_row_text(rows, 0, "provider_trade_no"), "T9");
    struct span no = db_row_text(rows, 0, "difference_no");
    memcpy(number, no.at, no.len);
}

/* The provider's answer about the number, as the chores keep it. */
static struct span
keep_line(int64_t run_id, const char *status, int64_t fen)
{
    struct db_params params;
    unsigned char digest[SHA256_BYTES];
    CHECK_OK(crypto_sha256(span_of(status), digest));
    db_rows_free(&rows);
    db_params_init(&params, database.arena);
    db_cstr(&params, number);
    db_i64(&params, run_id);
    db_bytes(&params, span_make(digest, sizeof(digest)));
    db_bytes(&params, span_of(status));
    db_cstr(&params, "serial");
    db_cstr(&params, status);
    db_cstr(&params, fen == 0 ? "" : "T9");
    amount(&params, fen);
    db_null(&params);
    db_null(&params);
    db_time(&params, clock_wall());
    db_time(&params, clock_wall());
    enum err err = db_session_run(app, STATEMENT_difference_line_answer, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(app));
    cr_assert_eq(db_rows_count(rows), 1);
    return db_row_text(rows, 0, "event");
}

Test(difference_ask, the_number_of_a_line_without_a_row_is_asked_about_until_it_is_answered)
{
    difference_day(1, 1, &stranger);
    cr_expect_eq(difference_count("difference WHERE state = 'open'"), 1);
    take_line(1);
    cr_expect_eq(claim(0), 0, "no attempt is asked about");
    cr_expect_eq(claim_lines(4 * MINUTE_MS), 0);
    cr_expect_eq(claim_lines(6 * MINUTE_MS), 1, "after five minutes");
    CHECK_TEXT(keep_line(1, "TRADE_NOT_EXIST", 0), "answer");
    cr_expect_eq(claim_lines(6000 * MINUTE_MS), 0, "it has answered");
    CHECK_TEXT(keep_line(1, "TRADE_NOT_EXIST", 0), "");
    difference_day(2, 2, &stranger);
    cr_expect_eq(claim_lines(0), 1, "another run shows it");
}

/* Decision 0034: what the provider says of a number that is none of ours heals nothing, whatever it says. */
Test(difference_ask, what_it_says_of_a_number_that_is_none_of_ours_is_kept_and_heals_nothing)
{
    day_is_done();
    difference_day(1, 1, &stranger);
    take_line(1);
    CHECK_TEXT(keep_line(1, "TRADE_SUCCESS", 6660), "answer");
    cr_expect_eq(difference_count("difference WHERE state = 'open' AND delta_fen = 6660"), 1);
    cr_expect_eq(
        difference_count(
            "difference_event v JOIN tallygate.difference_statement s ON s.digest = v.statement_digest"
            " AND s.difference_no = v.difference_no WHERE v.event = 'answer' AND v.effect = 'keep'"
            " AND v.actor = 'query:STRANGER1' AND v.evidence_digest IS NULL AND s.raw = 'TRADE_SUCCESS'"
            " AND s.amount_fen = 6660 AND (v.detail::jsonb->>'amount_fen')::int = 6660"),
        1);
    cr_expect_eq(difference_count("payment"), 1, "no payment is made of it");
    cr_expect_eq(difference_count("evidence"), 0);
    cr_expect_eq(make_stale(), 0);
    difference_day(2, 2, NULL);
    cr_expect_eq(difference_count("difference WHERE state = 'superseded'"), 1, "not healed");
}

Test(difference_ask, people_have_the_answer_while_they_look_after_the_line)
{
    struct difference_trail_counts counts = { 0 };
    difference_day(1, 1, &stranger);
    take_line(1);
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(keep_line(1, "TRADE_NOT_EXIST", 0), "answer");
    cr_expect_eq(difference_count("difference WHERE state = 'assigned' AND assignee = '" MAKER "'"),
                 1);
    difference_day(2, 2, &stranger);
    take_line(2);
    CHECK_TEXT(propose("adjust", 6660, MAKER), "moved");
    CHECK_TEXT(keep_line(2, "TRADE_NOT_EXIST", 0), ""); /* a proposal stands on what was known */
    CHECK_OK(difference_trail_verify(database.session, NULL, no_fault, NULL, &counts));
    cr_expect_eq(counts.events, 4);
}

/* Where no statement of ours looks. */
Test(difference_ask, the_database_keeps_statements_as_they_came)
{
    difference_day(1, 1, &stranger);
    take_line(1);
    CHECK_TEXT(keep_line(1, "TRADE_NOT_EXIST", 0), "answer");
    cr_expect_str_eq(
        database_refusal(database.app, "UPDATE tallygate.difference_statement SET raw = 'x'"),
        "42501");
    cr_expect_str_eq(database_refusal(database.app, "DELETE FROM tallygate.difference_statement"),
                     "42501");
    cr_expect_str_eq(
        database_refusal(database.superuser, "UPDATE tallygate.difference_statement SET raw = 'x'"),
        "23514");
    cr_expect_str_eq(
        database_refusal(database.superuser,
                         "UPDATE tallygate.difference_event SET statement_digest = NULL"
                         " WHERE event = 'answer'"),
        "23514", "no answer without the statement");
}
