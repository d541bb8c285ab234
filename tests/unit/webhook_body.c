/* SPDX-License-Identifier: Apache-2.0 */
/* What a portal reads of a message. */
#include "webhook_body.h"

#include "check.h"

static const struct webhook_message paid = {
    .key = { .payment_no = SPAN("2603100070000000011"), .seq = 2, .kind = WEBHOOK_PAYMENT_PAID },
    .slot = 7,
    .place = 41,
    .at = { .us = INT64_C(1773108001250000) },
    .order_no = SPAN("CA-20260310-0001"),
    .payment_state = SPAN("paid"),
    .amount = { .minor = 56000, .currency = CURRENCY_CNY },
    .attempt_no = SPAN("260310007000000001101"),
    .provider = SPAN("alipay"),
    .method = SPAN("page"),
    .evidence_digest = SPAN("5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"),
    .source = SPAN("callback"),
    .provider_status = SPAN("TRADE_SUCCESS"),
    .provider_trade_no = SPAN("2026031022001400000000000001"),
    .paid_at = { .us = INT64_C(1773108000000000) },
    .provider_time = { .us = INT64_C(1773108000500000) },
};

Test(webhook_body, a_paid_payment_reads_so)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_BODY_MAX);
    CHECK_OK(webhook_body_encode(&paid, &text));
    CHECK_TEXT(buf_span(&text),
               "{\"type\":\"payment.paid\",\"timestamp\":\"2026-03-10T02:00:01.250Z\",\"data\":{"
               "\"payment_id\":\"pay_2603100070000000011\",\"order_no\":\"CA-20260310-0001\","
               "\"event_seq\":2,\"state\":\"paid\",\"duplicate\":false,\"late\":false,"
               "\"mismatch\":false,\"amount\":56000,\"currency\":\"CNY\","
               "\"attempt_no\":\"260310007000000001101\",\"provider\":\"alipay\","
               "\"method\":\"page\",\"provider_trade_no\":\"2026031022001400000000000001\","
               "\"provider_status\":\"TRADE_SUCCESS\","
               "\"paid_at\":\"2026-03-10T02:00:00.000Z\",\"source\":\"callback\","
               "\"evidence_digest\":"
               "\"5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\","
               "\"provider_time\":\"2026-03-10T02:00:00.500Z\",\"difference\":null}}");
}

Test(webhook_body, what_has_no_attempt_has_nulls)
{
    const struct webhook_message closed = {
        .key = { .payment_no = SPAN("2603100070000000011"),
                 .seq = 4,
                 .kind = WEBHOOK_PAYMENT_CLOSED },
        .at = { .us = INT64_C(1773108001000000) },
        .order_no = SPAN("CA-1"),
        .payment_state = SPAN("closed"),
        .mismatch = true,
        .amount = { .minor = 1, .currency = CURRENCY_CNY },
    };
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_BODY_MAX);
    CHECK_OK(webhook_body_encode(&closed, &text));
    CHECK_TEXT(buf_span(&text),
               "{\"type\":\"payment.closed\",\"timestamp\":\"2026-03-10T02:00:01.000Z\",\"data\":{"
               "\"payment_id\":\"pay_2603100070000000011\",\"order_no\":\"CA-1\",\"event_seq\":4,"
               "\"state\":\"closed\",\"duplicate\":false,\"late\":false,\"mismatch\":true,"
               "\"amount\":1,\"currency\":\"CNY\",\"attempt_no\":null,\"provider\":null,"
               "\"method\":null,\"provider_trade_no\":null,\"provider_status\":null,"
               "\"paid_at\":null,\"source\":null,\"evidence_digest\":null,"
               "\"provider_time\":null,\"difference\":null}}");
}

Test(webhook_body, a_refund_has_its_own_number_and_amount)
{
    struct webhook_message refunded = paid;
    refunded.key.kind = WEBHOOK_REFUND_SUCCEEDED;
    refunded.refund_no = SPAN_LIT("260310007000000001101R02");
    refunded.refund_cause = SPAN_LIT("duplicate");
    refunded.refund_amount = (struct money){ .minor = 1250, .currency = CURRENCY_CNY };
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_BODY_MAX);
    CHECK_OK(webhook_body_encode(&refunded, &text));
    cr_expect(span_starts(buf_span(&text), SPAN_LIT("{\"type\":\"refund.succeeded\",")));
    cr_expect(span_ends(buf_span(&text),
                        SPAN_LIT(",\"difference\":null,\"refund\":{"
                                 "\"id\":\"rfd_260310007000000001101R02\",\"amount\":1250,"
                                 "\"cause\":\"duplicate\"}}}")));
}

Test(webhook_body, the_same_message_gives_the_same_bytes)
{
    DEFER(buf_fini) struct buf first = BUF_MAX(WEBHOOK_BODY_MAX);
    DEFER(buf_fini) struct buf second = BUF_MAX(WEBHOOK_BODY_MAX);
    CHECK_OK(webhook_body_encode(&paid, &first));
    CHECK_OK(webhook_body_encode(&paid, &second));
    cr_expect(span_eq(buf_span(&first), buf_span(&second)));
}
