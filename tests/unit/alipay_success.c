/* SPDX-License-Identifier: Apache-2.0 */
/* What a successful answer must carry before it counts, operation by operation. */
#include <criterion/criterion.h>

#include "alipay_play.h"

#define TRADE_NO "2024050622001400000000000001"
#define OK_HEAD  "{\"code\":\"10000\",\"msg\":\"Success\""
#define NUMBERS  ",\"out_trade_no\":\"" MOCK_ORDER "\",\"trade_no\":\"" TRADE_NO "\""
#define OTHER    ",\"out_trade_no\":\"T20240506_0002\",\"trade_no\":\"" TRADE_NO "\""
#define REFUND_QUERIED                                                                     \
    ",\"out_request_no\":\"R20240506_0001\",\"refund_amount\":\"88.88\",\"total_amount\":" \
    "\"88.88\",\"refund_status\":\"REFUND_SUCCESS\""

TestSuite(alipay_success, .init = play_start, .fini = play_finish);

/* One success of each operation, with its verdict, and the same without or with other numbers. */
static const struct success {
    enum adapter_operation operation;
    enum evidence_verdict verdict;
    const char *root;
    const char *root_of_other_order;
    const char *root_without_numbers;
} successes[] = {
    { ADAPTER_PAY, EVIDENCE_SENT, OK_HEAD NUMBERS ",\"qr_code\":\"https://qr.alipay.com/bax1\"}",
      OK_HEAD OTHER ",\"qr_code\":\"https://qr.alipay.com/bax1\"}",
      OK_HEAD ",\"qr_code\":\"https://qr.alipay.com/bax1\"}" },
    { ADAPTER_QUERY, EVIDENCE_PAID,
      OK_HEAD NUMBERS ",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"88.88\","
                      "\"send_pay_date\":\"2024-05-06 07:09:10\"}",
      OK_HEAD OTHER ",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"88.88\"}",
      OK_HEAD ",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"88.88\"}" },
    { ADAPTER_CLOSE, EVIDENCE_CLOSED, OK_HEAD NUMBERS "}", OK_HEAD OTHER "}", OK_HEAD "}" },
    { ADAPTER_CANCEL, EVIDENCE_REFUNDED,
      OK_HEAD NUMBERS ",\"retry_flag\":\"N\",\"action\":\"refund\"}",
      OK_HEAD OTHER ",\"retry_flag\":\"N\",\"action\":\"refund\"}",
      OK_HEAD ",\"retry_flag\":\"N\",\"action\":\"refund\"}" },
    { ADAPTER_REFUND, EVIDENCE_REFUNDED,
      OK_HEAD NUMBERS ",\"fund_change\":\"Y\",\"refund_fee\":\"90.00\"}",
      OK_HEAD OTHER ",\"fund_change\":\"Y\"}", OK_HEAD ",\"fund_change\":\"Y\"}" },
    { ADAPTER_REFUND_QUERY, EVIDENCE_REFUNDED, OK_HEAD NUMBERS REFUND_QUERIED "}",
      OK_HEAD OTHER REFUND_QUERIED "}", OK_HEAD REFUND_QUERIED "}" },
    { ADAPTER_BILL_LINK, EVIDENCE_VERDICT_NONE,
      OK_HEAD ",\"bill_download_url\":\"http://dwbillcenter.alipay.com/x?a=1&b=2\"}", NULL, NULL },
};

#define EACH_SUCCESS(row)                       \
    for (const struct success *row = successes; \
         row < successes + sizeof(successes) / sizeof(successes[0]); row++)

Test(alipay_success, a_genuine_success_of_this_order_counts)
{
    EACH_SUCCESS(row)
    {
        CHECK_OK(take(row->operation, genuine(row->operation, row->root)));
        cr_expect_eq(answer.handling, ADAPTER_DONE);
        cr_expect_eq(answer.claim.verdict, row->verdict);
        cr_expect_eq(evidence != NULL, row->verdict != EVIDENCE_VERDICT_NONE);
        bool gave_back = row->verdict == EVIDENCE_REFUNDED;
        cr_expect_eq(answer.refund, gave_back ? ADAPTER_REFUND_SUCCEEDED : ADAPTER_REFUND_NONE);
        cr_expect_eq(answer.refund_amount.minor, gave_back ? 8888 : 0);
        if (evidence != NULL) {
            const struct evidence_claim *claim = evidence_claim(evidence);
            CHECK_TEXT(claim->merchant_order_no, MOCK_ORDER);
            CHECK_TEXT(claim->provider_trade_no, TRADE_NO);
            CHECK_TEXT(claim->signer, MOCK_SERIAL);
            CHECK_TEXT(claim->refund_no, gave_back ? "R20240506_0001" : "");
            cr_expect_eq(claim->refunded.minor, gave_back ? 8888 : 0);
            CHECK_TEXT(claim->provider, "alipay");
            CHECK_TEXT(claim->account, "main");
            cr_expect_eq(claim->source, EVIDENCE_QUERY);
        }
    }
}

Test(alipay_success, an_unsigned_success_is_refused)
{
    EACH_SUCCESS(row)
    {
        refuse(row->operation, unsigned_answer(row->operation, row->root), ERR_PROVIDER_UNVERIFIED);
        refuse(row->operation,
               mock_print("{\"%s\":%s,\"sign\":\"\"}", roots[row->operation], row->root),
               ERR_PROVIDER_UNVERIFIED);
    }
}

/* The signature of a failure, glued to a success. */
Test(alipay_success, a_forged_success_is_refused)
{
    EACH_SUCCESS(row)
    {
        struct span sign = mock_sign(SPAN_LIT("{\"code\":\"40004\"}"));
        refuse(row->operation,
               mock_print("{\"%s\":%s,\"alipay_cert_sn\":\"" MOCK_SERIAL "\",\"sign\":\"%.*s\"}",
                          roots[row->operation], row->root, SPAN_ARG(sign)),
               ERR_PROVIDER_UNVERIFIED);
        refuse(row->operation,
               mock_print("{\"%s\":%s,\"alipay_cert_sn\":\"" MOCK_SERIAL "\",\"sign\":\"%.*s\"}",
                          roots[row->operation], row->root, 300, sign.at),
               ERR_PROVIDER_UNVERIFIED);
    }
}

Test(alipay_success, a_second_root_or_sign_is_refused)
{
    EACH_SUCCESS(row)
    {
        const char *whole = genuine(row->operation, row->root);
        refuse(row->operation,
               mock_print("{\"%s\":{\"code\":\"10000\"},%s", roots[row->operation], whole + 1),
               ERR_PROVIDER_PROTOCOL);
        refuse(row->operation, mock_print("{\"sign\":\"AA==\",%s", whole + 1),
               ERR_PROVIDER_PROTOCOL);
        refuse(row->operation, mock_print("%s{}", whole), ERR_PROVIDER_PROTOCOL);
        refuse(row->operation, mock_print("[%s]", whole), ERR_PROVIDER_PROTOCOL);
    }
}

Test(alipay_success, a_success_of_another_operation_is_refused)
{
    EACH_SUCCESS(row)
    {
        enum adapter_operation other =
            row->operation == ADAPTER_CLOSE ? ADAPTER_QUERY : ADAPTER_CLOSE;
        refuse(other, genuine(row->operation, row->root), ERR_PROVIDER_PROTOCOL);
    }
}

Test(alipay_success, a_success_must_name_the_order_asked_for)
{
    EACH_SUCCESS(row)
    {
        if (row->root_of_other_order != NULL) {
            refuse(row->operation, genuine(row->operation, row->root_of_other_order),
                   ERR_PROVIDER_PROTOCOL);
            refuse(row->operation, genuine(row->operation, row->root_without_numbers),
                   ERR_PROVIDER_PROTOCOL);
        }
    }
}

Test(alipay_success, the_certificate_scheme_wants_the_serial_named)
{
    EACH_SUCCESS(row)
    {
        const char *body = mock_answer_by(roots[row->operation], row->root, NULL);
        refuse(row->operation, body, ERR_PROVIDER_UNVERIFIED);
        refuse(row->operation,
               mock_answer_by(roots[row->operation], row->root, "11111111111111111111111111111111"),
               ERR_PROVIDER_UNVERIFIED);
        mock_key_scheme(false);
        CHECK_OK(take(row->operation, body));
        cr_expect_eq(answer.handling, ADAPTER_DONE);
        mock_key_scheme(true);
    }
}

Test(alipay_success, a_key_past_its_validity_signs_nothing)
{
    const struct success *row = &successes[1];
    const char *body = genuine(row->operation, row->root);
    clock_fake_set_wall(wall_add_ms(mock_account.keys[0].not_after, 1000));
    refuse(row->operation, body, ERR_PROVIDER_UNVERIFIED);
    clock_fake_set_wall(wall_add_ms(mock_account.keys[0].not_before, -1000));
    refuse(row->operation, body, ERR_PROVIDER_UNVERIFIED);
}

#define STATUS(status, rest) \
    OK_HEAD NUMBERS ",\"trade_status\":\"" status "\",\"total_amount\":\"88.88\"" rest "}"

Test(alipay_success, a_query_tells_the_two_kinds_of_closed_apart)
{
    static const struct {
        const char *root;
        enum evidence_verdict verdict;
    } rows[] = {
        { STATUS("WAIT_BUYER_PAY", ""), EVIDENCE_UNPAID },
        { STATUS("TRADE_SUCCESS", ",\"send_pay_date\":\"2024-05-06 07:09:10\""), EVIDENCE_PAID },
        { STATUS("TRADE_FINISHED", ""), EVIDENCE_PAID },
        { STATUS("TRADE_CLOSED", ""), EVIDENCE_UNPAID_FINAL },
        { STATUS("TRADE_CLOSED", ",\"send_pay_date\":\"\",\"refund_fee\":\"0.00\""),
          EVIDENCE_UNPAID_FINAL },
        { STATUS("TRADE_CLOSED", ",\"send_pay_date\":\"2024-05-06 07:09:10\""), EVIDENCE_REFUNDED },
        { STATUS("TRADE_CLOSED", ",\"refund_fee\":\"88.88\""), EVIDENCE_REFUNDED },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_OK(take(ADAPTER_QUERY, genuine(ADAPTER_QUERY, rows[i].root)));
        cr_expect_eq(answer.claim.verdict, rows[i].verdict, "%s", rows[i].root);
        cr_expect_eq(answer.claim.amount.minor, 8888);
        cr_expect_not_null(evidence);
    }
}

Test(alipay_success, a_query_that_says_something_odd_is_not_understood)
{
    static const char *const odd[] = {
        STATUS("TRADE_UNHEARD_OF", ""),
        STATUS("trade_success", ""),
        STATUS("", ""),
        STATUS("TRADE_SUCCESS", ",\"send_pay_date\":\"yesterday\""),
        STATUS("TRADE_SUCCESS", ",\"refund_fee\":\"-1.00\""),
        OK_HEAD NUMBERS ",\"trade_status\":\"TRADE_SUCCESS\"}",
        OK_HEAD NUMBERS ",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"88.888\"}",
        OK_HEAD NUMBERS ",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":\"8.8E1\"}",
        OK_HEAD NUMBERS ",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":88.88}",
        OK_HEAD NUMBERS ",\"total_amount\":\"88.88\"}",
        STATUS("TRADE_SUCCESS", ",\"code\":\"10000\""),
        "\"encrypted\"",
        "[]",
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        refuse(ADAPTER_QUERY, genuine(ADAPTER_QUERY, odd[i]), ERR_PROVIDER_PROTOCOL);
    }
}

Test(alipay_success, unknown_members_and_numbers_we_do_not_read_are_let_in)
{
    CHECK_OK(take(ADAPTER_QUERY,
                  genuine(ADAPTER_QUERY,
                          STATUS("TRADE_SUCCESS", ",\"new\":{\"x\":[1.5,null]},\"ratio\":0.5"))));
    cr_expect_eq(answer.claim.verdict, EVIDENCE_PAID);
}

/* Code 10000 of a refund is not yet success; refund_fee is the running total and not this refund. */
Test(alipay_success, a_refund_counts_only_when_money_moved)
{
    CHECK_OK(take(ADAPTER_REFUND, genuine(ADAPTER_REFUND, successes[4].root)));
    cr_expect(money_eq(answer.refund_amount, order.amount));
    static const char *const not_yet[] = {
        OK_HEAD NUMBERS ",\"fund_change\":\"N\",\"refund_fee\":\"88.88\"}",
        OK_HEAD NUMBERS ",\"refund_fee\":\"88.88\"}",
        OK_HEAD NUMBERS ",\"fund_change\":\"y\"}",
    };
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(take(ADAPTER_REFUND, genuine(ADAPTER_REFUND, not_yet[i])));
        cr_expect_eq(answer.refund, ADAPTER_REFUND_ACCEPTED);
        cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
        cr_expect_eq(answer.refund_amount.minor, 0);
        cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_VERDICT_NONE);
    }
}

#define REFUND(number, amount)                                                       \
    OK_HEAD NUMBERS ",\"out_request_no\":\"" number "\",\"refund_amount\":\"" amount \
                    "\",\"total_amount\":\"88.88\",\"refund_status\":\"REFUND_SUCCESS\"}"

Test(alipay_success, a_refund_query_must_be_about_this_refund_and_amount)
{
    refuse(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, REFUND("R20240506_0002", "88.88")),
           ERR_PROVIDER_PROTOCOL);
    refuse(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, REFUND("", "88.88")),
           ERR_PROVIDER_PROTOCOL);
    refuse(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, REFUND("R20240506_0001", "8.88")),
           ERR_PROVIDER_PROTOCOL);
    refuse(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, REFUND("R20240506_0001", "")),
           ERR_PROVIDER_PROTOCOL);
}

/* Asked on the next morning about a refund of 23:58:03 in China, of which no answer had come: its bill is that of the day before. */
Test(alipay_success, a_refund_query_says_when_the_refund_was_done)
{
    const char *said =
        OK_HEAD NUMBERS REFUND_QUERIED ",\"gmt_refund_pay\":\"2024-05-06 23:58:03\"}";
    CHECK_OK(take(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, said)));
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->stated_at.us, INT64_C(1715011083) * 1000000); /* date -d '… +08:00' +%s */
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 5, 6 }), 0);
    CHECK_OK(take(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, successes[5].root)));
    cr_expect_eq(evidence_claim(evidence)->bill_day.year, 0, "where it is not said, nothing is");
    const char *odd = OK_HEAD NUMBERS REFUND_QUERIED ",\"gmt_refund_pay\":\"yesterday\"}";
    refuse(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, odd), ERR_PROVIDER_PROTOCOL);
}

Test(alipay_success, a_refund_query_without_status_is_not_yet)
{
    static const struct {
        const char *root;
        bool absent;
    } rows[] = {
        { OK_HEAD NUMBERS ",\"out_request_no\":\"R20240506_0001\"}", true },
        { OK_HEAD "}", true },
        { OK_HEAD NUMBERS ",\"refund_status\":\"REFUND_PROCESSING\"}", false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_OK(take(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, rows[i].root)));
        cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
        cr_expect_eq(answer.err, ERR_PROVIDER_NO_ANSWER);
        cr_expect_eq(answer.refund, ADAPTER_REFUND_NONE);
        cr_expect_eq(answer.refund_absent, rows[i].absent, "%zu", i);
        cr_expect_eq(answer.refund_amount.minor, 0);
        cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_VERDICT_NONE);
    }
    const char *nameless = OK_HEAD ",\"refund_status\":\"REFUND_SUCCESS\"}";
    refuse(ADAPTER_REFUND_QUERY, genuine(ADAPTER_REFUND_QUERY, nameless), ERR_PROVIDER_PROTOCOL);
}

#define CANCELLED(rest) OK_HEAD NUMBERS rest "}"

Test(alipay_success, a_cancel_says_what_it_did)
{
    static const struct {
        const char *root;
        enum adapter_handling handling;
        enum evidence_verdict verdict;
        enum adapter_refund_state refund;
    } rows[] = {
        { CANCELLED(",\"retry_flag\":\"N\",\"action\":\"close\""), ADAPTER_DONE, EVIDENCE_CLOSED,
          ADAPTER_REFUND_NONE },
        { CANCELLED(",\"action\":\"refund\""), ADAPTER_DONE, EVIDENCE_REFUNDED,
          ADAPTER_REFUND_SUCCEEDED },
        /* Nothing was found, or nothing worked: a query tells them apart. */
        { CANCELLED(",\"retry_flag\":\"N\""), ADAPTER_ASK_AGAIN, EVIDENCE_VERDICT_NONE,
          ADAPTER_REFUND_NONE },
        { CANCELLED(",\"retry_flag\":\"N\",\"action\":\"\""), ADAPTER_ASK_AGAIN,
          EVIDENCE_VERDICT_NONE, ADAPTER_REFUND_NONE },
        /* Whatever it says it did is not all of it. */
        { CANCELLED(",\"retry_flag\":\"Y\""), ADAPTER_RETRY, EVIDENCE_VERDICT_NONE,
          ADAPTER_REFUND_NONE },
        { CANCELLED(",\"retry_flag\":\"Y\",\"action\":\"refund\""), ADAPTER_RETRY,
          EVIDENCE_VERDICT_NONE, ADAPTER_REFUND_NONE },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_OK(take(ADAPTER_CANCEL, genuine(ADAPTER_CANCEL, rows[i].root)));
        cr_expect_eq(answer.handling, rows[i].handling, "%s", rows[i].root);
        cr_expect_eq(answer.claim.verdict, rows[i].verdict, "%s", rows[i].root);
        cr_expect_eq(answer.refund, rows[i].refund, "%s", rows[i].root);
        cr_expect_eq(evidence != NULL, rows[i].verdict != EVIDENCE_VERDICT_NONE);
    }
    refuse(ADAPTER_CANCEL, genuine(ADAPTER_CANCEL, CANCELLED(",\"action\":\"Close\"")),
           ERR_PROVIDER_PROTOCOL);
    refuse(ADAPTER_CANCEL, genuine(ADAPTER_CANCEL, CANCELLED(",\"action\":true")),
           ERR_PROVIDER_PROTOCOL);
}

/* A code lives for two hours at most: until then the payer who was not there may still come. */
Test(alipay_success, does_not_exist_becomes_final_two_hours_after_expiry)
{
    static const struct {
        int64_t after_ms;
        enum evidence_verdict verdict;
    } rows[] = {
        { -1, EVIDENCE_UNPAID },
        { INT64_C(7199999), EVIDENCE_UNPAID },
        { INT64_C(7200000), EVIDENCE_UNPAID_FINAL },
    };
    const char *body = genuine(ADAPTER_QUERY, "{\"code\":\"40004\",\"sub_code\":"
                                              "\"ACQ.TRADE_NOT_EXIST\",\"out_trade_no\":"
                                              "\"" MOCK_ORDER "\"}");
    for (size_t i = 0; i < 3; i++) {
        order.now = wall_add_ms(order.expires_at, rows[i].after_ms);
        CHECK_OK(take(ADAPTER_QUERY, body));
        cr_expect_eq(answer.claim.verdict, rows[i].verdict);
    }
    order.expires_at.us = 0;
    CHECK_OK(take(ADAPTER_QUERY, body));
    cr_expect_eq(answer.claim.verdict, EVIDENCE_UNPAID);
}

/* Sections "slashes" and "charset" of the answers: both forms occur. */
Test(alipay_success, escaped_slashes_verify_in_either_form)
{
    const char *escaped = OK_HEAD NUMBERS ",\"qr_code\":\"https:\\/\\/qr.alipay.com\\/bax1\"}";
    CHECK_OK(take(ADAPTER_PAY, genuine(ADAPTER_PAY, escaped)));
    CHECK_TEXT(answer.qr_text, "https://qr.alipay.com/bax1");
    struct span sign = mock_sign(span_of(successes[0].root));
    CHECK_OK(take(ADAPTER_PAY, mock_print("{\"sign\":\"%.*s\",\"alipay_cert_sn\":\"" MOCK_SERIAL
                                          "\", \"%s\" : %s }",
                                          SPAN_ARG(sign), roots[ADAPTER_PAY], escaped)));
    CHECK_TEXT(answer.qr_text, "https://qr.alipay.com/bax1");
}

/* An escaped backslash before a slash is no escaped slash: otherwise anybody on the way could put backslashes
 * into a signed address. */
Test(alipay_success, no_backslash_can_be_slipped_into_a_signed_address)
{
    const char *escaped = OK_HEAD NUMBERS ",\"qr_code\":\"https:\\/\\/qr.alipay.com\\/bax1\"}";
    const char *slipped =
        OK_HEAD NUMBERS ",\"qr_code\":\"https:\\\\/\\\\/qr.alipay.com\\\\/bax1\"}";
    struct span sign = mock_sign(span_of(escaped));
    refuse(ADAPTER_PAY,
           mock_print("{\"%s\":%s,\"alipay_cert_sn\":\"" MOCK_SERIAL "\",\"sign\":\"%.*s\"}",
                      roots[ADAPTER_PAY], slipped, SPAN_ARG(sign)),
           ERR_PROVIDER_UNVERIFIED);
}

Test(alipay_success, the_gateways_own_error_is_read_and_a_stray_gbk_text_does_not_matter)
{
    const char *root = "{\"code\":\"20000\",\"sub_code\":\"aop.unknow-error\",\"sub_msg\":"
                       "\"\xCF\xB5\xCD\xB3\xB7\xB1\xC3\xA6\"}"; /* 系统繁忙 in GBK */
    CHECK_OK(take(ADAPTER_QUERY, mock_answer("error_response", root)));
    cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
    CHECK_TEXT(answer.message, "系统繁忙");
    CHECK_OK(take(ADAPTER_QUERY, mock_print("{\"error_response\":%s}", root)));
    cr_expect_eq(answer.handling, ADAPTER_ASK_AGAIN);
}

Test(alipay_success, bodies_that_are_no_answers_are_not_understood)
{
    static const char *const bodies[] = {
        "", "{}", "null", "<html>504</html>", "\xFF", "{\"", "{\"sign\":\"AA==\"}"
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        refuse(ADAPTER_QUERY, bodies[i], ERR_PROVIDER_PROTOCOL);
    }
}
