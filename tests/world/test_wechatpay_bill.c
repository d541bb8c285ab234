/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "vectors.h"
#include "wechatpay_daybill.h"

/* The day of the document's examples, whose files lie among the vectors byte for byte. */

static const struct wechatpay_merchant merchant = { .mchid = "1900000109",
                                                    .appid = "wxd678efh567hg6787" };

static struct wall_time
china(const char *civil)
{
    struct wall_time t;
    CHECK_OK(wall_parse_civil(span_of(civil), ZONE_CHINA_MIN, &t));
    return t;
}

static struct money
yuan(const char *text)
{
    struct money amount;
    CHECK_OK(money_parse(span_of(text), CURRENCY_CNY, &amount));
    return amount;
}

/* A payment that took place at `booked`. */
static struct wechatpay_bill_line
payment(const char *number, const char *transaction, const char *booked, const char *amount)
{
    struct wechatpay_bill_line line = {
        .trade_type = "NATIVE",
        .openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        .description = "测试商品A",
        .attach = "",
        .status = "",
        .booked = china(booked),
        .paid = china(booked),
        .amount = yuan(amount),
    };
    CHECK_OK(wechatpay_print(span_of(number), line.out_trade_no, sizeof(line.out_trade_no)));
    CHECK_OK(
        wechatpay_print(span_of(transaction), line.transaction_id, sizeof(line.transaction_id)));
    CHECK_OK(wechatpay_bill_fee(line.amount, false, &line.fee));
    return line;
}

static void
make_refund(struct wechatpay_bill_line *line, const char *refund_id, const char *out_refund_no,
            const char *booked, const char *amount)
{
    line->refund = true;
    line->booked = china(booked);
    line->amount = yuan(amount);
    line->status = "PROCESSING";
    CHECK_OK(wechatpay_print(span_of(refund_id), line->refund_id, sizeof(line->refund_id)));
    CHECK_OK(
        wechatpay_print(span_of(out_refund_no), line->out_refund_no, sizeof(line->out_refund_no)));
    CHECK_OK(wechatpay_bill_fee(line->amount, true, &line->fee));
}

static struct wechatpay_bill_line
old_refund(void)
{
    struct wechatpay_bill_line line =
        payment("GW20260301000009", "4200002790202603010000000009", "2026-03-01 18:22:10", "50.00");
    make_refund(&line, "50302002602026031000000000002", "RF20260310000002", "2026-03-10 15:30:02",
                "20.00");
    line.description = "测试商品B";
    line.status = "SUCCESS";
    line.finished = china("2026-03-10 15:30:09");
    return line;
}

static struct wechatpay_bill_line
new_refund(void)
{
    struct wechatpay_bill_line line = payment("GW20260310000001", "4200002860202603100000000001",
                                              "2026-03-10 09:12:45", "128.00");
    make_refund(&line, "50302002602026031000000000001", "RF20260310000001", "2026-03-10 23:58:30",
                "28.00");
    return line;
}

static struct wechatpay_bill
bill_of(enum wechatpay_bill_kind kind, struct wechatpay_bill_line *lines, size_t count)
{
    struct wechatpay_bill bill = { .merchant = &merchant, .kind = kind, .lines = lines };
    bill.count = count;
    bill.more_sum = yuan("0.00");
    bill.opening = yuan("1000.00");
    return bill;
}

static void
check_same(const struct buf *text, const char *file)
{
    DEFER(buf_fini) struct buf want = BUF_MAX(0);
    vectors_read(file, &want);
    cr_assert(span_eq(buf_span(text), buf_span(&want)), "got:\n%.*s", SPAN_ARG(buf_span(text)));
}

Test(wechatpay_bill, a_refund_bill_is_the_example_byte_for_byte)
{
    struct wechatpay_bill_line lines[] = { old_refund(), new_refund() };
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    const struct wechatpay_bill bill = bill_of(WECHATPAY_BILL_REFUND, lines, 2);
    CHECK_OK(wechatpay_bill_text(&bill, &text));
    check_same(&text, "wechatpay/bills/constructed-refund-2026-03-10.csv");
}

Test(wechatpay_bill, a_fund_flow_is_the_example_byte_for_byte)
{
    struct wechatpay_bill_line lines[] = {
        payment("GW20260310000002", "4200002861202603100000000002", "2026-03-10 08:40:01", "61.00"),
        payment("GW20260310000001", "4200002860202603100000000001", "2026-03-10 09:12:45",
                "128.00"),
        old_refund(),
        new_refund(),
    };
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    const struct wechatpay_bill bill = bill_of(WECHATPAY_BILL_FLOW, lines, 4);
    CHECK_OK(wechatpay_bill_flow(&bill, &text));
    check_same(&text, "wechatpay/bills/constructed-fundflow-2026-03-10.csv");
}

/* The example's order has a coupon, which this world's have not; so a row alone is compared. */
Test(wechatpay_bill, a_payment_has_the_columns_of_its_bill)
{
    static const char identity[] =
        "\r\n`2026-03-10 09:12:45,`wxd678efh567hg6787,`1900000109,`0,`,"
        "`4200002860202603100000000001,`GW20260310000001,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,"
        "`SUCCESS,`OTHERS,`CNY,`128.00,`0.00,";
    static const struct {
        enum wechatpay_bill_kind kind;
        const char *rest;
    } rows[] = {
        { WECHATPAY_BILL_ALL,
          "`0,`0,`0.00,`0.00,`,`,`测试商品A,`,`0.77000,`0.60%,`128.00,`0.00,`\r\n" },
        { WECHATPAY_BILL_SUCCESS, "`测试商品A,`,`0.77000,`0.60%,`128.00,`\r\n" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wechatpay_bill_line line = payment(
            "GW20260310000001", "4200002860202603100000000001", "2026-03-10 09:12:45", "128.00");
        const struct wechatpay_bill bill = bill_of(rows[i].kind, &line, 1);
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        DEFER(buf_fini) struct buf want = BUF_MAX(4096);
        CHECK_OK(wechatpay_bill_text(&bill, &text));
        CHECK_OK(buf_text(&want, identity));
        CHECK_OK(buf_text(&want, rows[i].rest));
        cr_assert(span_find(buf_span(&text), buf_span(&want)) < text.len, "got:\n%.*s",
                  SPAN_ARG(buf_span(&text)));
    }
}

Test(wechatpay_bill, what_a_merchant_wrote_cannot_break_a_row)
{
    struct wechatpay_bill_line line =
        payment("GW20260310000002", "4200002861202603100000000002", "2026-03-10 08:40:01", "61.00");
    const struct wechatpay_bill bill = bill_of(WECHATPAY_BILL_SUCCESS, &line, 1);
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    line.description = "茶杯,红色\n第二行";
    line.attach = "{\"o\":\"A-2\"}";
    CHECK_OK(wechatpay_bill_text(&bill, &text));
    struct span want = SPAN_LIT("`茶杯\\ 红色\\n第二行,`{\\\"o\\\":\\\"A-2\\\"},`0.37000,");
    cr_assert(span_find(buf_span(&text), want) < text.len, "got:\n%.*s", SPAN_ARG(buf_span(&text)));
}

Test(wechatpay_bill, fees_are_rounded_half_up_and_come_back_with_a_refund)
{
    static const struct {
        const char *amount;
        bool refund;
        int64_t fen;
    } cases[] = { { "0.83", false, 0 },   { "0.84", false, 1 },    { "2.50", false, 2 },
                  { "61.00", false, 37 }, { "128.00", false, 77 }, { "28.00", true, -17 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct money fee;
        CHECK_OK(wechatpay_bill_fee(yuan(cases[i].amount), cases[i].refund, &fee));
        cr_assert_eq(fee.minor, cases[i].fen, "%s gave %lld", cases[i].amount,
                     (long long)fee.minor);
    }
}
