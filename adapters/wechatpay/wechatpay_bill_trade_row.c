/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the trade bill (6.2) in any of its layouts. */
#include <string.h>

#include "wechatpay_bill_trade.h"

#define RATE_DECIMALS  4 /* of a percent, so that a millionth is the finest */
#define UNITS_PER_PPM  10
#define RATE_MAX_UNITS ((int64_t)FEE_RATE_MAX_PPM * UNITS_PER_PPM)

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

static enum bill_step
read_amount(const struct bill_reader *reader, const struct span *fields, size_t number,
            enum wechatpay_trade_column column, int64_t *out, struct bill_fault *fault)
{
    struct span field = bill_row_field(&reader->places, fields, column);
    struct money money = { 0, CURRENCY_CNY };
    bool absent = reader->places.at[column] == BILL_ROW_NO_PLACE;
    if (!absent && bill_row_money(field, &money) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                              "not a plain amount with two decimals", field);
    }
    if (money.minor < 0) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                              "amounts have no sign, the state says which way", field);
    }
    *out = money.minor;
    return BILL_STEP_NOTHING;
}

static enum bill_step
read_fee(const struct bill_reader *reader, const struct span *fields, size_t number, int64_t *units,
         struct bill_fault *fault)
{
    struct span fee = bill_row_field(&reader->places, fields, COLUMN_FEE);
    int64_t limit = MONEY_MAX_MINOR * BILL_ROW_UNITS_FEN;
    if (bill_row_units(fee, WECHATPAY_BILL_DECIMALS, units) != ERR_OK || *units > limit
        || *units < -limit) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "手续费 is not a plain amount",
                              fee);
    }
    return BILL_STEP_NOTHING;
}

/* What each row has of its own. */
static enum bill_step
read_own_amounts(const struct bill_reader *reader, const struct span *fields, size_t number,
                 struct wechatpay_amounts *out, struct bill_fault *fault)
{
    return read_amount(reader, fields, number, COLUMN_SETTLED, &out->settled, fault)
                       == BILL_STEP_FAULT
                   || read_amount(reader, fields, number, COLUMN_ORDER_AMOUNT, &out->order, fault)
                          == BILL_STEP_FAULT
                   || read_fee(reader, fields, number, &out->fee_units, fault) == BILL_STEP_FAULT
               ? BILL_STEP_FAULT
               : BILL_STEP_NOTHING;
}

static enum bill_step
read_amounts(const struct bill_reader *reader, const struct span *fields, size_t number,
             struct wechatpay_amounts *out, struct bill_fault *fault)
{
    return read_amount(reader, fields, number, COLUMN_REFUNDED, &out->refunded, fault)
                       == BILL_STEP_FAULT
                   || read_amount(reader, fields, number, COLUMN_COUPON_REFUNDED,
                                  &out->coupon_refunded, fault)
                          == BILL_STEP_FAULT
                   || read_amount(reader, fields, number, COLUMN_ASKED, &out->asked, fault)
                          == BILL_STEP_FAULT
               ? BILL_STEP_FAULT
               : read_own_amounts(reader, fields, number, out, fault);
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

static void
read_texts(const struct bill_reader *reader, const struct span *fields, struct bill_line *out)
{
    out->provider_trade_no = bill_row_field(&reader->places, fields, COLUMN_TRADE_NO);
    out->merchant_order_no = bill_row_field(&reader->places, fields, COLUMN_ORDER_NO);
    out->application = bill_row_field(&reader->places, fields, COLUMN_APPLICATION);
    out->merchant = bill_row_field(&reader->places, fields, COLUMN_MERCHANT);
    out->subject = bill_row_field(&reader->places, fields, COLUMN_SUBJECT);
}

static enum bill_step
check_numbers(const struct bill_line *line, struct span refund_no, struct bill_fault *fault)
{
    return bill_row_is_scientific(line->provider_trade_no)
                   || bill_row_is_scientific(line->merchant_order_no)
                   || bill_row_is_scientific(refund_no)
               ? bill_row_fault(fault, FINDING_KEY_SCIENTIFIC, line->number,
                                "a number was destroyed by a spreadsheet", line->raw)
               : BILL_STEP_NOTHING;
}

static enum bill_step
read_keys(struct bill_reader *reader, const struct span *fields, size_t number,
          struct bill_line *out, struct bill_fault *fault)
{
    struct span refund_no = bill_row_field(&reader->places, fields, COLUMN_REFUND_NO);
    struct span currency = bill_row_field(&reader->places, fields, COLUMN_CURRENCY);
    read_texts(reader, fields, out);
    out->refund_no =
        out->kind == BILL_LINE_REFUND && is_number(refund_no) ? refund_no : span_of("");
    if (check_numbers(out, refund_no, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
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
signs_fit(const struct bill_line *line, const struct wechatpay_amounts *amounts)
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
count_row(struct bill_reader *reader, const struct bill_line *line,
          const struct wechatpay_amounts *amounts)
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
set_money(const struct wechatpay_amounts *amounts, bool effective, struct bill_line *out)
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

/* 交易时间 of a REFUND bill is the original payment's. */
static struct span
time_of(const struct bill_reader *reader, const struct span *fields)
{
    bool of_refunds = reader->form->layout == WECHATPAY_LAYOUT_REFUND;
    return bill_row_field(&reader->places, fields, of_refunds ? COLUMN_REFUND_AT : COLUMN_AT);
}

static enum bill_step
read_all(struct bill_reader *reader, const struct span *fields, size_t number,
         struct wechatpay_row *row, struct bill_line *out, struct bill_fault *fault)
{
    struct span at = time_of(reader, fields);
    if (read_state(reader, fields, number, &row->effective, out, fault) == BILL_STEP_FAULT
        || read_keys(reader, fields, number, out, fault) == BILL_STEP_FAULT
        || wechatpay_bill_time(reader, at, number, &out->at, fault) == BILL_STEP_FAULT
        || read_amounts(reader, fields, number, &row->amounts, fault) == BILL_STEP_FAULT
        || read_rate(reader, fields, number, out, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    read_ways(reader, fields, out);
    return BILL_STEP_NOTHING;
}

/* A payment that means what the model does, which `out` is: only what each row has of its own is read. */
static enum bill_step
read_own(struct bill_reader *reader, const struct span *fields, size_t number,
         struct wechatpay_row *row, struct bill_line *out, struct bill_fault *fault)
{
    struct span at = time_of(reader, fields);
    out->status = bill_row_field(&reader->places, fields, COLUMN_STATE);
    out->refund_no = span_of("");
    read_texts(reader, fields, out);
    *row = reader->model.row;
    return check_numbers(out, out->refund_no, fault) == BILL_STEP_FAULT
                   || wechatpay_bill_time(reader, at, number, &out->at, fault) == BILL_STEP_FAULT
               ? BILL_STEP_FAULT
               : read_own_amounts(reader, fields, number, &row->amounts, fault);
}

static bool
is_own(size_t column)
{
    return column == COLUMN_AT || column == COLUMN_TRADE_NO || column == COLUMN_ORDER_NO
           || column == COLUMN_SETTLED || column == COLUMN_ORDER_AMOUNT || column == COLUMN_FEE
           || column == COLUMN_SUBJECT;
}

static void
keep_model(struct bill_reader *reader, const struct wechatpay_row *row,
           const struct bill_line *line)
{
    uint64_t needed = 0;
    for (size_t i = 0; i < reader->form->columns.columns; i++) {
        if (reader->places.at[i] != BILL_ROW_NO_PLACE && !is_own(i)) {
            needed |= UINT64_C(1) << reader->places.at[i];
        }
    }
    reader->model = (struct wechatpay_model){ .needed = line->kind == BILL_LINE_PAY ? needed : 0,
                                              .line = *line,
                                              .row = *row };
}

enum bill_step
wechatpay_trade_row(struct bill_reader *reader, const struct span *fields, size_t number,
                    struct bill_line *out, struct bill_fault *fault)
{
    struct wechatpay_row row = { .effective = false };
    if ((reader->fields.usual ? read_own : read_all)(reader, fields, number, &row, out, fault)
        == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    if (!signs_fit(out, &row.amounts)) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                              "the amounts do not fit the row's state", out->raw);
    }
    set_money(&row.amounts, row.effective, out);
    count_row(reader, out, &row.amounts);
    if (alike_learns(&reader->alike)) {
        keep_model(reader, &row, out);
    }
    return BILL_STEP_LINE;
}
