/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "evidence_seal.h"
#include "judge.h"

static const struct judge_books books = {
    .provider = SPAN("alipay"),
    .account = SPAN("a"),
    .application = SPAN("2021"),
    .merchant = SPAN("2088"),
    .merchant_order_no = SPAN("261124042000000001401"),
    .provider_trade_no = SPAN("20261124"),
    .amount = { .minor = 28000, .currency = CURRENCY_CNY },
};

static struct evidence_claim
statement(enum evidence_verdict verdict)
{
    return (struct evidence_claim){
        .source = EVIDENCE_CALLBACK,
        .verdict = verdict,
        .provider = books.provider,
        .account = books.account,
        .application = books.application,
        .merchant = books.merchant,
        .merchant_order_no = books.merchant_order_no,
        .provider_trade_no = books.provider_trade_no,
        .provider_status = SPAN("S"),
        .amount = books.amount,
        .raw = SPAN("raw"),
    };
}

static enum err
judged(const struct evidence_claim *claim, struct judge_verdict *out)
{
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(claim, &evidence));
    return judge(evidence, &books, out);
}

static void
expect(const struct evidence_claim *claim, enum attempt_event event, enum judge_difference why)
{
    struct judge_verdict verdict = { 0 };
    CHECK_OK(judged(claim, &verdict));
    cr_expect_eq(verdict.event, event, "%s", attempt_event_code(verdict.event));
    cr_expect_eq(verdict.difference, why, "%s", judge_difference_code(verdict.difference));
}

Test(judge, what_agrees_is_the_event_it_says)
{
    static const struct {
        enum evidence_verdict verdict;
        enum attempt_event event;
    } rows[] = {
        { EVIDENCE_PAID, ATTEMPT_EVENT_PAID },
        { EVIDENCE_UNPAID, ATTEMPT_UNPAID },
        { EVIDENCE_UNPAID_FINAL, ATTEMPT_UNPAID_FINAL },
        { EVIDENCE_CLOSED, ATTEMPT_EVENT_CLOSED },
        { EVIDENCE_REFUNDED, ATTEMPT_EVENT_PAID }, /* what was refunded had been paid */
        { EVIDENCE_SENT, ATTEMPT_SENT },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evidence_claim claim = statement(rows[i].verdict);
        expect(&claim, rows[i].event, JUDGE_SAME);
    }
}

Test(judge, one_fen_more_or_less_is_a_mismatch)
{
    struct evidence_claim claim = statement(EVIDENCE_PAID);
    claim.amount.minor = 28001;
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_AMOUNT);
    claim.amount.minor = 27999;
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_AMOUNT);
}

Test(judge, each_difference_is_named)
{
    struct evidence_claim claim = statement(EVIDENCE_PAID);
    claim.provider = SPAN_LIT("other");
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_PROVIDER);
    claim = statement(EVIDENCE_PAID);
    claim.account = SPAN_LIT("b");
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_ACCOUNT);
    claim = statement(EVIDENCE_PAID);
    claim.application = SPAN_LIT("2022");
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_APPLICATION);
    claim = statement(EVIDENCE_PAID);
    claim.merchant = SPAN_LIT("2089");
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_MERCHANT);
    claim = statement(EVIDENCE_PAID);
    claim.merchant_order_no = SPAN_LIT("261124042000000001402");
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_ORDER_NO);
    claim = statement(EVIDENCE_PAID);
    claim.provider_trade_no = SPAN_LIT("20261125");
    expect(&claim, ATTEMPT_MISMATCH, JUDGE_TRADE_NO);
}

Test(judge, a_mismatch_never_reads_as_paid_whatever_it_says)
{
    for (int verdict = EVIDENCE_PAID; verdict < EVIDENCE_VERDICT_COUNT; verdict++) {
        struct evidence_claim claim = statement((enum evidence_verdict)verdict);
        claim.merchant = SPAN_LIT("2089");
        expect(&claim, ATTEMPT_MISMATCH, JUDGE_MERCHANT);
    }
}

Test(judge, money_without_amount_or_number_is_no_statement)
{
    struct judge_verdict verdict = { 0 };
    struct evidence_claim claim = statement(EVIDENCE_PAID);
    claim.amount = (struct money){ 0 };
    CHECK_ERR(judged(&claim, &verdict), ERR_PROVIDER_PROTOCOL);
    claim = statement(EVIDENCE_REFUNDED);
    claim.merchant_order_no = SPAN_LIT("");
    CHECK_ERR(judged(&claim, &verdict), ERR_PROVIDER_PROTOCOL);
}

Test(judge, an_unpaid_answer_need_not_repeat_the_amount)
{
    struct evidence_claim claim = statement(EVIDENCE_UNPAID);
    claim.amount = (struct money){ 0 };
    claim.merchant = SPAN_LIT("");
    expect(&claim, ATTEMPT_UNPAID, JUDGE_SAME);
}

Test(judge, a_statement_without_verdict_is_refused)
{
    struct judge_verdict verdict = { 0 };
    struct evidence_claim claim = statement(EVIDENCE_VERDICT_NONE);
    CHECK_ERR(judged(&claim, &verdict), ERR_PROVIDER_PROTOCOL);
}
