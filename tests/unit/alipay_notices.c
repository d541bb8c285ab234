/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous notices: which are believed, what they say, and which are refused. */
#include <criterion/criterion.h>

#include "alipay_mock.h"

#define TRADE_NO    "2024050622001400000000000001"
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum {
    AT_TYPE = 1,
    AT_APP = 3,
    AT_TRADE = 4,
    AT_ORDER = 5,
    AT_SELLER = 6,
    AT_AMOUNT = 7,
    AT_SUBJECT = 8,
    AT_PAYMENT = 9,
    AT_STATUS = 10,
    AT_SPARE = 11
};

/* A payment's notice as the document lists it; the spare place is for what a test adds. */
static const struct mock_field paid[] = {
    { "notify_time", "2024-05-06 07:09:11" },
    { "notify_type", "trade_status_sync" },
    { "notify_id", "2024050601222070911000000000000001" },
    { "app_id", MOCK_APP },
    { "trade_no", TRADE_NO },
    { "out_trade_no", MOCK_ORDER },
    { "seller_id", MOCK_MERCHANT },
    { "total_amount", "88.88" },
    { "subject", "测试商品 A&B=C%20+1" },
    { "gmt_payment", "2024-05-06 07:09:10" },
    { "trade_status", "TRADE_SUCCESS" },
    { "passback_params", NULL },
};

static struct mock_field notice[COUNT(paid)];
static struct evidence *evidence;

static void
start(void)
{
    mock_start();
    memcpy(notice, paid, sizeof(paid));
}

static void
finish(void)
{
    evidence_free(&evidence);
    mock_finish();
}

TestSuite(alipay_notices, .init = start, .fini = finish);

static enum err
take(const char *body)
{
    struct adapter_message message = { .body = span_of(body) };
    evidence_free(&evidence);
    return verify_callback(&mock_account, &message, mock_arena, &evidence);
}

static void
refuse(const char *body, enum err want)
{
    enum err got = take(body);
    cr_expect_eq(got, want, "%s gave %s", body, err_name(got));
    cr_expect_null(evidence);
}

/* Signed by the provider as it stands in `notice`. */
static const char *
genuine(void)
{
    return mock_notice(notice, COUNT(notice));
}

static void
expect_verdict(enum evidence_verdict verdict)
{
    CHECK_OK(take(genuine()));
    cr_expect_eq(evidence_claim(evidence)->verdict, verdict);
}

Test(alipay_notices, a_genuine_notice_is_evidence_with_the_providers_own_words)
{
    const char *body = genuine();
    CHECK_OK(take(body));
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->source, EVIDENCE_CALLBACK);
    cr_expect_eq(claim->verdict, EVIDENCE_PAID);
    CHECK_TEXT(claim->provider, "alipay");
    CHECK_TEXT(claim->account, "main");
    CHECK_TEXT(claim->application, MOCK_APP);
    CHECK_TEXT(claim->merchant, MOCK_MERCHANT);
    CHECK_TEXT(claim->merchant_order_no, MOCK_ORDER);
    CHECK_TEXT(claim->provider_trade_no, TRADE_NO);
    CHECK_TEXT(claim->provider_status, "TRADE_SUCCESS");
    CHECK_TEXT(claim->raw, body);
    cr_expect_eq(claim->amount.minor, 8888);
    cr_expect_eq(claim->amount.currency, CURRENCY_CNY);
    /* 07:09:10 in China is 23:09:10 of the day before in UTC. */
    cr_expect_eq(claim->paid_at.us, mock_time("2024-05-05T23:09:10Z").us);
    cr_expect_eq(claim->stated_at.us, mock_time("2024-05-05T23:09:11Z").us);
}

Test(alipay_notices, the_vectors_own_notices_give_the_states_of_the_document)
{
    static const struct {
        const char *id;
        enum evidence_verdict verdict;
    } rows[] = {
        { "self-trade-success", EVIDENCE_PAID },
        { "self-partial-refund", EVIDENCE_PAID },
        { "self-full-refund-closed", EVIDENCE_REFUNDED },
        { "self-timeout-closed", EVIDENCE_UNPAID_FINAL },
        { "self-trade-finished", EVIDENCE_PAID },
        { "self-gbk", EVIDENCE_PAID },
        { "self-empty-values-excluded", EVIDENCE_PAID },
        { "self-empty-values-included", EVIDENCE_PAID },
        { "self-trailing-blank", EVIDENCE_PAID },
        { "self-alipay-cert-sn-not-signed", EVIDENCE_PAID },
    };
    size_t found = 0;
    struct json_t *root = vectors_json("alipay/notify_verify.json");
    struct json_t *list = json_member(root, "vectors");
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *vector = json_element(list, i);
        for (size_t k = 0; k < COUNT(rows); k++) {
            if (span_eq_cstr(vectors_text(vector, "id"), rows[k].id)) {
                found++;
                CHECK_OK(take(mock_print("%.*s", SPAN_ARG(vectors_text(vector, "wire_form")))));
                cr_expect_eq(evidence_claim(evidence)->verdict, rows[k].verdict, "%s", rows[k].id);
            }
        }
    }
    cr_expect_eq(found, COUNT(rows));
    json_free(&root);
}

Test(alipay_notices, every_altered_field_is_refused)
{
    const char *text = mock_notice_text(notice, COUNT(notice));
    for (size_t i = 0; i < COUNT(notice); i++) {
        memcpy(notice, paid, sizeof(paid));
        if (notice[i].value == NULL) {
            continue;
        }
        notice[i].value = mock_print("%s1", paid[i].value);
        refuse(mock_notice_signed(notice, COUNT(notice), text), ERR_SIGNATURE);
        notice[i].value = NULL;
        refuse(mock_notice_signed(notice, COUNT(notice), text), ERR_SIGNATURE);
        notice[i] = (struct mock_field){ mock_print("%s_", paid[i].name), paid[i].value };
        refuse(mock_notice_signed(notice, COUNT(notice), text), ERR_SIGNATURE);
    }
}

Test(alipay_notices, an_added_field_is_refused)
{
    const char *body = genuine();
    refuse(mock_print("%s&refund_fee=1.00", body), ERR_SIGNATURE);
    refuse(mock_print("_url=x&%s", body), ERR_SIGNATURE);
    /* Without a value nothing is said, and a field without value is outside the text. */
    CHECK_OK(take(mock_print("%s&gmt_refund=", body)));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
}

Test(alipay_notices, a_repeated_field_is_refused)
{
    const char *body = genuine();
    for (size_t i = 0; i < COUNT(paid) - 1; i++) {
        refuse(mock_print("%s&%s=%s", body, paid[i].name, mock_escape(paid[i].value)),
               ERR_FIELD_REPEATED);
    }
    refuse(mock_print("sign=AA%%3D%%3D&%s", body), ERR_FIELD_REPEATED);
    refuse(mock_print("sign%%5Ftype=RSA&%s", body), ERR_FIELD_REPEATED);
}

Test(alipay_notices, a_message_without_a_good_signature_is_refused)
{
    const char *form = mock_form(notice, COUNT(notice));
    const char *text = mock_notice_text(notice, COUNT(notice));
    refuse(form, ERR_SIGNATURE);
    refuse(mock_print("%s&sign=", form), ERR_SIGNATURE);
    refuse(mock_print("%s&sign=AAAA", form), ERR_SIGNATURE);
    refuse(mock_print("%s&sign=%%%%", form), ERR_ENCODING);
    refuse(mock_print("%s&sign=%s", form, "not%20base64"), ERR_SIGNATURE);
    refuse("", ERR_SIGNATURE);
    /* The signature is over other bytes, or by a key that is not the provider's. */
    refuse(mock_notice_signed(notice, COUNT(notice), mock_print("%s ", text)), ERR_SIGNATURE);
    refuse(mock_print("%s&alipay_cert_sn=%s", genuine(), "00000000000000000000000000000000"),
           ERR_SIGNATURE);
    CHECK_OK(take(mock_print("%s&alipay_cert_sn=" MOCK_SERIAL, genuine())));
}

Test(alipay_notices, what_sign_type_says_is_not_believed)
{
    const char *form = mock_form(notice, COUNT(notice));
    struct span sign = mock_sign(span_of(mock_notice_text(notice, COUNT(notice))));
    const char *escaped = mock_escape(mock_print("%.*s", SPAN_ARG(sign)));
    CHECK_OK(take(mock_print("%s&sign_type=NONE&sign=%s", form, escaped)));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
    CHECK_OK(take(mock_print("sign=%s&%s", escaped, form)));
}

/* "&" in a value reads the same in the signed text as a border between fields: whoever can move the
 * border could hide a field inside its neighbour, with a signature that stays good. */
Test(alipay_notices, fields_glued_together_are_refused)
{
    static const size_t hidden[] = { AT_ORDER,  AT_AMOUNT, AT_STATUS, AT_APP,
                                     AT_SELLER, AT_TRADE,  AT_PAYMENT };
    notice[AT_SUBJECT].value = "plain";
    const char *text = mock_notice_text(notice, COUNT(notice));
    struct mock_field sorted[COUNT(notice)];
    memcpy(sorted, notice, sizeof(sorted));
    qsort(sorted, COUNT(sorted), sizeof(sorted[0]), mock_by_name);
    for (size_t h = 0; h < COUNT(hidden); h++) {
        struct mock_field glued[COUNT(notice)];
        size_t at = 0;
        memcpy(glued, sorted, sizeof(glued));
        while (strcmp(glued[at].name, paid[hidden[h]].name) != 0) {
            at++;
        }
        size_t before = at == 0 || glued[at - 1].value == NULL ? COUNT(glued) : at - 1;
        if (before == COUNT(glued)) {
            continue; /* the first of the text has no neighbour to hide in */
        }
        glued[before].value =
            mock_print("%s&%s=%s", glued[before].value, glued[at].name, glued[at].value);
        glued[at].value = NULL;
        refuse(mock_notice_signed(glued, COUNT(glued), text), ERR_SIGNATURE);
    }
}

Test(alipay_notices, a_glued_field_that_nobody_reads_changes_nothing)
{
    notice[AT_SUBJECT].value = "a=1&b=2";
    expect_verdict(EVIDENCE_PAID);
    cr_expect_eq(evidence_claim(evidence)->amount.minor, 8888);
    notice[AT_SUBJECT].value = "a&trade_status=TRADE_CLOSED";
    refuse(genuine(), ERR_SIGNATURE);
    notice[AT_SUBJECT].value = "a=1&b=2&total_amount=0.01&c=3";
    refuse(genuine(), ERR_SIGNATURE);
}

/* Whose application it is, is judged by who knows the order: the claim must say it truly. */
Test(alipay_notices, a_notice_of_another_application_names_that_one)
{
    notice[AT_APP].value = "2021999999999999";
    notice[AT_SELLER].value = "2088999999999999";
    CHECK_OK(take(genuine()));
    CHECK_TEXT(evidence_claim(evidence)->application, "2021999999999999");
    CHECK_TEXT(evidence_claim(evidence)->merchant, "2088999999999999");
}

/* "refund_fee" is the trade's running total: it never says how much of one refund has moved. */
Test(alipay_notices, a_notice_given_by_a_refund_names_it_and_what_moved)
{
    notice[2] = (struct mock_field){ "refund_fee", "50.00" };
    notice[AT_SPARE] = (struct mock_field){ "out_biz_no", "R20240506_0001" };
    expect_verdict(EVIDENCE_PAID);
    CHECK_TEXT(evidence_claim(evidence)->refund_no, "R20240506_0001");
    cr_expect_eq(evidence_claim(evidence)->refunded.currency, CURRENCY_NONE);
    notice[AT_SUBJECT] = (struct mock_field){ "send_back_fee", "8.80" };
    expect_verdict(EVIDENCE_PAID);
    cr_expect_eq(evidence_claim(evidence)->refunded.minor, 880);
    cr_expect_eq(evidence_claim(evidence)->amount.minor, 8888);
    notice[AT_SUBJECT].value = "-8.80";
    refuse(genuine(), ERR_PROVIDER_PROTOCOL);
    notice[AT_SUBJECT].value = "8.80";
    notice[AT_SPARE].value = NULL;
    expect_verdict(EVIDENCE_PAID);
    CHECK_TEXT(evidence_claim(evidence)->refund_no, "");
    cr_expect_eq(evidence_claim(evidence)->refunded.currency, CURRENCY_NONE);
}

Test(alipay_notices, closed_is_refunded_only_when_money_had_come)
{
    notice[AT_STATUS].value = "TRADE_CLOSED";
    expect_verdict(EVIDENCE_REFUNDED);
    notice[AT_PAYMENT].value = NULL;
    expect_verdict(EVIDENCE_UNPAID_FINAL);
    notice[AT_PAYMENT].value = "";
    expect_verdict(EVIDENCE_UNPAID_FINAL);
    notice[AT_SPARE] = (struct mock_field){ "refund_fee", "0.00" };
    expect_verdict(EVIDENCE_UNPAID_FINAL);
    notice[AT_SPARE] = (struct mock_field){ "refund_fee", "88.88" };
    expect_verdict(EVIDENCE_REFUNDED);
    notice[AT_SPARE] = (struct mock_field){ "gmt_refund", "2024-05-06 11:00:00.456" };
    expect_verdict(EVIDENCE_REFUNDED);
}

Test(alipay_notices, finished_and_waiting_are_what_they_are)
{
    notice[AT_STATUS].value = "TRADE_FINISHED";
    expect_verdict(EVIDENCE_PAID);
    notice[AT_STATUS].value = "WAIT_BUYER_PAY";
    notice[AT_PAYMENT].value = NULL;
    expect_verdict(EVIDENCE_UNPAID);
}

/* Genuine, but no statement about a payment that can be read. */
Test(alipay_notices, a_genuine_notice_that_is_not_understood_says_so)
{
    static const struct {
        size_t at;
        const char *value;
    } rows[] = {
        { AT_TYPE, "dut_user_sign" },
        { AT_TYPE, NULL },
        { AT_TYPE, "trade_status_sync " },
        { AT_STATUS, "TRADE_UNHEARD_OF" },
        { AT_STATUS, NULL },
        { AT_AMOUNT, NULL },
        { AT_AMOUNT, "88.888" },
        { AT_AMOUNT, "8.8E1" },
        { AT_AMOUNT, "-88.88" },
        { AT_AMOUNT, "88.88 " },
        { AT_PAYMENT, "yesterday" },
        { AT_ORDER, NULL },
        { AT_TRADE, NULL },
        { AT_APP, NULL },
        { AT_ORDER, "\xFF\xFF" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        memcpy(notice, paid, sizeof(paid));
        notice[rows[i].at].value = rows[i].value;
        refuse(genuine(), ERR_PROVIDER_PROTOCOL);
    }
}

/* Message centre, risk push and gateway checks keep sign_type in their text; even signed by the
 * payment rule they are no payments. */
Test(alipay_notices, notices_of_other_families_are_no_payments)
{
    const struct mock_field market[] = {
        { "app_id", MOCK_APP },
        { "biz_content", "{\"trade_status\":\"TRADE_SUCCESS\"}" },
        { "method", "alipay.open.servicemarket.order.notify" },
        { "notify_id", "1" },
    };
    const struct mock_field check[] = {
        { "biz_content", "<XML></XML>" },
        { "service", "alipay.service.check" },
    };
    const char *market_v2 = mock_print("%s&sign_type=RSA2", mock_notice_text(market, 4));
    refuse(mock_notice_signed(market, 4, market_v2), ERR_SIGNATURE);
    refuse(mock_notice(market, 4), ERR_PROVIDER_PROTOCOL);
    refuse(mock_notice(check, 2), ERR_PROVIDER_PROTOCOL);
    const char *paid_v2 = mock_print("%s", mock_notice_text(notice, COUNT(notice)));
    refuse(mock_notice_signed(notice, COUNT(notice), mock_print("%s&sign_type=RSA2", paid_v2)),
           ERR_SIGNATURE);
}

Test(alipay_notices, escapes_are_decoded_once_and_bad_ones_refused)
{
    const char *body = genuine();
    refuse(mock_print("%s&x=%%", body), ERR_ENCODING);
    refuse(mock_print("%s&x=%%4", body), ERR_ENCODING);
    refuse(mock_print("%s&x=%%zz", body), ERR_ENCODING);
    refuse(mock_print("%s&=x", body), ERR_ENCODING);
    refuse(mock_print("%s&&", body), ERR_ENCODING);
    notice[AT_SPARE].value = "a%3D1%26b%3D2";
    expect_verdict(EVIDENCE_PAID);
}

Test(alipay_notices, more_fields_than_the_table_holds_are_refused)
{
    const char *body = genuine();
    for (size_t i = 0; i < ADAPTER_FIELDS_MAX; i++) {
        body = mock_print("%s&f%zu=", body, i);
    }
    refuse(body, ERR_BUF_FULL);
}

Test(alipay_notices, a_key_past_its_validity_makes_no_evidence)
{
    const char *body = genuine();
    clock_fake_set_wall(wall_add_ms(mock_account.keys[0].not_after, 1000));
    refuse(body, ERR_SIGNATURE);
}
