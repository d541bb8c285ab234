/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "unionpay_bill.h"

#define DAYS_NEAR 183

/* Where a column stands; one blank is between two of them (6.2, 6.3). */
struct column {
    size_t at;
    size_t width;
};

static const struct column zm_columns[] = {
    { 0, 3 },    { 4, 11 },   { 16, 11 },  { 28, 6 },   { 35, 10 },  { 46, 19 },  { 66, 12 },
    { 79, 4 },   { 84, 2 },   { 87, 21 },  { 109, 2 },  { 112, 32 }, { 145, 2 },  { 148, 6 },
    { 155, 10 }, { 166, 13 }, { 180, 13 }, { 194, 4 },  { 199, 15 }, { 215, 2 },  { 218, 2 },
    { 221, 6 },  { 228, 2 },  { 231, 4 },  { 236, 32 }, { 269, 1 },  { 271, 21 }, { 293, 15 },
    { 309, 1 },  { 311, 15 }, { 327, 32 }, { 360, 13 }, { 374, 13 }, { 388, 8 },  { 397, 32 },
    { 430, 13 }, { 444, 13 }, { 458, 12 }, { 471, 2 },  { 474, 1 },  { 476, 32 },
};

static const struct column zme_columns[] = {
    { 0, 3 },    { 4, 11 },   { 16, 11 },  { 28, 6 },   { 35, 10 }, { 46, 19 },  { 66, 12 },
    { 79, 4 },   { 84, 2 },   { 87, 2 },   { 90, 6 },   { 97, 10 }, { 108, 4 },  { 113, 12 },
    { 126, 13 }, { 140, 13 }, { 154, 15 }, { 170, 15 }, { 186, 1 }, { 188, 12 }, { 201, 2 },
};

/* The columns that are read, by their place in the tables above. */
enum zm_column {
    ZM_AT = 4,
    ZM_AMOUNT = 6,
    ZM_QUERY_ID = 9,
    ZM_ORDER_ID = 11,
    ZM_CARD = 12,
    ZM_FEE = 15,
    ZM_SETTLED = 16,
    ZM_TYPE = 19,
    ZM_PRODUCT = 21,
    ZM_ORIGINAL_QUERY_ID = 26,
    ZM_MERCHANT = 27,
    ZM_SHORT_NAME = 30,
    ZM_ORIGINAL_ORDER_ID = 40
};

enum zme_column {
    ZME_CODE = 0,
    ZME_AT = 4,
    ZME_AMOUNT = 6,
    ZME_PAYMENT = 10, /* trace number and time of the payment, one blank between them */
    ZME_FEE = 14,
    ZME_SETTLED = 15,
    ZME_MERCHANT = 17
};

struct layout {
    const struct column *columns;
    size_t count;
    size_t at;
    size_t amount;
    size_t fee;
    size_t settled;
    size_t merchant;
};

#define LAYOUT(list, prefix)                                                                  \
    {                                                                                         \
        (list), sizeof(list) / sizeof((list)[0]), prefix##_AT, prefix##_AMOUNT, prefix##_FEE, \
            prefix##_SETTLED, prefix##_MERCHANT                                               \
    }
static const struct layout zm_layout = LAYOUT(zm_columns, ZM);
static const struct layout zme_layout = LAYOUT(zme_columns, ZME);

static struct span
column_of(const struct layout *layout, struct span line, size_t which)
{
    return span_trim(span_sub(line, layout->columns[which].at, layout->columns[which].width), " ");
}

static bool
has_columns(const struct layout *layout, struct span line)
{
    const struct column *last = &layout->columns[layout->count - 1];
    if (line.len < last->at + last->width) {
        return false;
    }
    for (size_t i = 1; i < layout->count; i++) {
        if (line.at[layout->columns[i].at - 1] != ' ') {
            return false;
        }
    }
    return true;
}

/* Columns first, characters after: a name that its column has cut must not shift the rest. What stands
 * behind the last column is opaque. */
static enum err
decode(const struct layout *layout, struct span line, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 0; i < layout->count; i++) {
        const struct column *column = &layout->columns[i];
        TRY(i == 0 ? ERR_OK : buf_byte(out, ' '));
        TRY(unionpay_bill_text(span_sub(line, column->at, column->width), out));
    }
    const struct column *last = &layout->columns[layout->count - 1];
    return unionpay_bill_text(span_sub(line, last->at + last->width, line.len), out);
}

/* X+n12: C is credited to the merchant, D debited, a blank stands before zero (6.2). */
static bool
parse_signed(struct span line, const struct column *column, int64_t *out)
{
    struct span field = span_sub(line, column->at, column->width);
    uint64_t magnitude = 0;
    if (span_to_u64(span_sub(field, 1, field.len), 0, MONEY_MAX_MINOR, &magnitude) != ERR_OK) {
        return false;
    }
    bool debit = field.at[0] == 'D';
    bool known = debit || field.at[0] == 'C' || (field.at[0] == ' ' && magnitude == 0);
    *out = debit ? -(int64_t)magnitude : (int64_t)magnitude;
    return known;
}

static bool
parse_in_year(struct span stamp, int year, struct wall_time *out)
{
    char text[48];
    (void)snprintf(text, sizeof(text), "%04d-%.2s-%.2s %.2s:%.2s:%.2s", year, stamp.at,
                   stamp.at + 2, stamp.at + 4, stamp.at + 6, stamp.at + 8);
    return wall_parse_civil(span_of(text), UNIONPAY_BILL_ZONE_MIN, out) == ERR_OK;
}

/* MMDDhhmmss has no year: the one that brings it next to the file's day. */
static bool
parse_time(struct span stamp, struct day near, struct wall_time *out)
{
    struct wall_time ignored;
    if (stamp.len != 10 || !span_is_digits(stamp)) {
        return false;
    }
    if (near.year == 0) {
        *out = (struct wall_time){ 0 }; /* a bare member: nothing says the year */
        return parse_in_year(stamp, 2000, &ignored);
    }
    struct day first = day_add(near, -DAYS_NEAR);
    struct day last = day_add(near, DAYS_NEAR);
    for (int year = near.year - 1; year <= near.year + 1; year++) {
        struct wall_time at;
        if (parse_in_year(stamp, year, &at)) {
            struct day day = day_of(at, UNIONPAY_BILL_ZONE_MIN);
            if (day_cmp(day, first) >= 0 && day_cmp(day, last) <= 0) {
                *out = at;
                return true;
            }
        }
    }
    return false;
}

/* The numbers of one row. */
struct amounts {
    int64_t amount;
    int64_t fee;
    int64_t settled;
};

static enum bill_step
read_amounts(const struct layout *layout, struct span line, size_t number, struct amounts *out,
             struct bill_fault *fault)
{
    uint64_t amount = 0;
    const struct column *columns = layout->columns;
    struct span field = span_sub(line, columns[layout->amount].at, columns[layout->amount].width);
    if (span_to_u64(field, 0, MONEY_MAX_MINOR, &amount) != ERR_OK) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number, "the amount is not twelve digits",
                              field);
    }
    if (!parse_signed(line, &columns[layout->fee], &out->fee)
        || !parse_signed(line, &columns[layout->settled], &out->settled)) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                              "fee and settled amount are not C or D and twelve digits",
                              span_sub(line, columns[layout->fee].at, 27));
    }
    out->amount = (int64_t)amount;
    return BILL_STEP_NOTHING;
}

static enum bill_step
check_merchant(struct bill_reader *reader, struct span merchant, size_t number,
               struct bill_fault *fault)
{
    if (reader->known_merchant_len == 0) {
        struct span ours = reader->merchant == NULL ? merchant : span_of(reader->merchant);
        struct span kept = span_sub(ours, 0, UNIONPAY_BILL_MERCHANT_BYTES);
        memcpy(reader->known_merchant, kept.at, kept.len);
        reader->known_merchant_len = kept.len;
    }
    struct span known = span_make(reader->known_merchant, reader->known_merchant_len);
    return merchant.len > 0 && span_eq(merchant, known)
               ? BILL_STEP_NOTHING
               : bill_row_fault(fault, FINDING_FILE_WRONG_MERCHANT, number,
                                "a row of another merchant", merchant);
}

static const struct {
    const char *type;
    enum bill_line_kind kind;
} types[] = {
    { "01", BILL_LINE_PAY },    /* consume */
    { "04", BILL_LINE_REFUND }, /* refund */
    { "31", BILL_LINE_REFUND }, /* cancel */
};

static enum bill_line_kind
kind_of(struct span type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (span_eq_cstr(type, types[i].type)) {
            return types[i].kind;
        }
    }
    return BILL_LINE_NONE;
}

/* What is settled for a payment is its amount less the fee; for the others only the direction is
 * documented. */
static enum bill_step
check_direction(const struct bill_line *line, const struct amounts *amounts, size_t number,
                struct bill_fault *fault)
{
    bool pay = line->kind == BILL_LINE_PAY;
    if (pay ? amounts->settled < 0 : amounts->settled > 0) {
        return bill_row_fault(fault, FINDING_AMT_SIGN, number,
                              "the settled amount goes the other way than txnType", line->raw);
    }
    if (pay && amounts->settled != amounts->amount + amounts->fee) {
        return bill_row_fault(fault, FINDING_LINE_AMOUNT, number,
                              "the settled amount is not the amount less the fee", line->raw);
    }
    return BILL_STEP_NOTHING;
}

/* A refund names its payment by the original numbers, and itself by its own order number. */
static void
set_zm_keys(struct span line, struct bill_line *out)
{
    struct span order = column_of(&zm_layout, line, ZM_ORDER_ID);
    struct span original = column_of(&zm_layout, line, ZM_ORIGINAL_QUERY_ID);
    bool refund = out->kind == BILL_LINE_REFUND;
    out->provider_trade_no =
        refund && original.len > 0 ? original : column_of(&zm_layout, line, ZM_QUERY_ID);
    out->merchant_order_no = refund ? column_of(&zm_layout, line, ZM_ORIGINAL_ORDER_ID) : order;
    out->refund_no = refund ? order : span_of("");
}

/* ZME has neither order number nor queryId: the payment's trace number and time stand for them. */
static void
set_zme_keys(struct span line, struct bill_line *out)
{
    const struct column *from = &zme_columns[ZME_PAYMENT];
    out->provider_trade_no = span_trim(
        span_sub(line, from->at, from->width + 1 + zme_columns[ZME_PAYMENT + 1].width), " ");
    out->merchant_order_no = span_of("");
    out->refund_no = span_of("");
    out->status = column_of(&zme_layout, line, ZME_CODE);
}

/* payCardType: debit, credit and quasi-credit cards; what else there is has no contract of its own. */
static enum fee_card
card_of(struct span type)
{
    return span_eq(type, SPAN_LIT("01"))                                    ? FEE_CARD_DEBIT
           : span_eq(type, SPAN_LIT("02")) || span_eq(type, SPAN_LIT("03")) ? FEE_CARD_CREDIT
                                                                            : FEE_CARD_ANY;
}

/* bizType: both gateways have one for consumers, and one for enterprises. */
static enum adapter_method
method_of(struct span product)
{
    return span_eq(product, SPAN_LIT("000201"))   ? ADAPTER_PAGE
           : span_eq(product, SPAN_LIT("000202")) ? ADAPTER_B2B
           : product.len == 0                     ? ADAPTER_METHOD_NONE
                                                  : ADAPTER_METHOD_COUNT;
}

static void
count_zm(struct unionpay_sums *sums, const struct bill_line *line, const struct amounts *amounts)
{
    bool pay = line->kind == BILL_LINE_PAY;
    *(pay ? &sums->pay_count : &sums->refund_count) += 1;
    *(pay ? &sums->pay_fen : &sums->refund_fen) += amounts->amount;
    sums->fee_fen += amounts->fee;
    sums->settled_fen += amounts->settled;
}

static void
set_money(struct bill_reader *reader, const struct amounts *amounts, struct bill_line *out)
{
    bool pay = out->kind == BILL_LINE_PAY;
    struct bill_totals *totals = &reader->lines;
    out->face = (struct money){ pay ? amounts->amount : -amounts->amount, CURRENCY_CNY };
    out->order_amount = out->face;
    out->effective = out->face;
    out->fee = (struct money){ amounts->fee, CURRENCY_CNY };
    *(pay ? &totals->pay_count : &totals->refund_count) += 1;
    *(pay ? &totals->pay_fen : &totals->refund_fen) += out->face.minor;
    totals->fee_fen += amounts->fee;
}

static enum bill_step
read_zm(struct bill_reader *reader, struct span line, size_t number, const struct amounts *amounts,
        struct bill_line *out, struct bill_fault *fault)
{
    struct span type = column_of(&zm_layout, line, ZM_TYPE);
    out->kind = kind_of(type);
    if (out->kind == BILL_LINE_NONE) {
        return bill_row_fault(fault, FINDING_LINE_TYPE, number, "unknown txnType", type);
    }
    set_zm_keys(line, out);
    out->card = card_of(column_of(&zm_layout, line, ZM_CARD));
    out->method = method_of(column_of(&zm_layout, line, ZM_PRODUCT));
    if (check_direction(out, amounts, number, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    count_zm(&reader->zm, out, amounts);
    return BILL_STEP_LINE;
}

static enum bill_step
read_row(struct bill_reader *reader, bool disputes, struct span line, size_t number,
         struct bill_line *out, struct bill_fault *fault)
{
    const struct layout *layout = disputes ? &zme_layout : &zm_layout;
    struct amounts amounts;
    struct span at = column_of(layout, line, layout->at);
    struct day near = reader->name_day.year != 0 ? reader->name_day : reader->day;
    out->merchant = column_of(layout, line, layout->merchant);
    if (!parse_time(at, near, &out->at)) {
        return bill_row_fault(fault, FINDING_LINE_TIME, number, "not MMDDhhmmss", at);
    }
    if (read_amounts(layout, line, number, &amounts, fault) == BILL_STEP_FAULT
        || check_merchant(reader, out->merchant, number, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    if (disputes) {
        out->kind = amounts.settled > 0 ? BILL_LINE_PAY : BILL_LINE_REFUND;
        out->dispute = true;
        set_zme_keys(line, out);
    } else if (read_zm(reader, line, number, &amounts, out, fault) == BILL_STEP_FAULT) {
        return BILL_STEP_FAULT;
    }
    set_money(reader, &amounts, out);
    return BILL_STEP_LINE;
}

enum err
unionpay_bill_row(struct bill_reader *reader, bool disputes, struct span line, size_t number,
                  enum bill_step *step, struct bill_line *out, struct bill_fault *fault)
{
    const struct layout *layout = disputes ? &zme_layout : &zm_layout;
    if (!has_columns(layout, line)) {
        *step = bill_row_fault(fault, FINDING_LINE_WIDTH, number,
                               "columns are not where the document has them", line);
        return ERR_OK;
    }
    enum err err = decode(layout, line, &reader->raw);
    if (err == ERR_ENCODING) {
        *step = bill_row_fault(fault, FINDING_FILE_ENCODING, number, "bytes that are not GBK",
                               span_of(""));
        return ERR_OK;
    }
    TRY(err);
    struct bill_line row = { .number = number, .raw = buf_span(&reader->raw) };
    if (!disputes) {
        const struct column *name = &zm_columns[ZM_SHORT_NAME];
        buf_reset(&reader->piece);
        TRY(unionpay_bill_text(span_trim(span_sub(line, name->at, name->width), " "),
                               &reader->piece));
        row.subject = buf_span(&reader->piece);
    }
    *step = read_row(reader, disputes, line, number, &row, fault);
    if (*step == BILL_STEP_LINE) {
        *out = row;
    }
    return ERR_OK;
}
