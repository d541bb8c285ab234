/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "alipay_bill.h"

#define NAME_MAX_BYTES 64
#define NO_PLACE       ((size_t)-1)

/* Columns are found by name; full-width brackets count as plain ones. Institution variants print a
 * second name. */
static const struct {
    enum alipay_bill_column column;
    const char *name;
} names[] = {
    { ALIPAY_COLUMN_TRADE_NO, "支付宝交易号" }, { ALIPAY_COLUMN_ORDER_NO, "商户订单号" },
    { ALIPAY_COLUMN_KIND, "业务类型" },         { ALIPAY_COLUMN_SUBJECT, "商品名称" },
    { ALIPAY_COLUMN_FINISHED, "完成时间" },     { ALIPAY_COLUMN_ORDER_AMOUNT, "订单金额(元)" },
    { ALIPAY_COLUMN_RECEIVED, "商家实收(元)" }, { ALIPAY_COLUMN_REFUND_NO, "退款批次号/请求号" },
    { ALIPAY_COLUMN_REFUND_NO, "退款批次号" },  { ALIPAY_COLUMN_FEE, "服务费(元)" },
};

/* Known columns that we do not read; any other name is drift. */
static const char *const ignored[] = {
    "创建时间",       "门店编号",
    "门店名称",       "操作员",
    "终端号",         "对方账户",
    "支付宝红包(元)", "集分宝(元)",
    "集分宝抵扣(元)", "支付宝优惠(元)",
    "商家优惠(元)",   "券核销金额(元)",
    "券名称",         "商家红包消费金额(元)",
    "卡消费金额(元)", "分润(元)",
    "备注",           "实收净额(元)",
    "商户识别号",     "交易方式",
};

static struct span
strip(struct span field)
{
    field = span_trim(field, " \t");
    return field.len > 0 && field.at[0] == '`' ? span_sub(field, 1, field.len) : field;
}

/* Full-width brackets to plain ones, so that both spellings of a header are one. */
static struct span
plain_name(struct span name, unsigned char storage[NAME_MAX_BYTES])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < NAME_MAX_BYTES; i++) {
        struct span three = span_sub(name, i, 3);
        bool open = span_eq(three, SPAN_LIT("（"));
        if (open || span_eq(three, SPAN_LIT("）"))) {
            storage[len++] = open ? '(' : ')';
            i += 2;
        } else {
            storage[len++] = name.at[i];
        }
    }
    return span_make(storage, len);
}

static bool
is_ignored(struct span name)
{
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        if (span_eq_cstr(name, ignored[i])) {
            return true;
        }
    }
    return false;
}

static bool
place_column(struct bill_reader *reader, struct span name, size_t at)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (span_eq_cstr(name, names[i].name)) {
            size_t *place = &reader->place[names[i].column];
            bool first = *place == NO_PLACE;
            *place = at;
            return first;
        }
    }
    return is_ignored(name);
}

enum bill_step
alipay_bill_header(struct bill_reader *reader, struct span line, size_t number,
                   struct bill_fault *fault)
{
    for (size_t i = 0; i < ALIPAY_COLUMN_COUNT; i++) {
        reader->place[i] = NO_PLACE;
    }
    struct span rest = line;
    size_t width = 0;
    bool more = true;
    while (more) {
        struct span field;
        unsigned char storage[NAME_MAX_BYTES];
        more = span_cut(&rest, ',', &field);
        if (width == ALIPAY_BILL_COLUMNS_MAX
            || !place_column(reader, plain_name(strip(field), storage), width)) {
            return alipay_bill_fault(fault, FINDING_FILE_COLUMNS, number, "unexpected column",
                                     field);
        }
        width++;
    }
    for (size_t i = 0; i < ALIPAY_COLUMN_COUNT; i++) {
        if (reader->place[i] == NO_PLACE) {
            return alipay_bill_fault(fault, FINDING_FILE_COLUMNS, number, "missing column",
                                     span_of(names[i].name));
        }
    }
    reader->width = width;
    reader->phase = ALIPAY_BILL_ROWS;
    return BILL_STEP_NOTHING;
}

/* "2.0240505E+27": what a spreadsheet leaves of a long number. */
static bool
is_scientific(struct span id)
{
    size_t e = span_find(id, SPAN_LIT("E+"));
    struct span head = span_sub(id, 0, e);
    return e < id.len && head.len > 2 && head.at[1] == '.' && span_is_digits(span_sub(head, 0, 1))
           && span_is_digits(span_sub(head, 2, head.len))
           && span_is_digits(span_sub(id, e + 2, id.len));
}

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

static enum bill_step
read_amounts(const struct span *column, size_t number, struct bill_line *out,
             struct bill_fault *fault)
{
    static const enum alipay_bill_column which[] = { ALIPAY_COLUMN_ORDER_AMOUNT,
                                                     ALIPAY_COLUMN_RECEIVED, ALIPAY_COLUMN_FEE };
    struct money *const to[] = { &out->order_amount, &out->face, &out->fee };
    for (size_t i = 0; i < 3; i++) {
        if (money_parse_signed(column[which[i]], CURRENCY_CNY, to[i]) != ERR_OK
            || to[i]->minor > MONEY_MAX_MINOR || to[i]->minor < -MONEY_MAX_MINOR) {
            return alipay_bill_fault(fault, FINDING_LINE_AMOUNT, number,
                                     "not a plain amount with two decimals", column[which[i]]);
        }
    }
    out->effective = out->face;
    return BILL_STEP_LINE;
}

static enum bill_step
read_row(const struct span *column, size_t number, struct bill_line *out, struct bill_fault *fault)
{
    out->kind = kind_of(column[ALIPAY_COLUMN_KIND]);
    if (out->kind == BILL_LINE_NONE) {
        return alipay_bill_fault(fault, FINDING_LINE_TYPE, number, "unknown 业务类型",
                                 column[ALIPAY_COLUMN_KIND]);
    }
    out->provider_trade_no = column[ALIPAY_COLUMN_TRADE_NO];
    out->merchant_order_no = column[ALIPAY_COLUMN_ORDER_NO];
    if (is_scientific(out->provider_trade_no) || is_scientific(out->merchant_order_no)) {
        return alipay_bill_fault(fault, FINDING_KEY_SCIENTIFIC, number,
                                 "a number was destroyed by a spreadsheet", out->provider_trade_no);
    }
    if (wall_parse_civil(column[ALIPAY_COLUMN_FINISHED], ALIPAY_ZONE_MIN, &out->at) != ERR_OK) {
        return alipay_bill_fault(fault, FINDING_LINE_TIME, number, "完成时间 is not a time",
                                 column[ALIPAY_COLUMN_FINISHED]);
    }
    out->subject = column[ALIPAY_COLUMN_SUBJECT];
    out->refund_no = column[ALIPAY_COLUMN_REFUND_NO];
    return read_amounts(column, number, out, fault);
}

enum bill_step
alipay_bill_row(struct bill_reader *reader, struct span line, size_t number, struct bill_line *out,
                struct bill_fault *fault)
{
    struct span fields[ALIPAY_BILL_COLUMNS_MAX];
    struct span rest = line;
    size_t width = 0;
    bool more = true;
    while (more && width < ALIPAY_BILL_COLUMNS_MAX) {
        more = span_cut(&rest, ',', &fields[width++]);
    }
    if (more || width != reader->width) {
        return alipay_bill_fault(fault, FINDING_LINE_WIDTH, number,
                                 "the row has another number of columns than the header", line);
    }
    struct span column[ALIPAY_COLUMN_COUNT];
    for (size_t i = 0; i < ALIPAY_COLUMN_COUNT; i++) {
        column[i] = strip(fields[reader->place[i]]);
    }
    struct bill_line row = { .number = number, .raw = line };
    enum bill_step step = read_row(column, number, &row, fault);
    if (step != BILL_STEP_LINE) {
        return step;
    }
    if (!sign_fits(&row)) {
        return alipay_bill_fault(fault, FINDING_AMT_SIGN, number,
                                 "the amount's sign does not fit 业务类型", line);
    }
    count_row(&reader->lines, &row);
    *out = row;
    return BILL_STEP_LINE;
}
