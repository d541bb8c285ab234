/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer means: the document's decision table, and what must be there before it counts. */
#include "unionpay_play.h"

TestSuite(unionpay_answers, .init = play_start, .fini = play_finish);

Test(unionpay_answers, an_answer_about_another_transaction_is_refused)
{
    static const struct {
        const char *name;
        const char *value;
    } changes[] = {
        { "merId", "777290058110048" },
        { "merId", NULL },
        { "orderId", "pay20240105145047" },
        { "orderId", NULL },
        { "txnTime", "20240105145047" },
        { "txnTime", NULL },
        { "signMethod", "02" },
    };
    for (size_t i = 0; i < MOCK_COUNT(changes); i++) {
        REFUSE(ADAPTER_QUERY, paid, changes[i].name, changes[i].value);
        REFUSE(ADAPTER_QUERY, not_found, changes[i].name, changes[i].value);
        REFUSE(ADAPTER_REFUND, refund_accepted, changes[i].name, changes[i].value);
        REFUSE(ADAPTER_REFUND_QUERY, refunded, changes[i].name, changes[i].value);
        REFUSE(ADAPTER_PAY, code_shown, changes[i].name, changes[i].value);
    }
    REFUSE(ADAPTER_QUERY, refunded, NULL, NULL);
    REFUSE(ADAPTER_REFUND_QUERY, paid, NULL, NULL);
}

Test(unionpay_answers, a_success_without_its_parts_is_refused)
{
    static const struct {
        const char *name;
        const char *value;
    } changes[] = {
        { "txnAmt", NULL },       { "txnAmt", "88.88" },    { "txnAmt", "0" },
        { "txnAmt", "-8888" },    { "currencyCode", NULL }, { "currencyCode", "840" },
        { "queryId", NULL },      { "txnType", "04" },      { "txnType", NULL },
        { "settleDate", "1301" }, { "traceTime", "0105" },
    };
    for (size_t i = 0; i < MOCK_COUNT(changes); i++) {
        REFUSE(ADAPTER_QUERY, paid, changes[i].name, changes[i].value);
    }
}

Test(unionpay_answers, a_paid_answer_says_what_was_paid)
{
    CHECK_OK(TAKE(ADAPTER_QUERY, paid, NULL, NULL));
    cr_expect_eq(answer.handling, ADAPTER_DONE);
    cr_assert_not_null(evidence);
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->verdict, EVIDENCE_PAID);
    cr_expect_eq(claim->source, EVIDENCE_QUERY);
    CHECK_TEXT(claim->merchant, MOCK_MERCHANT);
    CHECK_TEXT(claim->application, MOCK_MERCHANT);
    CHECK_TEXT(claim->merchant_order_no, NUMBER);
    CHECK_TEXT(claim->provider_trade_no, TRADE);
    CHECK_TEXT(claim->provider_status, "00");
    CHECK_TEXT(claim->trace, "7846490105145101");
    CHECK_TEXT(claim->signer, MOCK_SERIAL);
    cr_expect_eq(claim->amount.minor, 8888);
    cr_expect_eq(claim->paid_at.us, mock_time("2024-01-05T06:51:01Z").us);
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 1, 6 }), 0);
}

/* The amount is compared with our books by the judge, who keeps the evidence of a difference. */
Test(unionpay_answers, another_amount_is_told_as_it_is)
{
    CHECK_OK(TAKE(ADAPTER_QUERY, paid, "txnAmt", "8889"));
    cr_expect_eq(evidence_claim(evidence)->amount.minor, 8889);
}

Test(unionpay_answers, without_a_trace_time_the_sending_time_counts)
{
    CHECK_OK(TAKE(ADAPTER_QUERY, paid, "traceTime", NULL));
    cr_expect_eq(evidence_claim(evidence)->paid_at.us, mock_time("2024-01-05T06:50:46Z").us);
    CHECK_TEXT(evidence_claim(evidence)->trace, "");
    CHECK_OK(TAKE(ADAPTER_QUERY, paid, "settleDate", NULL));
    cr_expect_eq(evidence_claim(evidence)->bill_day.year, 0);
}

/* 3.3, row by row: the moment, what the codes say, and what follows. NONE: nothing but "ask again". */
enum moment { BEFORE, JUST_AFTER, PAST_MARGIN, MOMENT_COUNT };
static const char *const moments[MOMENT_COUNT] = {
    "2024-01-05T07:20:45Z",
    "2024-01-05T07:25:45Z",
    "2024-01-05T07:25:46Z",
};

static const struct {
    const char *code;
    const char *original; /* NULL: not there */
    enum evidence_verdict verdict[MOMENT_COUNT];
    enum adapter_handling handling;
    enum err err;
} table[] = {
    { "00", "00", { EVIDENCE_PAID, EVIDENCE_PAID, EVIDENCE_PAID }, ADAPTER_DONE, ERR_OK },
    { "00", "A6", { EVIDENCE_PAID, EVIDENCE_PAID, EVIDENCE_PAID }, ADAPTER_DONE, ERR_OK },
    { "00", "03", { EVIDENCE_UNPAID, EVIDENCE_UNPAID, EVIDENCE_UNPAID }, ADAPTER_DONE, ERR_OK },
    { "00", "04", { EVIDENCE_UNPAID, EVIDENCE_UNPAID, EVIDENCE_UNPAID }, ADAPTER_DONE, ERR_OK },
    { "00", "05", { EVIDENCE_UNPAID, EVIDENCE_UNPAID, EVIDENCE_UNPAID }, ADAPTER_DONE, ERR_OK },
    { "00",
      "64",
      { EVIDENCE_UNPAID, EVIDENCE_UNPAID, EVIDENCE_UNPAID_FINAL },
      ADAPTER_DONE,
      ERR_OK },
    { "00",
      "10",
      { EVIDENCE_UNPAID, EVIDENCE_UNPAID, EVIDENCE_UNPAID_FINAL },
      ADAPTER_DONE,
      ERR_OK },
    { "00", "42", { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL },
    { "00", "97", { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL },
    { "00", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL },
    { "34",
      NULL,
      { EVIDENCE_UNPAID, EVIDENCE_UNPAID, EVIDENCE_UNPAID_FINAL },
      ADAPTER_DONE,
      ERR_OK },
    { "03", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER },
    { "04", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER },
    { "05", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER },
    { "37", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_RETRY, ERR_PROVIDER_BUSY },
    { "06", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_RETRY, ERR_PROVIDER_BUSY },
    { "02", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_RETRY, ERR_PROVIDER_BUSY },
    { "99", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_RETRY, ERR_PROVIDER_BUSY },
    { "10", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT },
    { "11", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT },
    { "13", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT },
    { "31", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT },
    { "32", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT },
    { "60", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL },
    { "98", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL },
    { "97", NULL, { EVIDENCE_VERDICT_NONE }, ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL },
};

static void
expect_row(size_t row, enum moment moment)
{
    struct mock_field fields[MOCK_COUNT(paid)];
    memcpy(fields, paid, sizeof(paid));
    for (size_t i = 0; i < MOCK_COUNT(fields); i++) {
        if (strcmp(fields[i].name, "respCode") == 0) {
            fields[i].value = table[row].code;
        } else if (strcmp(fields[i].name, "origRespCode") == 0) {
            fields[i].value = table[row].original;
        }
    }
    order.now = mock_time(moments[moment]);
    CHECK_OK(take_body(ADAPTER_QUERY, mock_answer(fields, MOCK_COUNT(fields))));
    enum evidence_verdict verdict =
        evidence == NULL ? EVIDENCE_VERDICT_NONE : evidence_claim(evidence)->verdict;
    cr_expect_eq(verdict, table[row].verdict[moment], "row %zu, moment %d", row, (int)moment);
    cr_expect_eq(answer.handling, table[row].handling, "row %zu", row);
    cr_expect_eq(answer.err, table[row].err, "row %zu", row);
    CHECK_TEXT(answer.code, table[row].code);
    cr_expect_eq(answer.refund, ADAPTER_REFUND_NONE);
}

Test(unionpay_answers, the_decision_table_is_followed)
{
    for (size_t row = 0; row < MOCK_COUNT(table); row++) {
        for (int moment = BEFORE; moment < MOMENT_COUNT; moment++) {
            expect_row(row, (enum moment)moment);
        }
    }
}

/* The next try on the same page may be another trade: a failed one's number must not stick. */
Test(unionpay_answers, a_payment_that_has_not_come_names_no_trade)
{
    CHECK_OK(TAKE(ADAPTER_QUERY, paid, "origRespCode", "64"));
    CHECK_TEXT(evidence_claim(evidence)->provider_trade_no, "");
    CHECK_TEXT(evidence_claim(evidence)->merchant_order_no, NUMBER);
    CHECK_TEXT(evidence_claim(evidence)->provider_status, "64");
}

Test(unionpay_answers, without_an_end_nothing_is_final)
{
    order.expires_at.us = 0;
    order.now = mock_time("2024-02-05T07:00:00Z");
    CHECK_OK(TAKE(ADAPTER_QUERY, not_found, NULL, NULL));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_UNPAID);
}

Test(unionpay_answers, a_code_is_asked_about_for_longer)
{
    order.method = ADAPTER_QR;
    order.now = mock_time("2024-01-05T08:20:45Z");
    CHECK_OK(TAKE(ADAPTER_QUERY, not_found, NULL, NULL));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_UNPAID);
    order.now = mock_time("2024-01-05T08:20:46Z");
    CHECK_OK(TAKE(ADAPTER_QUERY, not_found, NULL, NULL));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_UNPAID_FINAL);
}

Test(unionpay_answers, a_code_is_taken_with_its_order)
{
    REFUSE(ADAPTER_PAY, code_shown, "qrCode", NULL);
    CHECK_OK(TAKE(ADAPTER_PAY, code_shown, NULL, NULL));
    CHECK_TEXT(answer.qr_text, "https://qr.95516.com/00010000/62552164");
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_SENT);
    CHECK_OK(TAKE(ADAPTER_PAY, code_shown, "respCode", "33"));
    CHECK_TEXT(answer.qr_text, "");
    cr_expect_eq(answer.handling, ADAPTER_REFUSED);
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_UNPAID_FINAL);
    CHECK_OK(TAKE(ADAPTER_PAY, code_shown, "respCode", "12"));
    cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
    cr_expect_null(evidence);
    CHECK_OK(TAKE(ADAPTER_PAY, code_shown, "respCode", "11"));
    cr_expect_eq(answer.handling, ADAPTER_ALARM);
    cr_expect_null(evidence);
}

/* "00" of a refund is "accepted", never "refunded". */
Test(unionpay_answers, an_accepted_refund_is_not_yet_one)
{
    CHECK_OK(TAKE(ADAPTER_REFUND, refund_accepted, NULL, NULL));
    cr_expect_eq(answer.handling, ADAPTER_DONE);
    cr_expect_eq(answer.refund, ADAPTER_REFUND_ACCEPTED);
    cr_expect_eq(answer.refund_amount.currency, CURRENCY_NONE);
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_VERDICT_NONE);
    CHECK_OK(TAKE(ADAPTER_CANCEL, refund_accepted, "txnType", "31"));
    cr_expect_eq(answer.refund, ADAPTER_REFUND_ACCEPTED);
    REFUSE(ADAPTER_REFUND, refund_accepted, "txnAmt", "1");
    REFUSE(ADAPTER_REFUND, refund_accepted, "origQryId", "052401051658427862748");
    REFUSE(ADAPTER_REFUND, refund_accepted, "txnType", "01");
}

Test(unionpay_answers, a_refund_fails_only_when_the_provider_says_so)
{
    static const struct {
        const char *code;
        enum adapter_handling handling;
        enum adapter_refund_state refund;
    } rows[] = {
        { "03", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "04", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "05", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "06", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "12", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "34", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "45", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "97", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "99", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "10", ADAPTER_ALARM, ADAPTER_REFUND_NONE },
        { "35", ADAPTER_REFUSED, ADAPTER_REFUND_FAILED },
        { "36", ADAPTER_REFUSED, ADAPTER_REFUND_FAILED },
    };
    for (size_t i = 0; i < MOCK_COUNT(rows); i++) {
        CHECK_OK(TAKE(ADAPTER_REFUND, refund_accepted, "respCode", rows[i].code));
        cr_expect_eq(answer.handling, rows[i].handling, "%s", rows[i].code);
        cr_expect_eq(answer.refund, rows[i].refund, "%s", rows[i].code);
        cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_VERDICT_NONE);
    }
}

Test(unionpay_answers, a_refund_is_told_by_its_own_query)
{
    REFUSE(ADAPTER_REFUND_QUERY, refunded, "txnAmt", "8887");
    REFUSE(ADAPTER_REFUND_QUERY, refunded, "txnAmt", NULL);
    REFUSE(ADAPTER_REFUND_QUERY, refunded, "currencyCode", "840");
    REFUSE(ADAPTER_REFUND_QUERY, refunded, "origQryId", "052401051658427862748");
    CHECK_OK(TAKE(ADAPTER_REFUND_QUERY, refunded, NULL, NULL));
    cr_expect_eq(answer.refund, ADAPTER_REFUND_SUCCEEDED);
    cr_expect_eq(answer.refund_amount.minor, 8888);
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->verdict, EVIDENCE_REFUNDED);
    CHECK_TEXT(claim->refund_no, REFUND);
    CHECK_TEXT(claim->merchant_order_no, "");
    CHECK_TEXT(claim->provider_trade_no, TRADE);
    CHECK_TEXT(claim->trace, "7863990105145046");
    cr_expect_eq(claim->refunded.minor, 8888);
    cr_expect_eq(claim->amount.currency, CURRENCY_NONE);
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 1, 8 }), 0);
}

Test(unionpay_answers, a_refund_that_is_under_way_or_failed_moves_nothing)
{
    static const struct {
        const char *name;
        const char *value;
        enum adapter_handling handling;
        enum adapter_refund_state refund;
    } rows[] = {
        { "origRespCode", "05", ADAPTER_DONE, ADAPTER_REFUND_ACCEPTED },
        { "origRespCode", "12", ADAPTER_DONE, ADAPTER_REFUND_ACCEPTED },
        { "origRespCode", "35", ADAPTER_DONE, ADAPTER_REFUND_FAILED },
        { "origRespCode", "97", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "origRespCode", NULL, ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "respCode", "34", ADAPTER_ASK_AGAIN, ADAPTER_REFUND_NONE },
        { "respCode", "37", ADAPTER_RETRY, ADAPTER_REFUND_NONE },
    };
    order.now = mock_time("2024-03-05T07:00:00Z");
    for (size_t i = 0; i < MOCK_COUNT(rows); i++) {
        CHECK_OK(TAKE(ADAPTER_REFUND_QUERY, refunded, rows[i].name, rows[i].value));
        cr_expect_eq(answer.handling, rows[i].handling, "row %zu", i);
        cr_expect_eq(answer.refund, rows[i].refund, "row %zu", i);
        bool unheard_of = rows[i].value != NULL && strcmp(rows[i].value, "34") == 0;
        cr_expect_eq(answer.refund_absent, unheard_of, "row %zu", i);
        cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_VERDICT_NONE);
    }
}
