/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_verdict.h"

#include "check.h"
#include "evidence_seal.h"
#include "refund_schedule.h"

#define REFUND "261124042000000001007R01"
#define FEN    2800

static struct refund refund;
static struct evidence_claim claim;

static void
start(void)
{
    refund = (struct refund){
        .refund_no = SPAN(REFUND),
        .attempt_no = SPAN("261124042000000001007"),
        .provider = SPAN("p"),
        .account = SPAN("main"),
        .application = SPAN("app"),
        .merchant = SPAN("mer"),
        .provider_trade_no = SPAN("T1"),
        .amount = { .minor = FEN, .currency = CURRENCY_CNY },
        .total = { .minor = 56000, .currency = CURRENCY_CNY },
        .send_count = 1,
    };
    claim = (struct evidence_claim){
        .source = EVIDENCE_QUERY,
        .verdict = EVIDENCE_REFUNDED,
        .provider = SPAN("p"),
        .account = SPAN("main"),
        .merchant_order_no = SPAN("261124042000000001007"),
        .provider_trade_no = SPAN("T1"),
        .refund_no = SPAN(REFUND),
        .refunded = { .minor = FEN, .currency = CURRENCY_CNY },
        .raw = SPAN("words"),
    };
}

TestSuite(refund_verdict, .init = start);

static struct refund_verdict
judged(enum adapter_operation operation, const struct adapter_answer *answer)
{
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    return refund_verdict(&refund, operation, answer, evidence);
}

static struct adapter_answer
said(enum adapter_handling handling, enum adapter_refund_state state)
{
    bool moved = state == ADAPTER_REFUND_SUCCEEDED;
    claim.verdict = moved ? EVIDENCE_REFUNDED : EVIDENCE_VERDICT_NONE;
    return (struct adapter_answer){
        .handling = handling,
        .refund = state,
        .refund_amount = { .minor = moved ? FEN : 0, .currency = CURRENCY_CNY },
    };
}

Test(refund_verdict, a_word_is_taken_as_the_table_has_it)
{
    static const struct {
        enum adapter_handling handling;
        enum adapter_refund_state state;
        enum refund_event event;
        bool alarm;
    } rows[] = {
        { ADAPTER_DONE, ADAPTER_REFUND_ACCEPTED, REFUND_ACCEPT, false },
        { ADAPTER_DONE, ADAPTER_REFUND_SUCCEEDED, REFUND_SUCCEED, false },
        { ADAPTER_DONE, ADAPTER_REFUND_FAILED, REFUND_FAIL, false },
        { ADAPTER_DONE, ADAPTER_REFUND_ABNORMAL, REFUND_EVENT_ABNORMAL, false },
        { ADAPTER_DONE, ADAPTER_REFUND_NONE, REFUND_NO_ANSWER, false },
        { ADAPTER_ASK_AGAIN, ADAPTER_REFUND_ACCEPTED, REFUND_NO_ANSWER, false },
        { ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE, REFUND_NO_ANSWER, false },
        { ADAPTER_RETRY, ADAPTER_REFUND_NONE, REFUND_NO_ANSWER, false },
        { ADAPTER_ALARM, ADAPTER_REFUND_NONE, REFUND_NO_ANSWER, true },
        { ADAPTER_ALARM, ADAPTER_REFUND_ABNORMAL, REFUND_EVENT_ABNORMAL, true },
        { ADAPTER_REFUSED, ADAPTER_REFUND_NONE, REFUND_FAIL, false },
        { ADAPTER_REFUSED, ADAPTER_REFUND_FAILED, REFUND_FAIL, false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct adapter_answer answer = said(rows[i].handling, rows[i].state);
        struct refund_verdict verdict = judged(ADAPTER_REFUND, &answer);
        cr_expect_eq(verdict.event, rows[i].event, "row %zu: %s", i,
                     refund_event_code(verdict.event));
        cr_expect_eq(verdict.alarm, rows[i].alarm, "row %zu", i);
        cr_expect_null(verdict.mismatch);
    }
}

/* An earlier try under the same number may have gone through. */
Test(refund_verdict, a_refusal_ends_only_what_was_sent_once)
{
    struct adapter_answer answer = said(ADAPTER_REFUSED, ADAPTER_REFUND_FAILED);
    refund.send_count = 2;
    struct refund_verdict verdict = judged(ADAPTER_REFUND, &answer);
    cr_expect_eq(verdict.event, REFUND_NO_ANSWER);
    cr_expect(verdict.alarm);
    refund.send_count = 1;
    verdict = judged(ADAPTER_REFUND_QUERY, &answer);
    cr_expect_eq(verdict.event, REFUND_NO_ANSWER);
}

Test(refund_verdict, what_is_not_genuine_moves_nothing)
{
    struct adapter_answer answer = said(ADAPTER_DONE, ADAPTER_REFUND_SUCCEEDED);
    cr_expect_eq(refund_verdict(&refund, ADAPTER_REFUND, &answer, NULL).event, REFUND_NO_ANSWER);
    answer = said(ADAPTER_RETRY, ADAPTER_REFUND_NONE);
    answer.refund_absent = true;
    cr_expect(refund_verdict(&refund, ADAPTER_REFUND_QUERY, &answer, NULL).absent);
    cr_expect(!refund_verdict(&refund, ADAPTER_REFUND, &answer, NULL).absent);
}

static void
expect_mismatch(const char *differs)
{
    struct adapter_answer answer = said(ADAPTER_DONE, ADAPTER_REFUND_SUCCEEDED);
    struct refund_verdict verdict = judged(ADAPTER_REFUND_QUERY, &answer);
    cr_expect_eq(verdict.event, REFUND_MISMATCH);
    cr_assert_not_null(verdict.mismatch);
    cr_expect_str_eq(verdict.mismatch, differs);
    cr_expect(verdict.alarm);
}

Test(refund_verdict, a_statement_about_something_else_is_a_mismatch)
{
    claim.refunded.minor = FEN - 1;
    expect_mismatch("refunded");
    claim.refunded.minor = FEN;
    claim.refund_no = SPAN_LIT("261124042000000001007R02");
    expect_mismatch("refund_no");
    claim.merchant_order_no = SPAN_LIT("261124042000000001008");
    expect_mismatch("order_no");
    start();
    claim.amount = (struct money){ .minor = 56001, .currency = CURRENCY_CNY };
    expect_mismatch("amount");
    start();
    struct adapter_answer answer = said(ADAPTER_DONE, ADAPTER_REFUND_SUCCEEDED);
    answer.refund_amount.minor = FEN + 1;
    cr_expect_eq(judged(ADAPTER_REFUND, &answer).event, REFUND_MISMATCH);
}

Test(refund_verdict, the_schedule_is_dense_then_thin_and_outlasts_a_week)
{
    int64_t sum_ms = 0;
    int64_t before = 0;
    int64_t taken = 1;
    int64_t wait_ms = refund_schedule_wait_ms(taken);
    cr_expect_eq(wait_ms, 15000);
    while (wait_ms > 0) {
        cr_assert_geq(wait_ms, before);
        before = wait_ms;
        sum_ms += wait_ms;
        wait_ms = refund_schedule_wait_ms(++taken);
    }
    cr_expect_gt(sum_ms, INT64_C(7) * 86400 * 1000);
    cr_expect_lt(taken, 120);
}
