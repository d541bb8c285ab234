/* SPDX-License-Identifier: Apache-2.0 */
/* What the adapter sends and believes when memory runs out anywhere on the way: nothing half, and
 * never a statement that would not have been believed otherwise. */
#include "../unit/alipay_mock.h"
#include "form.h"
#include "nth.h"

static struct adapter_order order;
static struct adapter_message message;
static enum adapter_operation operation;

static void
start(void)
{
    mock_start();
    order = (struct adapter_order){
        .method = ADAPTER_QR,
        .merchant_order_no = SPAN_LIT(MOCK_ORDER),
        .amount = { .minor = 1, .currency = CURRENCY_CNY },
        .subject = SPAN_LIT("版面费"),
        .expires_at = mock_time("2027-01-15T02:15:00Z"),
        .notify_url = SPAN_LIT("https://pay.example.cn/v1/callbacks/alipay/main"),
        .return_url = SPAN_LIT("https://pay.example.cn/return"),
    };
}

TestSuite(alipay, .init = start, .fini = mock_finish);

static enum err
send(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)64 * 1024);
    struct adapter_fields fields = { 0 };
    struct adapter_request request = { 0 };
    const struct adapter *adapter = mock_account.adapter;
    TRY(arena_new(MOCK_ARENA_MAX, &arena));
    TRY(adapter->request_build(&mock_account, operation, &order, clock_wall(), arena, &fields));
    TRY(adapter->sign_text(&fields, arena, &text));
    TRY(adapter->request_encode(&mock_account, operation, &order, &fields, buf_span(&text), arena,
                                &request));
    buf_reset(&text);
    TRY(buf_append(&text, request.url));
    TRY(buf_append(&text, request.body));
    return buf_append(out, buf_span(&text));
}

Test(alipay, a_request_is_sent_whole_or_not_at_all)
{
    for (int i = ADAPTER_PAY; i <= ADAPTER_CLOSE; i++) {
        operation = (enum adapter_operation)i;
        nth_sweep("send", NTH_ALLOCATION, send, ERR_CLASS_RETRY, 10);
    }
}

/* What was believed, in a few words. */
static enum err
tell(const struct evidence *evidence, struct buf *out)
{
    const struct evidence_claim *claim = evidence_claim(evidence);
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    TRY(buf_printf(&text, "%d %lld %.*s %.*s", (int)claim->verdict, (long long)claim->amount.minor,
                   SPAN_ARG(claim->merchant_order_no), SPAN_ARG(claim->provider_trade_no)));
    return buf_append(out, buf_span(&text));
}

static enum err
hear_answer(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(evidence_free) struct evidence *evidence = NULL;
    struct adapter_answer answer = { 0 };
    TRY(arena_new(MOCK_ARENA_MAX, &arena));
    TRY(verify_answer(&mock_account, ADAPTER_QUERY, &order, &message, arena, &answer, &evidence));
    return evidence == NULL ? ERR_PROVIDER_UNVERIFIED : tell(evidence, out);
}

Test(alipay, an_answer_is_believed_whole_or_not_at_all)
{
    message = (struct adapter_message){
        .status = 200,
        .content_type = SPAN_LIT("text/html;charset=utf-8"),
        .body = span_of(mock_answer(
            "alipay_trade_query_response",
            "{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"" MOCK_ORDER
            "\",\"trade_no\":\"2027011522001\",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":"
            "\"0.01\",\"send_pay_date\":\"2027-01-15 10:00:00\"}")),
    };
    nth_sweep("answer", NTH_ALLOCATION, hear_answer, ERR_CLASS_NONE, 20);
}

static enum err
hear_notice(struct buf *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(evidence_free) struct evidence *evidence = NULL;
    TRY(arena_new(MOCK_ARENA_MAX, &arena));
    TRY(verify_callback(&mock_account, &message, arena, &evidence));
    return tell(evidence, out);
}

Test(alipay, a_notice_is_believed_whole_or_not_at_all)
{
    static const struct mock_field fields[] = {
        { "notify_time", "2027-01-15 10:00:05" },
        { "notify_type", "trade_status_sync" },
        { "notify_id", "n1" },
        { "app_id", MOCK_APP },
        { "seller_id", MOCK_MERCHANT },
        { "charset", "utf-8" },
        { "version", "1.0" },
        { "out_trade_no", MOCK_ORDER },
        { "trade_no", "2027011522001" },
        { "trade_status", "TRADE_SUCCESS" },
        { "total_amount", "0.01" },
        { "gmt_payment", "2027-01-15 10:00:00" },
    };
    message = (struct adapter_message){
        .content_type = SPAN_LIT("application/x-www-form-urlencoded; charset=utf-8"),
        .body = span_of(mock_notice(fields, sizeof(fields) / sizeof(fields[0]))),
    };
    nth_sweep("notice", NTH_ALLOCATION, hear_notice, ERR_CLASS_NONE, 20);
}
