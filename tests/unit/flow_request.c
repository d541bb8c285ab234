/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "order_request.h"
#include "payment_create.h"

Test(payment_request, a_payer_is_sent_back_to_named_hosts_only)
{
    static const char hosts[] = "portal.example.cn 127.0.0.1:8080";
    static const struct {
        const char *url;
        bool allowed;
    } rows[] = {
        { "https://portal.example.cn/orders/A-1", true },
        { "https://portal.example.cn", true },
        { "http://127.0.0.1:8080/?a=b", true },
        { "https://portal.example.cn.evil.cn/", false },
        { "https://evil.cn/portal.example.cn", false },
        { "https://portal.example.cn@evil.cn/", false },
        { "https://portal.example.cn:444/", false },
        { "https://127.0.0.1/", false },
        { "javascript:alert(1)//portal.example.cn", false },
        { "//portal.example.cn/", false },
        { "ftp://portal.example.cn/", false },
        { "https://portal.example.cn\\@evil.cn/", false },
        { "https://portal.example.cn/%E5%8D%95?a=b%20c#d", true },
        { "https://portal.example.cn/a b", false },
        { "https://portal.example.cn/单", false },
        { "https://portal.example.cn/\"x", false },
        { "https://portal.example.cn/<x>", false },
        { "https://portal.example.cn/\r\nX: y", false },
        { "https://portal.example.cn/\x7F", false },
        { "", false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(payment_return_url_allowed(span_of(rows[i].url), hosts), rows[i].allowed, "%s",
                     rows[i].url);
    }
}

Test(payment_request, no_host_is_allowed_by_an_empty_list)
{
    cr_expect_not(payment_return_url_allowed(SPAN_LIT("https:///x"), ""));
    cr_expect_not(payment_return_url_allowed(SPAN_LIT("https:///x"), "  "));
}

static struct order
sample(void)
{
    return (struct order){
        .order_no = SPAN("A-1"),
        .kind = ORDER_CHANGE,
        .applicant = ORDER_AGENCY,
        .unit_name = SPAN("某公司"),
        .uscc = SPAN("91350100M000100Y43"),
        .quantity = 2,
        .unit_fee = { .minor = 1, .currency = CURRENCY_CNY },
        .amount = { .minor = 2, .currency = CURRENCY_CNY },
        .invoice = { .title = SPAN("某公司") },
    };
}

Test(payment_request, the_order_text_says_everything_that_money_needs)
{
    struct order order = sample();
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    CHECK_OK(order_request_text(&order, &text));
    CHECK_TEXT(buf_span(&text),
               "{\"order_no\":\"A-1\",\"kind\":\"change\",\"applicant\":\"agency\","
               "\"unit_name\":\"某公司\",\"uscc\":\"91350100M000100Y43\",\"quantity\":2,"
               "\"unit_fee\":1,\"amount\":2,\"invoice\":{\"title\":\"某公司\",\"tax_no\":\"\","
               "\"address\":\"\",\"phone\":\"\",\"mobile\":\"\",\"bank\":\"\","
               "\"bank_account\":\"\"}}");
}

Test(payment_request, fields_do_not_run_together)
{
    struct order one = sample();
    struct order other = sample();
    DEFER(buf_fini) struct buf a = BUF_MAX(4096);
    DEFER(buf_fini) struct buf b = BUF_MAX(4096);
    one.invoice.address = SPAN_LIT("x\",\"phone\":\"1");
    other.invoice.address = SPAN_LIT("x");
    other.invoice.phone = SPAN_LIT("1");
    CHECK_OK(order_request_text(&one, &a));
    CHECK_OK(order_request_text(&other, &b));
    cr_expect_not(span_eq(buf_span(&a), buf_span(&b)));
}
