/* SPDX-License-Identifier: Apache-2.0 */
/* 业务明细(汇总) (6.4), one row per store, and 账务明细(汇总) (6.6), one row per kind of movement; the last
 * row of each is 合计. */
#include "alipay_bill.h"

enum trade_column {
    TRADE_STORE,
    TRADE_PAYMENTS,
    TRADE_REFUNDS,
    TRADE_RECEIVED,
    TRADE_FEE,
    TRADE_REQUIRED,
    TRADE_ORDER_AMOUNT = TRADE_REQUIRED,
    TRADE_COUNT
};

static const struct bill_row_name trade_names[] = {
    { TRADE_STORE, "门店编号" },         { TRADE_PAYMENTS, "交易订单总笔数" },
    { TRADE_REFUNDS, "退款订单总笔数" }, { TRADE_RECEIVED, "商家实收(元)" },
    { TRADE_FEE, "服务费(元)" },         { TRADE_ORDER_AMOUNT, "订单金额(元)" },
};

static const char *const trade_ignored[] = {
    "门店名称", "支付宝优惠(元)", "商家优惠(元)", "卡消费金额(元)",
    "分润(元)", "实收净额(元)",   NULL,
};

static const struct bill_row_table trade_columns = {
    .names = trade_names,
    .name_count = sizeof(trade_names) / sizeof(trade_names[0]),
    .required = TRADE_REQUIRED,
    .columns = TRADE_COUNT,
    .ignored = trade_ignored,
};

enum flow_column {
    FLOW_KIND,
    FLOW_IN_COUNT,
    FLOW_IN,
    FLOW_OUT_COUNT,
    FLOW_OUT,
    FLOW_NET,
    FLOW_COUNT
};

static const struct bill_row_name flow_names[] = {
    { FLOW_KIND, "类型" },          { FLOW_IN_COUNT, "收入笔数" }, { FLOW_IN, "收入金额(+元)" },
    { FLOW_OUT_COUNT, "支出笔数" }, { FLOW_OUT, "支出金额(-元)" }, { FLOW_NET, "总金额(元)" },
};

static const struct bill_row_table flow_columns = {
    .names = flow_names,
    .name_count = sizeof(flow_names) / sizeof(flow_names[0]),
    .required = FLOW_COUNT,
    .columns = FLOW_COUNT,
};

/* The counts and sums of one row. False after a fault. */
static bool
read_numbers(const struct alipay_member *member, const struct span *fields, size_t number,
             const size_t counts[2], const size_t sums[2], int64_t out[4], struct bill_fault *fault)
{
    for (size_t i = 0; i < 2; i++) {
        struct span count = bill_row_field(&member->places, fields, counts[i]);
        struct span sum = bill_row_field(&member->places, fields, sums[i]);
        struct money money;
        if (bill_row_count(count, &out[i]) != ERR_OK) {
            (void)bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "not a count", count);
            return false;
        }
        if (money_parse_signed(sum, CURRENCY_CNY, &money) != ERR_OK
            || money.minor > MONEY_MAX_MINOR * 1000 || money.minor < -MONEY_MAX_MINOR * 1000) {
            (void)bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                                 "not a plain amount with two decimals", sum);
            return false;
        }
        out[2 + i] = money.minor;
    }
    return true;
}

/* True for the row of sums, which stands last and once. */
static bool
is_total(struct alipay_member *member, struct span first, bool *misplaced)
{
    bool seen = (member->seen & ALIPAY_SAW_TOTAL) != 0;
    bool total = span_eq(first, SPAN_LIT("合计"));
    *misplaced = seen;
    member->seen |= total ? ALIPAY_SAW_TOTAL : 0;
    return total;
}

static enum bill_step
after_total(struct span line, size_t number, struct bill_fault *fault)
{
    return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "a row behind 合计", line);
}

static enum bill_step
trade_row(struct alipay_member *member, const struct span *fields, struct span line, size_t number,
          struct bill_line *out, struct bill_fault *fault)
{
    static const size_t counts[] = { TRADE_PAYMENTS, TRADE_REFUNDS };
    static const size_t sums[] = { TRADE_RECEIVED, TRADE_FEE };
    int64_t got[4];
    bool misplaced = false;
    bool total = is_total(member, bill_row_field(&member->places, fields, TRADE_STORE), &misplaced);
    if (misplaced) {
        return after_total(line, number, fault);
    }
    if (!read_numbers(member, fields, number, counts, sums, got, fault)) {
        return BILL_STEP_FAULT;
    }
    struct bill_totals *to = total ? &member->trailer : &member->lines;
    to->pay_count += got[0];
    to->refund_count += got[1];
    to->pay_fen += got[2];
    to->fee_fen += got[3];
    out->face = (struct money){ got[2], CURRENCY_CNY };
    out->fee = (struct money){ got[3], CURRENCY_CNY };
    return total ? BILL_STEP_NOTHING : BILL_STEP_LINE;
}

static enum bill_step
flow_row(struct alipay_member *member, const struct span *fields, struct span line, size_t number,
         struct bill_line *out, struct bill_fault *fault)
{
    static const size_t counts[] = { FLOW_IN_COUNT, FLOW_OUT_COUNT };
    static const size_t sums[] = { FLOW_IN, FLOW_OUT };
    int64_t got[4];
    struct money net;
    bool misplaced = false;
    struct span kind = bill_row_field(&member->places, fields, FLOW_KIND);
    struct span net_text = bill_row_field(&member->places, fields, FLOW_NET);
    bool total = is_total(member, kind, &misplaced);
    if (misplaced) {
        return after_total(line, number, fault);
    }
    if (!read_numbers(member, fields, number, counts, sums, got, fault)) {
        return BILL_STEP_FAULT;
    }
    int64_t taken = got[3] < 0 ? -got[3] : got[3];
    if (money_parse_signed(net_text, CURRENCY_CNY, &net) != ERR_OK || net.minor != got[2] - taken) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "总金额 is not 收入 less 支出",
                              net_text);
    }
    struct bill_totals *to = total ? &member->trailer : &member->lines;
    to->in_count += got[0];
    to->out_count += got[1];
    to->in_fen += got[2];
    to->out_fen += taken;
    out->kind = BILL_LINE_FLOW;
    out->subject = kind;
    out->face = (struct money){ got[2] - taken, CURRENCY_CNY };
    out->effective = out->face;
    return total ? BILL_STEP_NOTHING : BILL_STEP_LINE;
}

/* A merchant without stores has no row but 合计. */
static enum bill_step
trade_tie(const struct alipay_member *member, size_t *next, struct bill_fault *fault)
{
    const struct bill_totals *lines = member->rows == 0 ? &member->trailer : &member->lines;
    const struct bill_totals *trailer = &member->trailer;
    const struct bill_row_tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "交易订单总笔数", lines->pay_count, trailer->pay_count },
        { FINDING_FILE_TRAILER_COUNT, "退款订单总笔数", lines->refund_count,
          trailer->refund_count },
        { FINDING_FILE_TRAILER_SUM, "商家实收 in fen", lines->pay_fen, trailer->pay_fen },
        { FINDING_FEE_SUM, "服务费 in fen", lines->fee_fen, trailer->fee_fen },
    };
    return bill_row_tie_next(ties, sizeof(ties) / sizeof(ties[0]), next, fault);
}

static enum bill_step
flow_tie(const struct alipay_member *member, size_t *next, struct bill_fault *fault)
{
    const struct bill_totals *lines = &member->lines;
    const struct bill_totals *trailer = &member->trailer;
    const struct bill_row_tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "收入笔数", lines->in_count, trailer->in_count },
        { FINDING_FILE_TRAILER_COUNT, "支出笔数", lines->out_count, trailer->out_count },
        { FINDING_FLOW_SUM, "收入金额 in fen", lines->in_fen, trailer->in_fen },
        { FINDING_FLOW_SUM, "支出金额 in fen", lines->out_fen, trailer->out_fen },
    };
    return bill_row_tie_next(ties, sizeof(ties) / sizeof(ties[0]), next, fault);
}

const struct alipay_table alipay_table_trade_summary = {
    .title = "#支付宝业务汇总查询",
    .end_mark = "业务汇总列表结束",
    .columns = &trade_columns,
    .totals = 1,
    .row = trade_row,
    .tie = trade_tie,
};

const struct alipay_table alipay_table_flow_summary = {
    .title = "#支付宝账务汇总查询",
    .end_mark = "账务汇总列表结束",
    .columns = &flow_columns,
    .totals = 1,
    .row = flow_row,
    .tie = flow_tie,
};
