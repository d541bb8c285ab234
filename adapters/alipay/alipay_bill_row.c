/* SPDX-License-Identifier: Apache-2.0 */
/* 业务明细 (6.3): payments and refunds. */
#include "alipay_bill.h"

enum column {
    COLUMN_TRADE_NO,
    COLUMN_ORDER_NO,
    COLUMN_KIND,
    COLUMN_SUBJECT,
    COLUMN_FINISHED,
    COLUMN_ORDER_AMOUNT,
    COLUMN_RECEIVED,
    COLUMN_REFUND_NO,
    COLUMN_FEE,
    COLUMN_REQUIRED,
    COLUMN_DISCOUNT = COLUMN_REQUIRED,
    COLUMN_COUNT
};

static const struct bill_row_name names[] = {
    { COLUMN_TRADE_NO, "支付宝交易号" }, { COLUMN_ORDER_NO, "商户订单号" },
    { COLUMN_KIND, "业务类型" },         { COLUMN_SUBJECT, "商品名称" },
    { COLUMN_FINISHED, "完成时间" },     { COLUMN_ORDER_AMOUNT, "订单金额(元)" },
    { COLUMN_RECEIVED, "商家实收(元)" }, { COLUMN_REFUND_NO, "退款批次号/请求号" },
    { COLUMN_REFUND_NO, "退款批次号" },  { COLUMN_FEE, "服务费(元)" },
    { COLUMN_DISCOUNT, "商家优惠(元)" },
};

static const char *const ignored[] = {
    "创建时间",
    "门店编号",
    "门店名称",
    "操作员",
    "终端号",
    "对方账户",
    "支付宝红包(元)",
    "集分宝(元)",
    "集分宝抵扣(元)",
    "支付宝优惠(元)",
    "券核销金额(元)",
    "券名称",
    "商家红包消费金额(元)",
    "卡消费金额(元)",
    "分润(元)",
    "备注",
    "实收净额(元)",
    "商户识别号",
    "交易方式",
    NULL,
};

static const struct bill_row_table columns = {
    .names = names,
    .name_count = sizeof(names) / sizeof(names[0]),
    .required = COLUMN_REQUIRED,
    .columns = COLUMN_COUNT,
    .ignored = ignored,
};

static const struct {
    const char *text;
    enum bill_line_kind kind;
} kinds[] = {
    { "交易", BILL_LINE_PAY },
    { "退款", BILL_LINE_REFUND },
};

static enum bill_line_kind
kind_of(struct span text)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (span_eq_cstr(text, kinds[i].text)) {
            return kinds[i].kind;
        }
    }
    return BILL_LINE_NONE;
}

static bool
sign_fits(const struct bill_line *line)
{
    bool pay = line->kind == BILL_LINE_PAY;
    return pay ? line->face.minor >= 0 && line->order_amount.minor >= 0
               : line->face.minor <= 0 && line->order_amount.minor <= 0;
}

static void
count_row(struct bill_totals *totals, const struct bill_line *line)
{
    bool pay = line->kind == BILL_LINE_PAY;
    *(pay ? &totals->pay_count : &totals->refund_count) += 1;
    *(pay ? &totals->pay_fen : &totals->refund_fen) += line->face.minor;
    totals->fee_fen += line->fee.minor;
}

/* What the merchant let off by a coupon of its own was sold all the same: the order's amount is what our
 * books hold, what was received is what is settled. Only where the columns add up. */
static enum bill_step
read_discount(const struct alipay_member *member, const struct span *fields, size_t number,
              struct bill_line *out, struct bill_fault *fault)
{
    struct span field = bill_row_field(&member->places, fields, COLUMN_DISCOUNT);
    struct money discount = { 0, CURRENCY_CNY };
    if (field.len > 0 && bill_row_money(field, &discount) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                              "not a plain amount with two decimals", field);
    }
    int64_t off = out->order_amount.minor - out->face.minor;
    if (off != 0 && (off == discount.minor || off == -discount.minor)) {
        out->effective = out->order_amount;
        out->coupon_fen = -off;
    }
    return BILL_STEP_LINE;
}

static enum bill_step
read_amounts(const struct alipay_member *member, const struct span *fields, size_t number,
             struct bill_line *out, struct bill_fault *fault)
{
    static const size_t which[] = { COLUMN_ORDER_AMOUNT, COLUMN_RECEIVED, COLUMN_FEE };
    struct money *const to[] = { &out->order_amount, &out->face, &out->fee };
    for (size_t i = 0; i < 3; i++) {
        struct span field = bill_row_field(&member->places, fields, which[i]);
        if (bill_row_money(field, to[i]) != ERR_OK) {
            return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                                  "not a plain amount with two decimals", field);
        }
    }
    out->effective = out->face;
    return read_discount(member, fields, number, out, fault);
}

static enum bill_step
read_keys(const struct alipay_member *member, const struct span *fields, size_t number,
          struct bill_line *out, struct bill_fault *fault)
{
    struct span kind = bill_row_field(&member->places, fields, COLUMN_KIND);
    struct span at = bill_row_field(&member->places, fields, COLUMN_FINISHED);
    out->kind = kind_of(kind);
    if (out->kind == BILL_LINE_NONE) {
        return bill_row_fault(fault, FINDING_LINE_TYPE, number, "unknown 业务类型", kind);
    }
    out->provider_trade_no = bill_row_field(&member->places, fields, COLUMN_TRADE_NO);
    out->merchant_order_no = bill_row_field(&member->places, fields, COLUMN_ORDER_NO);
    out->refund_no = bill_row_field(&member->places, fields, COLUMN_REFUND_NO);
    if (bill_row_is_scientific(out->provider_trade_no)
        || bill_row_is_scientific(out->merchant_order_no)
        || bill_row_is_scientific(out->refund_no)) {
        return bill_row_fault(fault, FINDING_KEY_SCIENTIFIC, number,
                              "a number was destroyed by a spreadsheet", out->provider_trade_no);
    }
    if (wall_parse_civil(at, ALIPAY_ZONE_MIN, &out->at) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_TIME, number, "完成时间 is not a time", at);
    }
    out->subject = bill_row_field(&member->places, fields, COLUMN_SUBJECT);
    return BILL_STEP_LINE;
}

static enum bill_step
row(struct alipay_member *member, const struct span *fields, struct span line, size_t number,
    struct bill_line *out, struct bill_fault *fault)
{
    enum bill_step step = read_keys(member, fields, number, out, fault);
    if (step == BILL_STEP_LINE) {
        step = read_amounts(member, fields, number, out, fault);
    }
    if (step != BILL_STEP_LINE) {
        return step;
    }
    if (!sign_fits(out)) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                              "the amount's sign does not fit 业务类型", line);
    }
    count_row(&member->lines, out);
    return BILL_STEP_LINE;
}

static void
footer(struct alipay_member *member, size_t which, int64_t count, int64_t fen)
{
    *(which == 0 ? &member->trailer.pay_count : &member->trailer.refund_count) = count;
    *(which == 0 ? &member->trailer.pay_fen : &member->trailer.refund_fen) = fen;
}

static enum bill_step
tie(const struct alipay_member *member, size_t *next, struct bill_fault *fault)
{
    const struct bill_totals *lines = &member->lines;
    const struct bill_totals *trailer = &member->trailer;
    const struct bill_row_tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "count of payments", lines->pay_count, trailer->pay_count },
        { FINDING_FILE_TRAILER_COUNT, "count of refunds", lines->refund_count,
          trailer->refund_count },
        { FINDING_FILE_TRAILER_SUM, "sum of payments in fen", lines->pay_fen, trailer->pay_fen },
        { FINDING_FILE_TRAILER_SUM, "sum of refunds in fen", lines->refund_fen,
          trailer->refund_fen },
    };
    return bill_row_tie_next(ties, sizeof(ties) / sizeof(ties[0]), next, fault);
}

const struct alipay_table alipay_table_trade = {
    .title = "#支付宝业务明细查询",
    .end_mark = "业务明细列表结束",
    .columns = &columns,
    .footers = { { "#交易合计", "商家实收共" }, { "#退款合计", "商家实收退款共" } },
    .totals = 2,
    .row = row,
    .footer = footer,
    .tie = tie,
};
