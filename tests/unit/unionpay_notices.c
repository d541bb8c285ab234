/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: what they say, and what makes them no notice. */
#include "unionpay_mock.h"

#define NUMBER "pay20240105145046"
#define TRADE  "442401051450467846498"

static struct evidence *evidence;

static void
finish(void)
{
    evidence_free(&evidence);
    mock_finish();
}

TestSuite(unionpay_notices, .init = mock_start, .fini = finish);

static const struct mock_field paid[] = {
    { "accessType", "0" },         { "bizType", "000201" },
    { "currencyCode", "156" },     { "merId", MOCK_MERCHANT },
    { "orderId", NUMBER },         { "queryId", TRADE },
    { "respCode", "00" },          { "respMsg", "success" },
    { "reqReserved", "" },         { "settleAmt", "8888" },
    { "settleDate", "0105" },      { "traceNo", "784649" },
    { "traceTime", "0105145101" }, { "txnAmt", "8888" },
    { "txnSubType", "01" },        { "txnTime", "20240105145046" },
    { "txnType", "01" },
};

static const struct mock_field refunded[] = {
    { "merId", MOCK_MERCHANT },
    { "orderId", "refund20240105" },
    { "origQryId", TRADE },
    { "queryId", "052401051658427863998" },
    { "respCode", "00" },
    { "settleDate", "0105" },
    { "traceNo", "786399" },
    { "traceTime", "0105165842" },
    { "txnAmt", "100" },
    { "txnSubType", "00" },
    { "txnTime", "20240105165842" },
    { "txnType", "04" },
};

static enum err
take_body(const char *body)
{
    const struct adapter_message message = { .body = span_of(body) };
    evidence_free(&evidence);
    return verify_callback(&mock_account, &message, mock_arena, &evidence);
}

static enum err
take(const struct mock_field *fields, size_t count, const char *name, const char *value)
{
    struct mock_field changed[MOCK_FIELDS_MAX];
    size_t total = count;
    memcpy(changed, fields, count * sizeof(fields[0]));
    bool found = name == NULL;
    for (size_t i = 0; i < count; i++) {
        if (name != NULL && strcmp(changed[i].name, name) == 0) {
            changed[i].value = value;
            found = true;
        }
    }
    if (!found) {
        changed[total++] = (struct mock_field){ name, value };
    }
    return take_body(mock_notice(changed, total));
}

#define TAKE(fields, name, value) take(fields, MOCK_COUNT(fields), name, value)

/* Two fields in one value, and one field in two, read the same in the signed text. */
Test(unionpay_notices, fields_glued_together_are_refused)
{
    struct mock_field all[MOCK_FIELDS_MAX];
    size_t count = mock_complete(paid, MOCK_COUNT(paid), all);
    const char *text = mock_join(all, count, true);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].name, "traceTime") == 0) {
            all[i].value = "0105145101&txnAmt=8888";
        } else if (strcmp(all[i].name, "txnAmt") == 0) {
            all[i].value = NULL;
        }
    }
    CHECK_ERR(take_body(mock_form(all, count, text)), ERR_SIGNATURE);
    cr_expect_null(evidence);
    count = mock_complete(paid, MOCK_COUNT(paid), all);
    all[count++] = (struct mock_field){ "reserved", "{a=1&b=2}" };
    text = mock_join(all, count, true);
    CHECK_OK(take_body(mock_form(all, count, text)));
    all[count - 1].value = "{a=1";
    all[count++] = (struct mock_field){ "b", "2}" };
    CHECK_ERR(take_body(mock_form(all, count, text)), ERR_SIGNATURE);
}

Test(unionpay_notices, what_cannot_be_genuine_is_refused)
{
    CHECK_ERR(take_body(""), ERR_SIGNATURE);
    CHECK_ERR(take_body("respCode=00&txnType=01"), ERR_SIGNATURE);
    CHECK_ERR(take_body("respCode=00&respCode=01"), ERR_FIELD_REPEATED);
    CHECK_ERR(take_body("respCode=%0"), ERR_ENCODING);
    CHECK_ERR(TAKE(paid, "version", "5.0.0"), ERR_SIGNATURE);
    CHECK_ERR(TAKE(paid, "version", NULL), ERR_SIGNATURE);
    CHECK_ERR(TAKE(paid, "signMethod", "02"), ERR_SIGNATURE);
    CHECK_ERR(TAKE(paid, "signPubKeyCert", NULL), ERR_SIGNATURE);
    CHECK_ERR(
        TAKE(paid, "signPubKeyCert", mock_print("%s\r\n%s", mock_certificate, mock_certificate)),
        ERR_SIGNATURE);
    const char *whole = mock_notice(paid, MOCK_COUNT(paid));
    CHECK_OK(take_body(whole));
    CHECK_ERR(take_body(mock_print("%s%%20", whole)), ERR_SIGNATURE);
    CHECK_ERR(take_body(mock_print("%s%%0a", whole)), ERR_SIGNATURE);
    mock_account.signer_owner = "";
    CHECK_ERR(take_body(whole), ERR_SIGNATURE);
}

/* 256 bytes end in one letter of which four bits mean nothing. */
Test(unionpay_notices, a_signature_has_one_spelling)
{
    struct mock_field all[MOCK_FIELDS_MAX];
    size_t count = mock_complete(paid, MOCK_COUNT(paid), all);
    const char *sign = mock_sign(mock_join(all, count, true));
    char other[512];
    cr_assert_eq(strlen(sign), 344);
    memcpy(other, sign, 345);
    other[341] = (char)(other[341] + 1); /* A Q g w: the next letter differs in the last bit */
    all[count] = (struct mock_field){ "signature", sign };
    const char *right = mock_join(all, count + 1, false);
    all[count].value = other;
    const char *wrong = mock_join(all, count + 1, false);
    struct adapter_fields fields = { .count = 0 };
    struct adapter_message message = { .status = 200, .body = span_of(right) };
    struct adapter_signed cut = { .is_signed = false };
    CHECK_OK(unionpay_fields_split(message.body, &fields));
    CHECK_OK(unionpay_answer_split(ADAPTER_QUERY, &message, mock_arena, &cut));
    cr_expect_eq(cut.signature.len, 256);
    message.body = span_of(wrong);
    CHECK_ERR(unionpay_answer_split(ADAPTER_QUERY, &message, mock_arena, &cut),
              ERR_PROVIDER_PROTOCOL);
}

Test(unionpay_notices, a_paid_notice_says_what_was_paid)
{
    CHECK_OK(TAKE(paid, NULL, NULL));
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->source, EVIDENCE_CALLBACK);
    cr_expect_eq(claim->verdict, EVIDENCE_PAID);
    CHECK_TEXT(claim->merchant, MOCK_MERCHANT);
    CHECK_TEXT(claim->application, MOCK_MERCHANT);
    CHECK_TEXT(claim->merchant_order_no, NUMBER);
    CHECK_TEXT(claim->provider_trade_no, TRADE);
    CHECK_TEXT(claim->trace, "7846490105145101");
    CHECK_TEXT(claim->signer, MOCK_SERIAL);
    CHECK_TEXT(claim->provider, "unionpay");
    cr_expect_eq(claim->amount.minor, 8888);
    cr_expect_eq(claim->paid_at.us, mock_time("2024-01-05T06:51:01Z").us);
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 1, 5 }), 0);
    CHECK_OK(TAKE(paid, "respCode", "A6"));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
    CHECK_TEXT(evidence_claim(evidence)->provider_status, "A6");
}

Test(unionpay_notices, a_clearing_day_across_the_new_year_is_next_years)
{
    struct mock_field late[MOCK_COUNT(paid)];
    clock_fake_set_wall(mock_time("2023-12-31T15:40:00Z"));
    memcpy(late, paid, sizeof(paid));
    for (size_t i = 0; i < MOCK_COUNT(late); i++) {
        if (strcmp(late[i].name, "txnTime") == 0) {
            late[i].value = "20231231233000";
        } else if (strcmp(late[i].name, "settleDate") == 0) {
            late[i].value = "0101";
        } else if (strcmp(late[i].name, "traceTime") == 0) {
            late[i].value = "1231233001";
        }
    }
    CHECK_OK(TAKE(late, NULL, NULL));
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 1, 1 }), 0);
    cr_expect_eq(claim->paid_at.us, mock_time("2023-12-31T15:30:01Z").us);
}

Test(unionpay_notices, a_genuine_notice_without_its_parts_is_no_statement)
{
    static const struct {
        const char *name;
        const char *value;
    } changes[] = {
        { "txnType", NULL },   { "txnType", "02" },       { "txnAmt", NULL },
        { "txnAmt", "88.88" }, { "currencyCode", NULL },  { "currencyCode", "840" },
        { "queryId", NULL },   { "orderId", NULL },       { "merId", NULL },
        { "txnTime", NULL },   { "txnTime", "20240105" }, { "settleDate", "0230" },
        { "respCode", NULL },  { "respCode", "42" },      { "respCode", "97" },
    };
    for (size_t i = 0; i < MOCK_COUNT(changes); i++) {
        cr_expect_eq(TAKE(paid, changes[i].name, changes[i].value), ERR_PROVIDER_PROTOCOL, "%s=%s",
                     changes[i].name, changes[i].value == NULL ? "" : changes[i].value);
        cr_expect_null(evidence);
    }
    CHECK_ERR(TAKE(refunded, "orderId", NULL), ERR_PROVIDER_PROTOCOL);
    CHECK_ERR(TAKE(refunded, "txnAmt", "0"), ERR_PROVIDER_PROTOCOL);
    CHECK_ERR(TAKE(refunded, "respCode", "97"), ERR_PROVIDER_PROTOCOL);
}

Test(unionpay_notices, a_failed_try_leaves_the_payment_payable)
{
    static const char *const codes[] = { "64", "05", "12" };
    for (size_t i = 0; i < MOCK_COUNT(codes); i++) {
        CHECK_OK(TAKE(paid, "respCode", codes[i]));
        cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_UNPAID);
        CHECK_TEXT(evidence_claim(evidence)->provider_trade_no, "");
    }
}

Test(unionpay_notices, refunds_and_cancels_are_told_by_their_own_number)
{
    static const char *const types[] = { "04", "31" };
    for (size_t i = 0; i < MOCK_COUNT(types); i++) {
        CHECK_OK(TAKE(refunded, "txnType", types[i]));
        const struct evidence_claim *claim = evidence_claim(evidence);
        cr_expect_eq(claim->verdict, EVIDENCE_REFUNDED);
        CHECK_TEXT(claim->refund_no, "refund20240105");
        CHECK_TEXT(claim->merchant_order_no, "");
        CHECK_TEXT(claim->provider_trade_no, TRADE);
        cr_expect_eq(claim->refunded.minor, 100);
        cr_expect_eq(claim->amount.currency, CURRENCY_NONE);
    }
    CHECK_OK(TAKE(refunded, "respCode", "35"));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_VERDICT_NONE);
    CHECK_TEXT(evidence_claim(evidence)->refund_no, "refund20240105");
    CHECK_TEXT(evidence_claim(evidence)->provider_status, "35");
    cr_expect_eq(evidence_claim(evidence)->refunded.minor, 0);
}

/* "Reply HTTP 200; the body is ignored. Any other status means that it is sent again." */
Test(unionpay_notices, replies_and_advice_are_the_documents)
{
    cr_expect_eq(mock_account.adapter->callback_ok_status, 200);
    cr_expect_neq(mock_account.adapter->callback_fail_status, 200);
    cr_expect(mock_account.adapter->callback_asks);
}
