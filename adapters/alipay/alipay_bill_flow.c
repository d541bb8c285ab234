/* SPDX-License-Identifier: Apache-2.0 */
/* 账务明细 (6.5): every movement of the balance, each with the balance after it. */
#include "alipay_bill.h"

enum column {
    COLUMN_FLOW_NO,
    COLUMN_TRADE_NO,
    COLUMN_ORDER_NO,
    COLUMN_AT,
    COLUMN_IN,
    COLUMN_OUT,
    COLUMN_BALANCE,
    COLUMN_KIND,
    COLUMN_REQUIRED,
    COLUMN_SUBJECT = COLUMN_REQUIRED,
    COLUMN_COUNT
};

static const struct bill_row_name names[] = {
    { COLUMN_FLOW_NO, "账务流水号" },   { COLUMN_TRADE_NO, "业务流水号" },
    { COLUMN_ORDER_NO, "商户订单号" },  { COLUMN_AT, "发生时间" },
    { COLUMN_IN, "收入金额(+元)" },     { COLUMN_OUT, "支出金额(-元)" },
    { COLUMN_BALANCE, "账户余额(元)" }, { COLUMN_KIND, "业务类型" },
    { COLUMN_SUBJECT, "商品名称" },
};

static const char *const ignored[] = {
    "对方账号",     "交易渠道",       "备注",       "业务描述",
    "业务账单来源", "业务基础订单号", "业务订单号", NULL,
};

static const struct bill_row_table columns = {
    .names = names,
    .name_count = sizeof(names) / sizeof(names[0]),
    .required = COLUMN_REQUIRED,
    .columns = COLUMN_COUNT,
    .ignored = ignored,
};

static enum bill_step
read_amounts(const struct alipay_member *member, const struct span *fields, size_t number,
             struct bill_line *out, struct bill_fault *fault)
{
    static const size_t which[] = { COLUMN_IN, COLUMN_OUT, COLUMN_BALANCE };
    struct money amounts[3];
    for (size_t i = 0; i < 3; i++) {
        struct span field = bill_row_field(&member->places, fields, which[i]);
        /* A balance may pass what one line may carry. */
        enum err err = i == 2 ? money_parse_signed(field, CURRENCY_CNY, &amounts[i])
                              : bill_row_money(field, &amounts[i]);
        if (err != ERR_OK) {
            return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                                  "not a plain amount with two decimals", field);
        }
    }
    /* 支出 is negative in newer files and was positive before. */
    int64_t taken = amounts[1].minor < 0 ? -amounts[1].minor : amounts[1].minor;
    if (amounts[0].minor < 0 || (amounts[0].minor != 0 && taken != 0)) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number, "neither an income nor an outgo",
                              out->raw);
    }
    out->face = (struct money){ amounts[0].minor - taken, CURRENCY_CNY };
    out->order_amount = out->face;
    out->effective = out->face;
    out->fee = (struct money){ 0, CURRENCY_CNY };
    out->balance_fen = amounts[2].minor;
    return BILL_STEP_LINE;
}

static const struct bill_row_flow flows[] = {
#define FLOW(word, kind) { (word), BILL_FLOW_##kind },
#include "alipay_flow.def"
#undef FLOW
};

static enum bill_step
row(struct alipay_member *member, const struct span *fields, struct span line, size_t number,
    struct bill_line *out, struct bill_fault *fault)
{
    struct span at = bill_row_field(&member->places, fields, COLUMN_AT);
    struct span flow_no = bill_row_field(&member->places, fields, COLUMN_FLOW_NO);
    out->kind = BILL_LINE_FLOW;
    out->provider_trade_no = bill_row_field(&member->places, fields, COLUMN_TRADE_NO);
    out->merchant_order_no = bill_row_field(&member->places, fields, COLUMN_ORDER_NO);
    out->subject = bill_row_field(&member->places, fields, COLUMN_SUBJECT);
    out->status = bill_row_field(&member->places, fields, COLUMN_KIND);
    out->flow = bill_row_flow(flows, sizeof(flows) / sizeof(flows[0]), out->status);
    if (bill_row_is_scientific(out->provider_trade_no)
        || bill_row_is_scientific(out->merchant_order_no) || bill_row_is_scientific(flow_no)) {
        return bill_row_fault(fault, FINDING_KEY_SCIENTIFIC, number,
                              "a number was destroyed by a spreadsheet", line);
    }
    if (wall_parse_civil(at, ALIPAY_ZONE_MIN, &out->at) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_TIME, number, "发生时间 is not a time", at);
    }
    enum bill_step step = read_amounts(member, fields, number, out, fault);
    if (step != BILL_STEP_LINE) {
        return step;
    }
    if (!bill_row_movement(&member->lines, out)) {
        return bill_row_fault(fault, FINDING_FLOW_GAP, number,
                              "the balance does not follow from the line before", line);
    }
    return BILL_STEP_LINE;
}

static void
footer(struct alipay_member *member, size_t which, int64_t count, int64_t fen)
{
    struct bill_totals *trailer = &member->trailer;
    *(which == 0 ? &trailer->out_count : &trailer->in_count) = count;
    *(which == 0 ? &trailer->out_fen : &trailer->in_fen) = which == 0 && fen < 0 ? -fen : fen;
}

static enum bill_step
tie(const struct alipay_member *member, size_t *next, struct bill_fault *fault)
{
    const struct bill_totals *lines = &member->lines;
    const struct bill_totals *trailer = &member->trailer;
    const struct bill_row_tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "count of 收入", lines->in_count, trailer->in_count },
        { FINDING_FILE_TRAILER_COUNT, "count of 支出", lines->out_count, trailer->out_count },
        { FINDING_FLOW_SUM, "sum of 收入 in fen", lines->in_fen, trailer->in_fen },
        { FINDING_FLOW_SUM, "sum of 支出 in fen", lines->out_fen, trailer->out_fen },
    };
    return bill_row_tie_next(ties, sizeof(ties) / sizeof(ties[0]), next, fault);
}

const struct alipay_table alipay_table_flow = {
    .title = "#支付宝账务明细查询",
    .end_mark = "账务明细列表结束",
    .columns = &columns,
    .footers = { { "#支出合计", "共" }, { "#收入合计", "共" } },
    .totals = 2,
    .row = row,
    .footer = footer,
    .tie = tie,
};
