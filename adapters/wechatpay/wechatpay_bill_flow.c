/* SPDX-License-Identifier: Apache-2.0 */
/* The fund flow (6.3): every movement of the account, each with the balance after it. */
#include "wechatpay_bill.h"

enum column {
    COLUMN_AT,
    COLUMN_TRADE_NO,
    COLUMN_FLOW_NO,
    COLUMN_KIND,
    COLUMN_DIRECTION,
    COLUMN_AMOUNT,
    COLUMN_BALANCE,
    COLUMN_PROOF_NO,
    COLUMN_REMARK,
    COLUMN_COUNT
};

static const struct bill_row_name names[] = {
    { COLUMN_AT, "记账时间" },          { COLUMN_TRADE_NO, "微信支付业务单号" },
    { COLUMN_FLOW_NO, "资金流水单号" }, { COLUMN_KIND, "业务类型" },
    { COLUMN_DIRECTION, "收支类型" },   { COLUMN_AMOUNT, "收支金额(元)" },
    { COLUMN_BALANCE, "账户结余(元)" }, { COLUMN_PROOF_NO, "业务凭证号" },
    { COLUMN_REMARK, "备注" },
};

static const char *const ignored[] = { "业务名称", "资金变更提交申请人", NULL };

enum sum { SUM_ROWS, SUM_IN_COUNT, SUM_IN, SUM_OUT_COUNT, SUM_OUT, SUM_COUNT };

static const struct bill_row_name sum_names[] = {
    { SUM_ROWS, "资金流水总笔数" }, { SUM_IN_COUNT, "收入笔数" }, { SUM_IN, "收入金额" },
    { SUM_OUT_COUNT, "支出笔数" },  { SUM_OUT, "支出金额" },
};

static enum bill_step
read_amounts(const struct bill_reader *reader, const struct span *fields, size_t number,
             struct bill_line *out, struct bill_fault *fault)
{
    struct span amount = bill_row_field(&reader->places, fields, COLUMN_AMOUNT);
    struct span balance = bill_row_field(&reader->places, fields, COLUMN_BALANCE);
    struct span direction = bill_row_field(&reader->places, fields, COLUMN_DIRECTION);
    struct money after;
    if (bill_row_money(amount, &out->face) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                              "not a plain amount with two decimals", amount);
    }
    if (money_parse_signed(balance, CURRENCY_CNY, &after) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "not a balance", balance);
    }
    if (out->face.minor < 0) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                              "the amount of a movement has no sign", amount);
    }
    bool in = span_eq(direction, SPAN_LIT("收入"));
    if (!in && !span_eq(direction, SPAN_LIT("支出"))) {
        return bill_row_fault(fault, FINDING_LINE_TYPE, number, "unknown 收支类型", direction);
    }
    out->face.minor = in ? out->face.minor : -out->face.minor;
    out->order_amount = out->face;
    out->effective = out->face;
    out->fee = (struct money){ 0, CURRENCY_CNY };
    out->balance_fen = after.minor;
    return BILL_STEP_LINE;
}

static const struct bill_row_flow flows[] = {
#define FLOW(word, kind) { (word), BILL_FLOW_##kind },
#include "wechatpay_flow.def"
#undef FLOW
};

/* "退款总金额20.00元;含手续费0.12元" stands beside 19.88: the fee came back with the refund, in one movement. A remark
 * that does not add up so says nothing. */
static int64_t
returned_fee(struct span remark, int64_t moved_fen)
{
    struct span front = SPAN_LIT("退款总金额");
    struct span middle = SPAN_LIT("元;含手续费");
    struct span end = SPAN_LIT("元");
    size_t at = span_find(remark, middle);
    struct money whole;
    struct money fee;
    if (!span_starts(remark, front) || !span_ends(remark, end) || at >= remark.len) {
        return 0;
    }
    struct span last = span_sub(remark, at + middle.len, remark.len);
    if (bill_row_money(span_sub(remark, front.len, at - front.len), &whole) != ERR_OK
        || bill_row_money(span_sub(last, 0, last.len - end.len), &fee) != ERR_OK) {
        return 0;
    }
    return whole.minor - fee.minor == -moved_fen ? fee.minor : 0;
}

static void
set_flow(const struct bill_reader *reader, const struct span *fields, struct bill_line *out)
{
    out->flow = bill_row_flow(flows, sizeof(flows) / sizeof(flows[0]), out->status);
    if (out->flow == BILL_FLOW_REFUND) {
        struct span remark = bill_row_field(&reader->places, fields, COLUMN_REMARK);
        out->refund_no = out->merchant_order_no;
        out->fee.minor = returned_fee(remark, out->face.minor);
    }
}

static enum bill_step
row(struct bill_reader *reader, const struct span *fields, size_t number, struct bill_line *out,
    struct bill_fault *fault)
{
    struct span at = bill_row_field(&reader->places, fields, COLUMN_AT);
    struct span flow_no = bill_row_field(&reader->places, fields, COLUMN_FLOW_NO);
    out->kind = BILL_LINE_FLOW;
    out->provider_trade_no = bill_row_field(&reader->places, fields, COLUMN_TRADE_NO);
    out->merchant_order_no = bill_row_field(&reader->places, fields, COLUMN_PROOF_NO);
    out->status = bill_row_field(&reader->places, fields, COLUMN_KIND);
    if (bill_row_is_scientific(out->provider_trade_no) || bill_row_is_scientific(flow_no)
        || bill_row_is_scientific(out->merchant_order_no)) {
        return bill_row_fault(fault, FINDING_KEY_SCIENTIFIC, number,
                              "a number was destroyed by a spreadsheet", out->raw);
    }
    if (wechatpay_bill_time(reader, at, number, &out->at, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    enum bill_step step = read_amounts(reader, fields, number, out, fault);
    if (step != BILL_STEP_LINE) {
        return step;
    }
    set_flow(reader, fields, out);
    struct bill_totals *lines = &reader->lines;
    bool follows = bill_row_movement(lines, out);
    reader->sums[SUM_ROWS]++;
    reader->sums[SUM_IN_COUNT] +=
        span_eq(bill_row_field(&reader->places, fields, COLUMN_DIRECTION), SPAN_LIT("收入")) ? 1
                                                                                             : 0;
    reader->sums[SUM_OUT_COUNT] = reader->sums[SUM_ROWS] - reader->sums[SUM_IN_COUNT];
    reader->sums[SUM_IN] = lines->in_fen * BILL_ROW_UNITS_FEN;
    reader->sums[SUM_OUT] = lines->out_fen * BILL_ROW_UNITS_FEN;
    return follows ? BILL_STEP_LINE
                   : bill_row_fault(fault, FINDING_FLOW_GAP, number,
                                    "the balance does not follow from the line before", out->raw);
}

static void
trailer(const struct bill_reader *reader, struct bill_totals *out)
{
    out->in_count = reader->trailer_sums[SUM_IN_COUNT];
    out->out_count = reader->trailer_sums[SUM_OUT_COUNT];
    out->in_fen = bill_row_fen(reader->trailer_sums[SUM_IN]);
    out->out_fen = bill_row_fen(reader->trailer_sums[SUM_OUT]);
}

const struct wechatpay_form wechatpay_form_flow = {
    .layout = WECHATPAY_LAYOUT_FLOW,
    .name = "fund flow",
    .columns = { .names = names,
                 .name_count = sizeof(names) / sizeof(names[0]),
                 .required = COLUMN_COUNT,
                 .columns = COLUMN_COUNT,
                 .ignored = ignored },
    .sums = { .names = sum_names,
              .name_count = sizeof(sum_names) / sizeof(sum_names[0]),
              .required = SUM_COUNT,
              .columns = SUM_COUNT },
    .ties = { [SUM_ROWS] = { true, FINDING_FILE_TRAILER_COUNT, "资金流水总笔数" },
              [SUM_IN_COUNT] = { true, FINDING_FILE_TRAILER_COUNT, "收入笔数" },
              [SUM_IN] = { false, FINDING_FLOW_SUM, "收入金额 in 0.00001 yuan" },
              [SUM_OUT_COUNT] = { true, FINDING_FILE_TRAILER_COUNT, "支出笔数" },
              [SUM_OUT] = { false, FINDING_FLOW_SUM, "支出金额 in 0.00001 yuan" } },
    .row = row,
    .trailer = trailer,
};
