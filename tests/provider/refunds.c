/* SPDX-License-Identifier: Apache-2.0 */
/* REFUND, REFUND_QUERY and CANCEL of every account: no number is refunded twice, whoever asks how. */
#include <string.h>

#include "check.h"
#include "drive.h"
#include "provider_call.h"

#define FEN  1500
#define PART 400

static struct adapter_order
paid_order(const struct adapter_account *account, int64_t fen)
{
    struct adapter_order order = drive_order(drive_method(account, 0), fen);
    drive_paid(account, &order);
    return order;
}

static void
expect_moved(const struct adapter_account *account, const struct adapter_order *refund)
{
    struct drive_said said = drive_ask(account, ADAPTER_REFUND_QUERY, refund);
    CHECK_OK(said.err);
    cr_expect_eq(said.verdict, EVIDENCE_REFUNDED, "%s: %.*s", account->name,
                 SPAN_ARG(said.answer.code));
    cr_expect_eq(said.answer.refund_amount.minor, refund->amount.minor);
    cr_expect_neq(said.answer.claim.bill_day.year, 0, "%s: on whose bill?", account->name);
}

/* Nothing that was said lets anybody believe that this refund's money has moved. */
static void
expect_not_moved(const struct adapter_account *account, enum adapter_operation operation,
                 const struct adapter_order *refund)
{
    struct drive_said said = drive_ask(account, operation, refund);
    cr_expect_neq(said.verdict, EVIDENCE_REFUNDED, "%s: moved by %.*s", account->name,
                  SPAN_ARG(said.answer.code));
    cr_expect_neq(said.answer.refund, ADAPTER_REFUND_SUCCEEDED);
}

/* Only what can be proved by the provider alone: all is given back, so one fen more is too much. */
EACH_ACCOUNT(refunds, a_payment_is_given_back_in_parts_until_nothing_is_left)
{
    const struct adapter_account *account = drive_open(*row);
    struct adapter_order paid = paid_order(account, FEN);
    struct adapter_order part = drive_refund(&paid, PART);
    drive_refunded(account, &part);
    struct adapter_order rest = drive_refund(&paid, FEN - PART);
    drive_refunded(account, &rest);
    expect_moved(account, &part);
    struct adapter_order more = drive_refund(&paid, 1);
    expect_not_moved(account, ADAPTER_REFUND, &more);
    expect_not_moved(account, ADAPTER_REFUND_QUERY, &more);
    struct drive_said said = drive_ask(account, ADAPTER_QUERY, &paid);
    cr_expect(said.verdict == EVIDENCE_REFUNDED || said.verdict == EVIDENCE_PAID,
              "%s: a refunded payment reads as %d", account->name, (int)said.verdict);
}

EACH_ACCOUNT(refunds, the_same_number_again_is_the_same_refund)
{
    const struct adapter_account *account = drive_open(*row);
    struct adapter_order paid = paid_order(account, FEN);
    struct adapter_order part = drive_refund(&paid, PART);
    drive_refunded(account, &part);
    struct drive_said said = drive_ask(account, ADAPTER_REFUND, &part);
    CHECK_OK(said.err);
    cr_expect(said.answer.handling == ADAPTER_DONE || said.answer.handling == ADAPTER_ASK_AGAIN,
              "%s: a repeated refund is handled as %d, %.*s", account->name,
              (int)said.answer.handling, SPAN_ARG(said.answer.code));
    cr_expect_neq(said.answer.refund, ADAPTER_REFUND_FAILED);
    struct adapter_order other = part;
    other.amount.minor = PART + 1;
    expect_not_moved(account, ADAPTER_REFUND, &other);
    expect_not_moved(account, ADAPTER_REFUND_QUERY, &other);
    expect_moved(account, &part);
    /* Had one of them moved money, the rest would not be there to give back. */
    house_pass(61);
    struct adapter_order rest = drive_refund(&paid, FEN - PART);
    drive_refunded(account, &rest);
}

/* How a refund ends otherwise, where the provider knows such ends. */
static const struct {
    const char *provider;
    const char *member;
    const char *value;
    enum adapter_refund_state state;
} ends[] = {
    { "wechatpay", "status", "CLOSED", ADAPTER_REFUND_FAILED },
    { "wechatpay", "status", "ABNORMAL", ADAPTER_REFUND_ABNORMAL },
    { "wechatpay", "status", "SUCCESS", ADAPTER_REFUND_SUCCEEDED },
    { "unionpay", "resp_code", "64", ADAPTER_REFUND_FAILED },
    { "unionpay", "resp_code", "05", ADAPTER_REFUND_ACCEPTED },
    { "unionpay", "resp_code", "A6", ADAPTER_REFUND_SUCCEEDED },
};

/* The refund waits first: WeChat Pay's for a minute, UnionPay's because it was told to. */
static void
end_otherwise(const struct adapter_account *account, size_t end)
{
    struct adapter_order paid = paid_order(account, FEN);
    struct adapter_order refund = drive_refund(&paid, PART);
    const char *control = drive_path(account, "refund-result");
    if (strcmp(ends[end].provider, "unionpay") == 0) {
        house_do(control, "out_refund_no", refund.refund_no, "resp_code", "03");
    }
    struct drive_said said = drive_ask(account, ADAPTER_REFUND, &refund);
    CHECK_OK(said.err);
    cr_expect_eq(said.answer.refund, ADAPTER_REFUND_ACCEPTED, "%s: %.*s", account->name,
                 SPAN_ARG(said.answer.code));
    expect_not_moved(account, ADAPTER_REFUND_QUERY, &refund);
    house_do(control, "out_refund_no", refund.refund_no, ends[end].member, ends[end].value);
    said = drive_ask(account, ADAPTER_REFUND_QUERY, &refund);
    CHECK_OK(said.err);
    cr_expect_eq(said.answer.refund, ends[end].state, "%s: %s reads as %d", account->name,
                 ends[end].value, (int)said.answer.refund);
    bool moved = ends[end].state == ADAPTER_REFUND_SUCCEEDED;
    cr_expect_eq(said.verdict == EVIDENCE_REFUNDED, moved);
    cr_expect_eq(said.answer.refund_amount.minor, moved ? PART : 0);
}

EACH_ACCOUNT(refunds, a_refund_that_waits_or_fails_has_moved_nothing)
{
    const struct adapter_account *account = drive_open(*row);
    struct adapter_order paid = paid_order(account, FEN);
    struct adapter_order never = drive_refund(&paid, PART);
    expect_not_moved(account, ADAPTER_REFUND_QUERY, &never);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (strcmp(ends[i].provider, account->adapter->name) == 0) {
            end_otherwise(account, i);
        }
    }
}

/* Enterprise net banks know no cancel, and unionpay-rsa's first method is the page. */
EACH_ACCOUNT(refunds, a_cancel_gives_the_whole_payment_back_once)
{
    const struct adapter_account *account = drive_open(*row);
    struct adapter_order paid = paid_order(account, FEN);
    struct adapter_order cancel = drive_refund(&paid, FEN);
    struct drive_said said = drive_ask(account, ADAPTER_CANCEL, &cancel);
    if (!drive_may_cancel(account)) {
        bool offered = provider_call_offered(account, ADAPTER_CANCEL);
        cr_expect_eq(said.err, offered ? ERR_KEYS_POLICY : ERR_METHOD_UNKNOWN);
        cr_expect(!said.sent);
        return;
    }
    CHECK_OK(said.err);
    cr_assert_eq(said.answer.handling, ADAPTER_DONE, "%s: %.*s", account->name,
                 SPAN_ARG(said.answer.code));
    bool named = said.answer.refund == ADAPTER_REFUND_ACCEPTED; /* then it is asked about */
    if (named) {
        expect_moved(account, &cancel);
    } else {
        cr_expect_eq(said.verdict, EVIDENCE_REFUNDED);
        cr_expect_eq(said.answer.refund_amount.minor, FEN);
    }
    struct adapter_order more = drive_refund(&paid, 1);
    expect_not_moved(account, ADAPTER_REFUND, &more);
}

EACH_ACCOUNT(refunds, a_refund_above_the_limit_of_the_keys_process_reaches_nobody)
{
    const struct adapter_account *account = drive_open(*row);
    int64_t more = HOUSE_REFUND_MAX + PART;
    int64_t most = account->amount_max.minor;
    struct adapter_order paid = paid_order(account, more < most ? more : most);
    struct adapter_order above = drive_refund(&paid, HOUSE_REFUND_MAX + 1);
    struct drive_said said = drive_ask(account, ADAPTER_REFUND, &above);
    cr_expect_eq(said.err, ERR_KEYS_POLICY, "%s: %s", account->name, err_name(said.err));
    cr_expect(!said.sent);
    expect_not_moved(account, ADAPTER_REFUND_QUERY, &above);
    struct adapter_order at = drive_refund(&paid, HOUSE_REFUND_MAX);
    drive_refunded(account, &at);
}
