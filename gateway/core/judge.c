/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

static const char *const codes[JUDGE_DIFFERENCE_COUNT] = {
    [JUDGE_SAME] = "none",         [JUDGE_PROVIDER] = "provider",
    [JUDGE_ACCOUNT] = "account",   [JUDGE_APPLICATION] = "application",
    [JUDGE_MERCHANT] = "merchant", [JUDGE_ORDER_NO] = "order_no",
    [JUDGE_TRADE_NO] = "trade_no", [JUDGE_CURRENCY] = "currency",
    [JUDGE_AMOUNT] = "amount",     [JUDGE_REFUND_NO] = "refund_no",
    [JUDGE_REFUNDED] = "refunded",
};

static bool
differs(struct span said, struct span ours)
{
    return !span_empty(said) && !span_eq(said, ours);
}

static enum judge_difference
compare(const struct evidence_claim *claim, const struct judge_books *books)
{
    const struct {
        struct span said;
        struct span ours;
        enum judge_difference difference;
    } texts[] = {
        { claim->provider, books->provider, JUDGE_PROVIDER },
        { claim->account, books->account, JUDGE_ACCOUNT },
        { claim->application, books->application, JUDGE_APPLICATION },
        { claim->merchant, books->merchant, JUDGE_MERCHANT },
        { claim->merchant_order_no, books->merchant_order_no, JUDGE_ORDER_NO },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (differs(texts[i].said, texts[i].ours)) {
            return texts[i].difference;
        }
    }
    if (!span_empty(books->provider_trade_no)
        && differs(claim->provider_trade_no, books->provider_trade_no)) {
        return JUDGE_TRADE_NO;
    }
    if (claim->amount.currency == CURRENCY_NONE) {
        return JUDGE_SAME;
    }
    if (claim->amount.currency != books->amount.currency) {
        return JUDGE_CURRENCY;
    }
    return claim->amount.minor == books->amount.minor ? JUDGE_SAME : JUDGE_AMOUNT;
}

static const enum attempt_event event_of[EVIDENCE_VERDICT_COUNT] = {
    [EVIDENCE_PAID] = ATTEMPT_EVENT_PAID,           [EVIDENCE_UNPAID] = ATTEMPT_UNPAID,
    [EVIDENCE_UNPAID_FINAL] = ATTEMPT_UNPAID_FINAL, [EVIDENCE_CLOSED] = ATTEMPT_EVENT_CLOSED,
    [EVIDENCE_REFUNDED] = ATTEMPT_EVENT_PAID,       [EVIDENCE_SENT] = ATTEMPT_SENT,
};

enum err
judge(const struct evidence *evidence, const struct judge_books *books, struct judge_verdict *out)
{
    const struct evidence_claim *claim = evidence_claim(evidence);
    if (claim->verdict <= EVIDENCE_VERDICT_NONE || claim->verdict >= EVIDENCE_VERDICT_COUNT) {
        return ERR_PROVIDER_PROTOCOL;
    }
    bool money = claim->verdict == EVIDENCE_PAID || claim->verdict == EVIDENCE_REFUNDED;
    if (money
        && (span_empty(claim->merchant_order_no) || claim->amount.currency == CURRENCY_NONE)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    out->difference = compare(claim, books);
    out->event = out->difference == JUDGE_SAME ? event_of[claim->verdict] : ATTEMPT_MISMATCH;
    return ERR_OK;
}

enum judge_difference
judge_refund(const struct evidence *evidence, const struct judge_books *books,
             struct span refund_no, struct money refund)
{
    const struct evidence_claim *claim = evidence_claim(evidence);
    enum judge_difference difference = compare(claim, books);
    if (difference != JUDGE_SAME) {
        return difference;
    }
    if (differs(claim->refund_no, refund_no)) {
        return JUDGE_REFUND_NO;
    }
    bool said = claim->verdict == EVIDENCE_REFUNDED && claim->refunded.currency != CURRENCY_NONE;
    return said && !money_eq(claim->refunded, refund) ? JUDGE_REFUNDED : JUDGE_SAME;
}

const char *
judge_difference_code(enum judge_difference difference)
{
    return difference < JUDGE_DIFFERENCE_COUNT ? codes[difference] : codes[JUDGE_SAME];
}
