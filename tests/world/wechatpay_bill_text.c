/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_daybill.h"

#define BOM "\xEF\xBB\xBF"
#define IDENTITY                                                                                                    \
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识," \
    "交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
#define REFUND_PART "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
#define LAST_COLUMN "费率备注"

/* 6.2: all columns but the last. */
static const char *const headers[WECHATPAY_BILL_KIND_COUNT] = {
    [WECHATPAY_BILL_ALL] =
        IDENTITY REFUND_PART "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,",
    [WECHATPAY_BILL_SUCCESS] = IDENTITY "商品名称,商户数据包,手续费,费率,订单金额,",
    [WECHATPAY_BILL_REFUND] = IDENTITY "退款申请时间,退款成功时间," REFUND_PART
                                       "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,",
    [WECHATPAY_BILL_FLOW] = "",
};

static const char trailer_header[] =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

static const struct money zero = { .minor = 0, .currency = CURRENCY_CNY };

enum err
wechatpay_bill_cell(struct buf *out, struct span text)
{
    bool first = out->len == 0 || out->at[out->len - 1] == '\n';
    TRY(buf_text(out, first ? "`" : ",`"));
    return buf_append(out, text);
}

enum err
wechatpay_bill_cell_text(struct buf *out, const char *text)
{
    return wechatpay_bill_cell(out, span_of(text));
}

enum err
wechatpay_bill_cell_time(struct buf *out, struct wall_time t)
{
    TRY(wechatpay_bill_cell_text(out, ""));
    return t.us == 0 ? ERR_OK : wall_format_civil(t, ZONE_CHINA_MIN, out);
}

enum err
wechatpay_bill_cell_money(struct buf *out, struct money amount)
{
    TRY(wechatpay_bill_cell_text(out, ""));
    return money_format(amount, out);
}

enum err
wechatpay_bill_cell_count(struct buf *out, int64_t count)
{
    TRY(wechatpay_bill_cell_text(out, ""));
    return buf_i64(out, count);
}

enum err
wechatpay_bill_row_end(struct buf *out)
{
    return buf_text(out, "\r\n");
}

/* 6.2: rounded to the fen, printed with five decimals. */
static enum err
cell_fee(struct buf *out, struct money fee)
{
    TRY(wechatpay_bill_cell_money(out, fee));
    return buf_text(out, "000");
}

/* 6.1: what the merchant wrote, with what would break the row replaced. */
static enum err
cell_merchant_text(struct buf *out, const char *text)
{
    TRY(wechatpay_bill_cell_text(out, ""));
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == ',') {
            TRY(buf_text(out, "\\ "));
        } else if (c == '\n') {
            TRY(buf_text(out, "\\n"));
        } else if (c == '"') {
            TRY(buf_text(out, "\\\""));
        } else {
            TRY(buf_byte(out, c < ' ' ? ' ' : c));
        }
    }
    return ERR_OK;
}

/* Columns 1 to 14. */
static enum err
put_identity(const struct wechatpay_bill *bill, const struct wechatpay_bill_line *line,
             struct buf *out)
{
    bool by_payment = bill->kind == WECHATPAY_BILL_REFUND;
    TRY(wechatpay_bill_cell_time(out, by_payment ? line->paid : line->booked));
    TRY(wechatpay_bill_cell_text(out, bill->merchant->appid));
    TRY(wechatpay_bill_cell_text(out, bill->merchant->mchid));
    TRY(wechatpay_bill_cell_text(out, "0"));
    TRY(wechatpay_bill_cell_text(out, ""));
    TRY(wechatpay_bill_cell_text(out, line->transaction_id));
    TRY(wechatpay_bill_cell_text(out, line->out_trade_no));
    TRY(wechatpay_bill_cell_text(out, line->openid));
    TRY(wechatpay_bill_cell_text(out, line->trade_type));
    TRY(wechatpay_bill_cell_text(out, line->refund ? "REFUND" : "SUCCESS"));
    TRY(wechatpay_bill_cell_text(out, "OTHERS"));
    TRY(wechatpay_bill_cell_text(out, "CNY"));
    TRY(wechatpay_bill_cell_money(out, line->refund ? zero : line->amount));
    return wechatpay_bill_cell_money(out, zero);
}

static enum err
put_refund(const struct wechatpay_bill *bill, const struct wechatpay_bill_line *line,
           struct buf *out)
{
    if (bill->kind == WECHATPAY_BILL_SUCCESS) {
        return ERR_OK;
    }
    if (bill->kind == WECHATPAY_BILL_REFUND) {
        TRY(wechatpay_bill_cell_time(out, line->booked));
        TRY(wechatpay_bill_cell_time(out, line->finished));
    }
    TRY(wechatpay_bill_cell_text(out, line->refund ? line->refund_id : "0"));
    TRY(wechatpay_bill_cell_text(out, line->refund ? line->out_refund_no : "0"));
    TRY(wechatpay_bill_cell_money(out, line->refund ? line->amount : zero));
    TRY(wechatpay_bill_cell_money(out, zero));
    TRY(wechatpay_bill_cell_text(out, line->refund ? "ORIGINAL" : ""));
    return wechatpay_bill_cell_text(out, line->status);
}

static enum err
put_rest(const struct wechatpay_bill *bill, const struct wechatpay_bill_line *line, struct buf *out)
{
    TRY(cell_merchant_text(out, line->description));
    TRY(cell_merchant_text(out, line->attach));
    TRY(cell_fee(out, line->fee));
    TRY(wechatpay_bill_cell_text(out, "0.60%"));
    TRY(wechatpay_bill_cell_money(out, line->refund ? zero : line->amount));
    if (bill->kind != WECHATPAY_BILL_SUCCESS) {
        TRY(wechatpay_bill_cell_money(out, line->refund ? line->amount : zero));
    }
    TRY(wechatpay_bill_cell_text(out, ""));
    return wechatpay_bill_row_end(out);
}

static enum err
put_trailer(const struct wechatpay_bill *bill, struct buf *out)
{
    struct money paid = bill->more_sum;
    struct money refunded = zero;
    struct money fee = zero;
    for (size_t i = 0; i < bill->count; i++) {
        const struct wechatpay_bill_line *line = &bill->lines[i];
        struct money *sum = line->refund ? &refunded : &paid;
        TRY(money_add(*sum, line->amount, sum));
        TRY(money_add(fee, line->fee, &fee));
    }
    TRY(buf_text(out, trailer_header));
    TRY(wechatpay_bill_row_end(out));
    TRY(wechatpay_bill_cell_count(out, (int64_t)bill->count + bill->more_count));
    TRY(wechatpay_bill_cell_money(out, paid));
    TRY(wechatpay_bill_cell_money(out, refunded));
    TRY(wechatpay_bill_cell_money(out, zero));
    TRY(cell_fee(out, fee));
    TRY(wechatpay_bill_cell_money(out, paid));
    TRY(wechatpay_bill_cell_money(out, refunded));
    return wechatpay_bill_row_end(out);
}

enum err
wechatpay_bill_text(const struct wechatpay_bill *bill, struct buf *out)
{
    TRY(buf_text(out, BOM));
    TRY(buf_text(out, headers[bill->kind]));
    TRY(buf_text(out, bill->last_column == NULL ? LAST_COLUMN : bill->last_column));
    TRY(wechatpay_bill_row_end(out));
    for (size_t i = 0; i < bill->count; i++) {
        TRY(put_identity(bill, &bill->lines[i], out));
        TRY(put_refund(bill, &bill->lines[i], out));
        TRY(put_rest(bill, &bill->lines[i], out));
    }
    return put_trailer(bill, out);
}
