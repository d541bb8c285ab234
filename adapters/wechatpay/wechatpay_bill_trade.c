/* SPDX-License-Identifier: Apache-2.0 */
/* The trade bill (6.2) in its three layouts, told by their headers: ALL, SUCCESS, REFUND. */
#include "wechatpay_bill_trade.h"

#include <stdio.h>

static const struct bill_row_name names[] = {
    { COLUMN_AT, "交易时间" },
    { COLUMN_APPLICATION, "公众账号ID" },
    { COLUMN_MERCHANT, "商户号" },
    { COLUMN_TRADE_NO, "微信订单号" },
    { COLUMN_ORDER_NO, "商户订单号" },
    { COLUMN_STATE, "交易状态" },
    { COLUMN_CURRENCY, "货币种类" },
    { COLUMN_SETTLED, "应结订单金额" },
    { COLUMN_SUBJECT, "商品名称" },
    { COLUMN_FEE, "手续费" },
    { COLUMN_ORDER_AMOUNT, "订单金额" },
    { COLUMN_METHOD, "交易类型" },
    { COLUMN_BANK, "付款银行" },
    { COLUMN_RATE, "费率" },
    { COLUMN_RATE_REMARK, "费率备注" },
    { COLUMN_REFUND_ID, "微信退款单号" },
    { COLUMN_REFUND_NO, "商户退款单号" },
    { COLUMN_REFUNDED, "退款金额" },
    { COLUMN_COUPON_REFUNDED, "充值券退款金额" },
    { COLUMN_REFUND_STATE, "退款状态" },
    { COLUMN_ASKED, "申请退款金额" },
    { COLUMN_ROUTE, "退款类型" },
    { COLUMN_REFUND_AT, "退款申请时间" },
};

static const char *const ignored[] = {
    "特约商户号", "设备号", "用户标识", "代金券金额", "商户数据包", NULL,
};
static const char *const refund_ignored[] = {
    "特约商户号", "设备号", "用户标识", "代金券金额", "商户数据包", "退款成功时间", NULL,
};

static const struct bill_row_name sum_names[] = {
    { SUM_ROWS, "总交易单数" },      { SUM_SETTLED, "应结订单总金额" },
    { SUM_FEE, "手续费总金额" },     { SUM_ORDERS, "订单总金额" },
    { SUM_REFUNDED, "退款总金额" },  { SUM_COUPON_REFUNDED, "充值券退款总金额" },
    { SUM_ASKED, "申请退款总金额" },
};

static void
trailer(const struct bill_reader *reader, struct bill_totals *out)
{
    /* Payments and refunds are counted together. */
    out->refund_count = reader->lines.refund_count;
    out->pay_count = reader->trailer_sums[SUM_ROWS] - out->refund_count;
    out->pay_fen = bill_row_fen(reader->trailer_sums[SUM_ORDERS]);
    out->refund_fen = -bill_row_fen(reader->trailer_sums[SUM_ASKED]);
    out->fee_fen = -bill_row_fen(reader->trailer_sums[SUM_FEE]);
}

#define TIES                                                                             \
    {                                                                                    \
        [SUM_ROWS] = { true, FINDING_FILE_TRAILER_COUNT, "总交易单数" },                 \
        [SUM_SETTLED] = { false, FINDING_FILE_TRAILER_SUM, "应结订单总金额" },           \
        [SUM_FEE] = { false, FINDING_FEE_SUM, "手续费总金额" },                          \
        [SUM_ORDERS] = { false, FINDING_FILE_TRAILER_SUM, "订单总金额" },                \
        [SUM_REFUNDED] = { false, FINDING_FILE_TRAILER_SUM, "退款总金额" },              \
        [SUM_COUPON_REFUNDED] = { false, FINDING_FILE_TRAILER_SUM, "充值券退款总金额" }, \
        [SUM_ASKED] = { false, FINDING_FILE_TRAILER_SUM, "申请退款总金额" },             \
    }

#define FORM(which, title, count, unread, sums_needed)                                \
    {                                                                                 \
        .layout = WECHATPAY_LAYOUT_##which, .name = (title),                          \
        .columns = { names, count, count, count, unread },                            \
        .sums = { sum_names, SUM_COUNT, sums_needed, SUM_COUNT, NULL }, .ties = TIES, \
        .row = wechatpay_trade_row, .trailer = trailer                                \
    }

static const struct wechatpay_form form_all = FORM(ALL, "ALL", COLUMN_OF_ALL, ignored, SUM_COUNT);
static const struct wechatpay_form form_success =
    FORM(SUCCESS, "SUCCESS", COLUMN_OF_SUCCESS, ignored, SUM_OF_SUCCESS);
static const struct wechatpay_form form_refund =
    FORM(REFUND, "REFUND", COLUMN_OF_REFUND, refund_ignored, SUM_COUNT);

static bool
has(const struct span *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (bill_row_is_named(fields[i], name)) {
            return true;
        }
    }
    return false;
}

const struct wechatpay_form *
wechatpay_bill_form(const struct span *fields, size_t count, size_t number,
                    struct bill_fault *fault)
{
    if (has(fields, count, "总金额") || has(fields, count, "企业红包金额")) {
        char got[80];
        (void)snprintf(got, sizeof(got), "%zu columns with 总金额 and 企业红包金额", count);
        (void)bill_row_fault(fault, FINDING_FILE_COLUMNS, number,
                             "the layout from before 2018 is not read", span_of(got));
        return NULL;
    }
    if (has(fields, count, "记账时间")) {
        return &wechatpay_form_flow;
    }
    if (has(fields, count, "退款申请时间")) {
        return &form_refund;
    }
    if (has(fields, count, "微信退款单号")) {
        return &form_all;
    }
    if (has(fields, count, "交易时间")) {
        return &form_success;
    }
    (void)bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "not the header of a bill",
                         count == 0 ? span_of("") : fields[0]);
    return NULL;
}
