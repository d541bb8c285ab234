/* SPDX-License-Identifier: Apache-2.0 */
/* PAY, QUERY, CLOSE, INVOKE and KEYS of every account. */
#include "check.h"
#include "drive.h"
#include "provider_call.h"

#define FEN 12345

EACH_ACCOUNT(payments, an_order_nobody_made_is_never_paid_nor_final)
{
    const struct adapter_account *account = drive_open(*row);
    const struct adapter_order order = drive_order(drive_method(account, 0), FEN);
    struct drive_said said = drive_ask(account, ADAPTER_QUERY, &order);
    CHECK_OK(said.err);
    cr_expect(
        said.verdict == EVIDENCE_UNPAID
            || (said.verdict == EVIDENCE_VERDICT_NONE && said.answer.handling == ADAPTER_ASK_AGAIN),
        "%s: verdict %d, %.*s", account->name, (int)said.verdict, SPAN_ARG(said.answer.code));
}

EACH_ACCOUNT(payments, every_method_is_unpaid_until_the_payer_confirms_and_paid_afterwards)
{
    const struct adapter_account *account = drive_open(*row);
    size_t methods = 0;
    for (; drive_method(account, methods) != ADAPTER_METHOD_NONE; methods++) {
        const struct adapter_order order = drive_order(drive_method(account, methods), FEN);
        drive_begin(account, &order);
        struct drive_said said = drive_ask(account, ADAPTER_QUERY, &order);
        CHECK_OK(said.err);
        cr_expect_eq(said.verdict, EVIDENCE_UNPAID, "%s: verdict %d before", account->name,
                     (int)said.verdict);
        cr_assert(drive_confirm(account, &order));
        said = drive_ask(account, ADAPTER_QUERY, &order);
        CHECK_OK(said.err);
        cr_expect_eq(said.verdict, EVIDENCE_PAID, "%s: verdict %d after", account->name,
                     (int)said.verdict);
        cr_expect_eq(said.answer.claim.amount.minor, FEN);
        cr_expect(span_eq(said.answer.claim.merchant_order_no, order.merchant_order_no));
        cr_expect_gt(said.answer.claim.provider_trade_no.len, 0);
    }
    cr_expect_gt(methods, 0);
}

EACH_ACCOUNT(payments, a_closed_order_cannot_be_paid_and_a_paid_one_cannot_be_closed)
{
    const struct adapter_account *account = drive_open(*row);
    struct adapter_order order = drive_order(drive_method(account, 0), FEN);
    struct adapter_order paid = drive_order(drive_method(account, 0), FEN);
    bool offered = provider_call_offered(account, ADAPTER_CLOSE);
    drive_begin(account, &order);
    struct drive_said said = drive_ask(account, ADAPTER_CLOSE, &order);
    if (!offered) {
        cr_expect_eq(said.err, ERR_METHOD_UNKNOWN);
        cr_expect(!said.sent);
        return;
    }
    CHECK_OK(said.err);
    cr_expect_eq(said.verdict, EVIDENCE_CLOSED);
    cr_expect(!drive_confirm(account, &order), "%s: paid after the close", account->name);
    said = drive_ask(account, ADAPTER_QUERY, &order);
    cr_expect(said.verdict == EVIDENCE_CLOSED || said.verdict == EVIDENCE_UNPAID_FINAL,
              "%s: verdict %d", account->name, (int)said.verdict);
    drive_paid(account, &paid);
    said = drive_ask(account, ADAPTER_CLOSE, &paid);
    CHECK_OK(said.err);
    cr_expect_neq(said.answer.handling, ADAPTER_DONE);
    cr_expect(said.verdict != EVIDENCE_CLOSED && said.verdict != EVIDENCE_UNPAID_FINAL);
    said = drive_ask(account, ADAPTER_QUERY, &paid);
    cr_expect_eq(said.verdict, EVIDENCE_PAID);
}

/* What each account's KEYS brings: the number of keys, why it is not asked, or that the answer proves nothing:
 * a merchant that verifies with a public key is told by an unsigned 404 that it has no certificates. */
static const struct {
    const char *account;
    enum err err;
    size_t keys;
} keys_of[] = {
    { "alipay-key", ERR_METHOD_UNKNOWN, 0 },
    { "alipay-cert", ERR_OK, 1 },
    { "wechatpay-cert", ERR_OK, 1 },
    { "wechatpay-sm", ERR_OK, 1 },
    { "wechatpay-pub", ERR_PROVIDER_UNVERIFIED, 0 },
    { "unionpay-rsa", ERR_OK, 1 },
    { "unionpay-sha256", ERR_METHOD_UNKNOWN, 0 },
    { "unionpay-sm3", ERR_METHOD_UNKNOWN, 0 },
};

EACH_ACCOUNT(payments, the_providers_keys_are_given_where_they_change)
{
    const struct adapter_account *account = drive_open(*row);
    struct adapter_order order = drive_order(drive_method(account, 0), FEN);
    order.key_serial = account->key_count > 0 ? account->keys[0].serial : SPAN_LIT("");
    struct drive_said said = drive_ask(account, ADAPTER_KEYS, &order);
    bool offered = provider_call_offered(account, ADAPTER_KEYS);
    enum err want = offered ? keys_of[*row].err : ERR_METHOD_UNKNOWN;
    cr_assert_str_eq(keys_of[*row].account, account->name);
    cr_expect_eq(said.err, want, "%s: %s", account->name, err_name(said.err));
    cr_expect_eq(said.keys, want == ERR_OK ? keys_of[*row].keys : 0, "%s: %zu keys", account->name,
                 said.keys);
}
