/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_verdict.h"

static const enum refund_event event_of[ADAPTER_REFUND_STATE_COUNT] = {
    [ADAPTER_REFUND_NONE] = REFUND_NO_ANSWER,          [ADAPTER_REFUND_ACCEPTED] = REFUND_ACCEPT,
    [ADAPTER_REFUND_SUCCEEDED] = REFUND_SUCCEED,       [ADAPTER_REFUND_FAILED] = REFUND_FAIL,
    [ADAPTER_REFUND_ABNORMAL] = REFUND_EVENT_ABNORMAL,
};

struct judge_books
refund_books(const struct refund *refund)
{
    return (struct judge_books){
        .provider = refund->provider,
        .account = refund->account,
        .application = refund->application,
        .merchant = refund->merchant,
        .merchant_order_no = refund->attempt_no,
        .provider_trade_no = refund->provider_trade_no,
        .amount = refund->total,
    };
}

static const char *
difference(const struct refund *refund, const struct adapter_answer *answer,
           const struct evidence *evidence)
{
    const struct judge_books books = refund_books(refund);
    enum judge_difference found = judge_refund(evidence, &books, refund->refund_no, refund->amount);
    if (found == JUDGE_SAME && answer->refund == ADAPTER_REFUND_SUCCEEDED
        && !money_eq(answer->refund_amount, refund->amount)) {
        found = JUDGE_REFUNDED;
    }
    return found == JUDGE_SAME ? NULL : judge_difference_code(found);
}

/* What the adapter's table calls for. Only a person helps where the provider refuses for good. */
static enum refund_event
handle(const struct refund *refund, enum adapter_operation operation,
       const struct adapter_answer *answer)
{
    bool first = operation == ADAPTER_REFUND && refund->send_count == 1;
    switch (answer->handling) {
    case ADAPTER_DONE:
        return event_of[answer->refund];
    case ADAPTER_REFUSED:
        return first ? REFUND_FAIL : REFUND_NO_ANSWER;
    case ADAPTER_ALARM:
        return answer->refund == ADAPTER_REFUND_ABNORMAL ? REFUND_EVENT_ABNORMAL : REFUND_NO_ANSWER;
    case ADAPTER_HANDLING_NONE:
    case ADAPTER_ASK_AGAIN:
    case ADAPTER_RETRY:
    case ADAPTER_HANDLING_COUNT:
        break;
    }
    return REFUND_NO_ANSWER;
}

struct refund_verdict
refund_verdict(const struct refund *refund, enum adapter_operation operation,
               const struct adapter_answer *answer, const struct evidence *evidence)
{
    struct refund_verdict verdict = {
        .event = REFUND_NO_ANSWER,
        .absent = operation == ADAPTER_REFUND_QUERY && answer->refund_absent,
        .alarm = answer->handling == ADAPTER_ALARM,
    };
    if (evidence == NULL) {
        return verdict;
    }
    verdict.mismatch = difference(refund, answer, evidence);
    if (verdict.mismatch != NULL) {
        verdict.event = REFUND_MISMATCH;
        verdict.absent = false;
        verdict.alarm = true;
        return verdict;
    }
    verdict.event = handle(refund, operation, answer);
    verdict.alarm =
        verdict.alarm || (answer->handling == ADAPTER_REFUSED && verdict.event == REFUND_NO_ANSWER);
    return verdict;
}
