/* SPDX-License-Identifier: Apache-2.0 */
/* What may be believed of an answer: signed, unsigned, forged, truncated, of another key or order. */
#include <criterion/criterion.h>

#include "alipay_play.h"

TestSuite(alipay_answers, .init = play_start, .fini = play_finish);

struct failure {
    enum adapter_operation operation;
    const char *code;
    const char *sub_code;
    enum adapter_handling handling;
    enum err err;
    enum evidence_verdict verdict;
};

/* One row of each class of section "public and business result codes", written down apart from the
 * adapter's table; every way a prefix is known to be printed occurs. */
static const struct failure failures[] = {
    { ADAPTER_QUERY, "40004", "ACQ.TRADE_NOT_EXIST", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
    { ADAPTER_CLOSE, "40004", "ACQ.TRADE_NOT_EXIST", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
    { ADAPTER_CLOSE, "40004", "ACQ.REASON_ILLEGAL_STATUS", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_PAY, "40004", "ACQ.TRADE_HAS_SUCCESS", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_PAY, "40004", "ACQ.EXIST_FORBIDDEN_WORD", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED,
      EVIDENCE_UNPAID_FINAL },
    { ADAPTER_PAY, "40004", "ACQ.SELLER_BEEN_BLOCKED", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND, "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", ADAPTER_RETRY, ERR_PROVIDER_BUSY,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND, "40004", "ACQ.DISCORDANT_REPEAT_REQUEST", ADAPTER_ASK_AGAIN,
      ERR_PROVIDER_REFUSED, EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND, "40004", "ACQ.TRADE_HAS_FINISHED", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND, "40004", "ACQ.REASON_TRADE_BEEN_FREEZEN", ADAPTER_ALARM, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "AQC.SYSTEM_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.TRADE_CANCEL_TIME_OUT", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.TRADE_HAS_FINISHED", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.CANCEL_NOT_ALLOWED", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.REASON_TRADE_REFUND_FEE_ERR", ADAPTER_REFUSED,
      ERR_PROVIDER_REFUSED, EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", ADAPTER_RETRY, ERR_PROVIDER_BUSY,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.REASON_TRADE_BEEN_FREEZEN", ADAPTER_ALARM, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CANCEL, "40004", "ACQ.BRAND_NEW", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND_QUERY, "40004", "TRADE_NOT_EXIST", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_BILL_LINK, "40004", "isp.bill_not_exist", ADAPTER_RETRY, ERR_BILL_NOT_READY,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_BILL_LINK, "20000", "isp.unknow-error", ADAPTER_RETRY, ERR_PROVIDER_BUSY,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_BILL_LINK, "40004", "INVAILID_ARGUMENTS", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "40004", "ACQ.SYSTEM_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_PAY, "20000", "aop.ACQ.SYSTEM_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CLOSE, "40004", "AQC.SYSTEM_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_PAY, "10003", "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "20001", "aop.invalid-auth-token", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "40001", "isv.missing-app-id", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "40002", "isv.invalid-signature", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "40003", "isv.missing-signature-config", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND, "40005", "", ADAPTER_RETRY, ERR_PROVIDER_BUSY, EVIDENCE_VERDICT_NONE },
    { ADAPTER_PAY, "40006", "isv.insufficient-isv-permissions", ADAPTER_ALARM,
      ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE },
    /* What nobody has documented may have happened. */
    { ADAPTER_PAY, "40004", "ACQ.BRAND_NEW", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_REFUND, "40004", "ACQ.BRAND_NEW", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_CLOSE, "99999", "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "40004", "NOT_EXIST", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
      EVIDENCE_VERDICT_NONE },
    { ADAPTER_QUERY, "40004", "TRADE_NOT_EXIST.ELSE", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
      EVIDENCE_VERDICT_NONE },
};

#define EACH_FAILURE(row)                      \
    for (const struct failure *row = failures; \
         row < failures + sizeof(failures) / sizeof(failures[0]); row++)

static const char *
failure_root(const struct failure *row, const char *order_no)
{
    return mock_print("{\"code\":\"%s\",\"msg\":\"Business Failed\",\"sub_code\":\"%s\","
                      "\"sub_msg\":\"为什么\",\"out_trade_no\":\"%s\"}",
                      row->code, row->sub_code, order_no);
}

Test(alipay_answers, a_signed_failure_means_what_the_document_says)
{
    EACH_FAILURE(row)
    {
        CHECK_OK(take(row->operation, genuine(row->operation, failure_root(row, MOCK_ORDER))));
        cr_expect_eq(answer.handling, row->handling, "%s: %d", row->sub_code, answer.handling);
        cr_expect_eq(answer.err, row->err, "%s: %s", row->sub_code, err_name(answer.err));
        cr_expect_eq(answer.claim.verdict, row->verdict, "%s", row->sub_code);
        bool refund = row->operation == ADAPTER_REFUND || row->operation == ADAPTER_REFUND_QUERY;
        cr_expect_eq(evidence != NULL, refund || row->verdict != EVIDENCE_VERDICT_NONE, "%s",
                     row->sub_code);
        CHECK_TEXT(answer.message, "为什么");
        cr_expect_eq(answer.bill_none, row->err == ERR_BILL_NOT_READY);
        /* Only a person can move what is frozen; no failure ends a refund as failed. */
        bool frozen = strstr(row->sub_code, "FREEZEN") != NULL;
        cr_expect_eq(answer.refund, frozen ? ADAPTER_REFUND_ABNORMAL : ADAPTER_REFUND_NONE, "%s",
                     row->sub_code);
    }
}

/* Anybody on the way can say no: it may drive a retry or an alarm, and ends nothing. */
Test(alipay_answers, an_unsigned_failure_ends_nothing)
{
    static const char *const endings[] = { "", ",\"sign\":\"\"" };
    EACH_FAILURE(row)
    {
        bool final = row->handling == ADAPTER_DONE || row->handling == ADAPTER_REFUSED;
        for (size_t i = 0; i < 2; i++) {
            CHECK_OK(take(row->operation, mock_print("{\"%s\":%s%s}", roots[row->operation],
                                                     failure_root(row, MOCK_ORDER), endings[i])));
            cr_expect_eq(answer.handling, final ? ADAPTER_ASK_AGAIN : row->handling, "%s",
                         row->sub_code);
            cr_expect_eq(answer.err, final ? ERR_PROVIDER_UNVERIFIED : row->err, "%s",
                         row->sub_code);
            cr_expect_eq(answer.claim.verdict, EVIDENCE_VERDICT_NONE, "%s", row->sub_code);
            cr_expect_eq(answer.refund, ADAPTER_REFUND_NONE, "%s", row->sub_code);
            cr_expect_null(evidence);
        }
    }
}

/* Signed as one code, delivered as another: the call may have been executed. */
Test(alipay_answers, a_forged_failure_is_an_unknown_outcome)
{
    EACH_FAILURE(row)
    {
        const char *root = failure_root(row, MOCK_ORDER);
        const char *other = mock_print("{\"code\":\"40004\",\"out_trade_no\":\"%s\"}", MOCK_ORDER);
        const char *body =
            mock_print("{\"%s\":%s,\"alipay_cert_sn\":\"" MOCK_SERIAL "\",\"sign\":\"%.*s\"}",
                       roots[row->operation], root, SPAN_ARG(mock_sign(span_of(other))));
        refuse(row->operation, body, ERR_PROVIDER_UNVERIFIED);
    }
}

Test(alipay_answers, a_truncated_failure_is_an_unknown_outcome)
{
    EACH_FAILURE(row)
    {
        const char *whole = mock_answer(roots[row->operation], failure_root(row, MOCK_ORDER));
        size_t len = strlen(whole);
        refuse(row->operation, mock_print("%.*s", (int)len - 1, whole), ERR_PROVIDER_PROTOCOL);
        refuse(row->operation, mock_print("%.*s", (int)len / 2, whole), ERR_PROVIDER_PROTOCOL);
    }
}

Test(alipay_answers, a_failure_under_another_serial_is_an_unknown_outcome)
{
    EACH_FAILURE(row)
    {
        refuse(row->operation,
               mock_answer_by(roots[row->operation], failure_root(row, MOCK_ORDER),
                              "00000000000000000000000000000000"),
               ERR_PROVIDER_UNVERIFIED);
    }
}

Test(alipay_answers, a_failure_of_another_order_is_no_answer)
{
    EACH_FAILURE(row)
    {
        refuse(row->operation,
               mock_answer(roots[row->operation], failure_root(row, "T20240506_0002")),
               ERR_PROVIDER_PROTOCOL);
    }
}

/* In GBK two characters stand before the quote; in UTF-8 one, and a backslash that escapes it. Read
 * the second way the answer is whole as well and its root ends earlier, at a brace inside a string.
 * Either may be what was signed; what is genuine and cannot be read is an unknown outcome. */
Test(alipay_answers, both_texts_of_an_answer_that_reads_two_ways_are_tried)
{
    const char *root = "{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_NOT_EXIST\","
                       "\"a\":\"\xE4\xB8\xAD\\\",\"b\":\"},\",\":[\":\"\\\"\"}";
    const char *early = mock_print("%.*s", (int)(strstr(root, "},") + 1 - root), root);
    const char *body = genuine(ADAPTER_QUERY, root);
    struct adapter_message message = { .body = span_of(body) };
    struct adapter_signed cut = { 0 };
    cr_assert(span_is_utf8(message.body));
    CHECK_OK(alipay_answer_split(ADAPTER_QUERY, &message, mock_arena, &cut));
    cr_assert_eq(cut.text_count, 2);
    CHECK_TEXT(cut.texts[0], early);
    CHECK_TEXT(cut.texts[1], root);
    refuse(ADAPTER_QUERY, body, ERR_PROVIDER_PROTOCOL);
}

/* Every row of the adapter's own table, so that none can go astray on its way through. */
Test(alipay_answers, every_row_of_the_table_comes_through_signed_and_is_tamed_unsigned)
{
    static const struct failure rows[] = {
#define ADAPTER_ANY ADAPTER_PAY
#define CODE(operation, sub_code, handling, err, verdict) \
    { ADAPTER_##operation, "40004", sub_code, ADAPTER_##handling, ERR_##err, EVIDENCE_##verdict },
#include "alipay_codes.def"
#undef CODE
    };
    cr_assert_gt(sizeof(rows) / sizeof(rows[0]), 80);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *root = failure_root(&rows[i], MOCK_ORDER);
        CHECK_OK(take(rows[i].operation, genuine(rows[i].operation, root)));
        cr_expect_eq(answer.handling, rows[i].handling, "%s", rows[i].sub_code);
        cr_expect_eq(answer.err, rows[i].err, "%s", rows[i].sub_code);
        cr_expect_eq(answer.claim.verdict, rows[i].verdict, "%s", rows[i].sub_code);
        CHECK_OK(take(rows[i].operation, unsigned_answer(rows[i].operation, root)));
        cr_expect(answer.handling != ADAPTER_DONE && answer.handling != ADAPTER_REFUSED, "%s",
                  rows[i].sub_code);
        cr_expect_null(evidence);
    }
}
