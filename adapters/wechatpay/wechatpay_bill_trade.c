/* SPDX-License-Identifier: Apache-2.0 */
/* The trade bill (6.2) in its three layouts, told by their headers: ALL, SUCCESS, REFUND. */
#include <stdio.h>
#include <string.h>

#include "wechatpay_bill.h"

#define RATE_DECIMALS  4 /* of a percent, so that a millionth is the finest */
#define UNITS_PER_PPM  10
#define RATE_MAX_UNITS ((int64_t)FEE_RATE_MAX_PPM * UNITS_PER_PPM)

/* Each layout has the columns of the one before and some more. */
enum column {
    COLUMN_AT,
    COLUMN_APPLICATION,
    COLUMN_MERCHANT,
    COLUMN_TRADE_NO,
    COLUMN_ORDER_NO,
    COLUMN_STATE,
    COLUMN_CURRENCY,
    COLUMN_SETTLED,
    COLUMN_SUBJECT,
    COLUMN_FEE,
    COLUMN_ORDER_AMOUNT,
    COLUMN_METHOD,
    COLUMN_BANK,
    COLUMN_RATE,
    COLUMN_RATE_REMARK,
    COLUMN_OF_SUCCESS,
    COLUMN_REFUND_ID = COLUMN_OF_SUCCESS,
    COLUMN_REFUND_NO,
    COLUMN_REFUNDED,
    COLUMN_COUPON_REFUNDED,
    COLUMN_REFUND_STATE,
    COLUMN_ASKED,
    COLUMN_ROUTE,
    COLUMN_OF_ALL,
    COLUMN_REFUND_AT = COLUMN_OF_ALL,
    COLUMN_OF_REFUND
};

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

enum sum {
    SUM_ROWS,
    SUM_SETTLED,
    SUM_FEE,
    SUM_ORDERS,
    SUM_OF_SUCCESS, /* documents give a SUCCESS bill four sums; a real one had all seven */
    SUM_REFUNDED = SUM_OF_SUCCESS,
    SUM_COUPON_REFUNDED,
    SUM_ASKED,
    SUM_COUNT
};

static const struct bill_row_name sum_names[] = {
    { SUM_ROWS, "总交易单数" },      { SUM_SETTLED, "应结订单总金额" },
    { SUM_FEE, "手续费总金额" },     { SUM_ORDERS, "订单总金额" },
    { SUM_REFUNDED, "退款总金额" },  { SUM_COUPON_REFUNDED, "充值券退款总金额" },
    { SUM_ASKED, "申请退款总金额" },
};

/* What a row's state means: whether it is a refund, and whether its money has moved or will. */
static const struct {
    const char *text;
    bool effective;
    bool pending;
} refund_states[] = {
    { "SUCCESS", true, false },
    { "PROCESSING", true, true }, /* taken from us when it was accepted */
    { "FAIL", false, false },
    { "CHANGE", false, false },
};

/* The amounts of one row in fen; those that the layout has not are zero. */
struct amounts {
    int64_t settled;
    int64_t order;
    int64_t refunded;
    int64_t coupon_refunded;
    int64_t asked;
    int64_t fee_units;
};

static enum bill_step
read_amounts(const struct bill_reader *reader, const struct span *fields, size_t number,
             struct amounts *out, struct bill_fault *fault)
{
    static const size_t which[] = { COLUMN_SETTLED, COLUMN_ORDER_AMOUNT, COLUMN_REFUNDED,
                                    COLUMN_COUPON_REFUNDED, COLUMN_ASKED };
    int64_t *const to[] = { &out->settled, &out->order, &out->refunded, &out->coupon_refunded,
                            &out->asked };
    for (size_t i = 0; i < 5; i++) {
        struct span field = bill_row_field(&reader->places, fields, which[i]);
        struct money money = { 0, CURRENCY_CNY };
        bool absent = reader->places.at[which[i]] == BILL_ROW_NO_PLACE;
        if (!absent && bill_row_money(field, &money) != ERR_OK) {
            return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                                  "not a plain amount with two decimals", field);
        }
        if (money.minor < 0) {
            return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                                  "amounts have no sign, the state says which way", field);
        }
        *to[i] = money.minor;
    }
    struct span fee = bill_row_field(&reader->places, fields, COLUMN_FEE);
    int64_t limit = MONEY_MAX_MINOR * BILL_ROW_UNITS_FEN;
    if (bill_row_units(fee, WECHATPAY_BILL_DECIMALS, &out->fee_units) != ERR_OK
        || out->fee_units > limit || out->fee_units < -limit) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "手续费 is not a plain amount",
                              fee);
    }
    return BILL_STEP_NOTHING;
}

static bool
is_number(struct span id)
{
    return id.len > 0 && !span_eq(id, SPAN_LIT("0"));
}

/* Kind, effect and the provider's word of a row. */
static enum bill_step
read_state(const struct bill_reader *reader, const struct span *fields, size_t number,
           bool *effective, struct bill_line *out, struct bill_fault *fault)
{
    struct span state = bill_row_field(&reader->places, fields, COLUMN_STATE);
    struct span refund_state = bill_row_field(&reader->places, fields, COLUMN_REFUND_STATE);
    bool has_refund = is_number(bill_row_field(&reader->places, fields, COLUMN_REFUND_ID));
    out->status = state;
    if (span_eq(state, SPAN_LIT("REVOKED"))) {
        out->kind = has_refund ? BILL_LINE_REFUND : BILL_LINE_PAY;
        *effective = false;
        return BILL_STEP_NOTHING;
    }
    if (span_eq(state, SPAN_LIT("SUCCESS")) && reader->form->layout != WECHATPAY_LAYOUT_REFUND) {
        out->kind = BILL_LINE_PAY;
        *effective = true;
        return BILL_STEP_NOTHING;
    }
    if (!span_eq(state, SPAN_LIT("REFUND")) || reader->form->layout == WECHATPAY_LAYOUT_SUCCESS) {
        return bill_row_fault(fault, FINDING_LINE_STATUS, number, "unknown 交易状态", state);
    }
    out->kind = BILL_LINE_REFUND;
    out->status = refund_state;
    for (size_t i = 0; i < sizeof(refund_states) / sizeof(refund_states[0]); i++) {
        if (span_eq_cstr(refund_state, refund_states[i].text)) {
            *effective = refund_states[i].effective;
            out->pending = refund_states[i].pending;
            return BILL_STEP_NOTHING;
        }
    }
    return bill_row_fault(fault, FINDING_LINE_STATUS, number, "unknown 退款状态", refund_state);
}

static enum bill_step
read_merchant(struct bill_reader *reader, struct span merchant, size_t number,
              struct bill_fault *fault)
{
    bool known = reader->merchant != NULL || reader->first_merchant_len > 0;
    if (!known) {
        struct span kept = span_sub(merchant, 0, WECHATPAY_BILL_ID_MAX);
        memcpy(reader->first_merchant, kept.at, kept.len);
        reader->first_merchant_len = kept.len;
    }
    struct span first = span_make(reader->first_merchant, reader->first_merchant_len);
    struct span ours = reader->merchant != NULL ? span_of(reader->merchant) : first;
    return merchant.len > 0 && span_eq(merchant, ours)
               ? BILL_STEP_NOTHING
               : bill_row_fault(fault, FINDING_FILE_WRONG_MERCHANT, number,
                                "a row of another merchant", merchant);
}

static bool
is_currency(struct span code)
{
    for (size_t i = 0; i < code.len; i++) {
        if (code.at[i] < 'A' || code.at[i] > 'Z') {
            return false;
        }
    }
    return code.len == 3;
}

static enum bill_step
read_keys(struct bill_reader *reader, const struct span *fields, size_t number,
          struct bill_line *out, struct bill_fault *fault)
{
    struct span refund_no = bill_row_field(&reader->places, fields, COLUMN_REFUND_NO);
    struct span currency = bill_row_field(&reader->places, fields, COLUMN_CURRENCY);
    out->provider_trade_no = bill_row_field(&reader->places, fields, COLUMN_TRADE_NO);
    out->merchant_order_no = bill_row_field(&reader->places, fields, COLUMN_ORDER_NO);
    out->refund_no =
        out->kind == BILL_LINE_REFUND && is_number(refund_no) ? refund_no : span_of("");
    out->application = bill_row_field(&reader->places, fields, COLUMN_APPLICATION);
    out->merchant = bill_row_field(&reader->places, fields, COLUMN_MERCHANT);
    out->subject = bill_row_field(&reader->places, fields, COLUMN_SUBJECT);
    if (bill_row_is_scientific(out->provider_trade_no)
        || bill_row_is_scientific(out->merchant_order_no) || bill_row_is_scientific(refund_no)) {
        return bill_row_fault(fault, FINDING_KEY_SCIENTIFIC, number,
                              "a number was destroyed by a spreadsheet", out->raw);
    }
    if (!is_currency(currency)) {
        return bill_row_fault(fault, FINDING_ST_UNKNOWN_VALUE, number,
                              "货币种类 is no code of three letters", currency);
    }
    out->other_currency = !span_eq(currency, SPAN_LIT("CNY"));
    return read_merchant(reader, out->merchant, number, fault);
}

/* A payment has nothing in the columns of refunds, a refund nothing in those of payments; a fee is taken
 * from the one and given back with the other. What a reversed row holds is not documented. */
static bool
signs_fit(const struct bill_line *line, const struct amounts *amounts)
{
    if (span_eq(line->status, SPAN_LIT("REVOKED"))) {
        return true;
    }
    if (line->kind == BILL_LINE_PAY) {
        return amounts->refunded == 0 && amounts->asked == 0 && amounts->fee_units >= 0;
    }
    return amounts->settled == 0 && amounts->order == 0 && amounts->fee_units <= 0;
}

static void
count_row(struct bill_reader *reader, const struct bill_line *line, const struct amounts *amounts)
{
    struct bill_totals *totals = &reader->lines;
    bool pay = line->kind == BILL_LINE_PAY;
    *(pay ? &totals->pay_count : &totals->refund_count) += 1;
    *(pay ? &totals->pay_fen : &totals->refund_fen) += line->face.minor;
    totals->fee_fen += line->fee.minor;
    reader->sums[SUM_ROWS] += 1;
    reader->sums[SUM_SETTLED] += amounts->settled * BILL_ROW_UNITS_FEN;
    reader->sums[SUM_FEE] += amounts->fee_units;
    reader->sums[SUM_ORDERS] += amounts->order * BILL_ROW_UNITS_FEN;
    reader->sums[SUM_REFUNDED] += amounts->refunded * BILL_ROW_UNITS_FEN;
    reader->sums[SUM_COUPON_REFUNDED] += amounts->coupon_refunded * BILL_ROW_UNITS_FEN;
    reader->sums[SUM_ASKED] += amounts->asked * BILL_ROW_UNITS_FEN;
}

/* The order's amount and the refund asked for are what our books hold; coupons change what is settled
 * (应结订单金额, 退款金额), not what was sold. */
static void
set_money(const struct amounts *amounts, bool effective, struct bill_line *out)
{
    bool pay = out->kind == BILL_LINE_PAY;
    bool counts = effective && !out->other_currency;
    int64_t settled = pay ? amounts->settled : -amounts->refunded;
    out->face = (struct money){ pay ? amounts->order : -amounts->asked, CURRENCY_CNY };
    out->order_amount = out->face;
    out->effective = (struct money){ counts ? out->face.minor : 0, CURRENCY_CNY };
    out->coupon_fen = counts ? settled - out->face.minor : 0;
    out->fee = (struct money){ -bill_row_fen(amounts->fee_units), CURRENCY_CNY };
}

static const struct {
    const char *text;
    enum adapter_method method;
} methods[] = {
    { "NATIVE", ADAPTER_QR },
    { "MWEB", ADAPTER_WAP },
    { "JSAPI", ADAPTER_JSAPI },
};

static enum adapter_method
method_of(struct span text)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (span_eq_cstr(text, methods[i].text)) {
            return methods[i].method;
        }
    }
    return text.len == 0 ? ADAPTER_METHOD_NONE : ADAPTER_METHOD_COUNT;
}

static enum fee_card
card_of(struct span bank)
{
    return span_ends(bank, SPAN_LIT("_DEBIT"))    ? FEE_CARD_DEBIT
           : span_ends(bank, SPAN_LIT("_CREDIT")) ? FEE_CARD_CREDIT
                                                  : FEE_CARD_ANY;
}

/* "0.60%"; an empty one says nothing. */
static enum bill_step
read_rate(const struct bill_reader *reader, const struct span *fields, size_t number,
          struct bill_line *out, struct bill_fault *fault)
{
    struct span rate = bill_row_field(&reader->places, fields, COLUMN_RATE);
    int64_t units = 0;
    if (rate.len > 0
        && (!span_ends(rate, SPAN_LIT("%"))
            || bill_row_units(span_sub(rate, 0, rate.len - 1), RATE_DECIMALS, &units) != ERR_OK
            || units < 0 || units > RATE_MAX_UNITS)) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "费率 is not a rate in percent",
                              rate);
    }
    out->rate_ppm = units / UNITS_PER_PPM;
    out->promoted =
        span_trim(bill_row_field(&reader->places, fields, COLUMN_RATE_REMARK), " ").len > 0;
    return BILL_STEP_NOTHING;
}

/* How it was paid and how it went back. */
static void
read_ways(const struct bill_reader *reader, const struct span *fields, struct bill_line *out)
{
    struct span route = bill_row_field(&reader->places, fields, COLUMN_ROUTE);
    out->method = method_of(bill_row_field(&reader->places, fields, COLUMN_METHOD));
    out->card = card_of(bill_row_field(&reader->places, fields, COLUMN_BANK));
    out->other_route =
        out->kind == BILL_LINE_REFUND && route.len > 0 && !span_eq(route, SPAN_LIT("ORIGINAL"));
}

static enum bill_step
row(struct bill_reader *reader, const struct span *fields, size_t number, struct bill_line *out,
    struct bill_fault *fault)
{
    struct amounts amounts;
    bool effective = false;
    /* 交易时间 of a REFUND bill is the original payment's. */
    bool of_refunds = reader->form->layout == WECHATPAY_LAYOUT_REFUND;
    struct span at =
        bill_row_field(&reader->places, fields, of_refunds ? COLUMN_REFUND_AT : COLUMN_AT);
    if (read_state(reader, fields, number, &effective, out, fault) == BILL_STEP_FAULT
        || read_keys(reader, fields, number, out, fault) == BILL_STEP_FAULT
        || wechatpay_bill_time(reader, at, number, &out->at, fault) == BILL_STEP_FAULT
        || read_amounts(reader, fields, number, &amounts, fault) == BILL_STEP_FAULT
        || read_rate(reader, fields, number, out, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    read_ways(reader, fields, out);
    if (!signs_fit(out, &amounts)) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                              "the amounts do not fit the row's state", out->raw);
    }
    set_money(&amounts, effective, out);
    count_row(reader, out, &amounts);
    return BILL_STEP_LINE;
}

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

#define FORM(which, title, count, unread, sums_needed)                                            \
    {                                                                                             \
        .layout = WECHATPAY_LAYOUT_##which, .name = (title),                                      \
        .columns = { names, count, count, count, unread },                                        \
        .sums = { sum_names, SUM_COUNT, sums_needed, SUM_COUNT, NULL }, .ties = TIES, .row = row, \
        .trailer = trailer                                                                        \
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
