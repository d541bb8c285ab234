/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testpay.h"

#define ROWS_MAX      1000000
#define COLUMNS       7
#define END_COLUMNS   5
#define SHOWN_MAX     60
#define WHOLE_CHECKS  5
#define HEADER_LINE   1
#define COLUMN_KIND   0
#define COLUMN_TRADE  1
#define COLUMN_ORDER  2
#define COLUMN_REFUND 3
#define COLUMN_AMOUNT 4
#define COLUMN_FEE    5
#define COLUMN_AT     6

struct bill_reader {
    const char *shop; /* NULL: not checked */
    struct day day;   /* year 0: not checked */
    bool ended;       /* the line "end" was read, and nothing after it */
    struct bill_totals lines;
    struct bill_totals trailer;
    int checks_done;
};

static enum bill_member
member_role(struct span name, struct span first_line)
{
    (void)name; /* there is no container */
    return span_starts(first_line, SPAN_LIT("bill,")) ? BILL_MEMBER_MAIN : BILL_MEMBER_OTHER;
}

static enum err
reader_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    struct bill_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return ERR_NO_MEMORY;
    }
    reader->shop = account == NULL ? NULL : account->merchant;
    reader->day = day;
    *out = reader;
    return ERR_OK;
}

static void
reader_free(struct bill_reader **reader)
{
    if (reader != NULL) {
        free(*reader);
        *reader = NULL;
    }
}

static enum bill_step
refuse(struct bill_fault *fault, enum finding finding, size_t number, const char *expected,
       struct span got)
{
    struct span kept = span_sub(got, 0, SHOWN_MAX);
    while (kept.len > 0 && !span_is_utf8(kept)) {
        kept.len--;
    }
    char shown[SHOWN_MAX + 1] = { 0 };
    if (kept.len > 0) {
        memcpy(shown, kept.at, kept.len);
    }
    *fault = (struct bill_fault){ .finding = finding, .number = number };
    (void)snprintf(fault->detail, sizeof(fault->detail), "%.60s: %.60s", expected, shown);
    return BILL_STEP_FAULT;
}

/* Exactly so many fields, or false. */
static bool
cut_fields(struct span line, struct span *fields, size_t count)
{
    struct span rest = line;
    for (size_t i = 0; i < count; i++) {
        bool more = span_cut(&rest, ',', &fields[i]);
        if (more != (i + 1 < count)) {
            return false;
        }
    }
    return true;
}

/* testpay(7), bills: "bill,DAY,SHOP". */
static enum bill_step
take_header(struct bill_reader *reader, struct span line, struct bill_fault *fault)
{
    struct span fields[3];
    struct day day;
    if (!cut_fields(line, fields, 3) || !span_eq_cstr(fields[0], "bill")
        || day_parse(fields[1], &day) != ERR_OK) {
        return refuse(fault, FINDING_FILE_COLUMNS, HEADER_LINE, "not a line bill,DAY,SHOP", line);
    }
    if (reader->day.year != 0 && day_cmp(day, reader->day) != 0) {
        return refuse(fault, FINDING_FILE_WRONG_DAY, HEADER_LINE, "the bill of another day",
                      fields[1]);
    }
    if (reader->shop != NULL && !span_eq_cstr(fields[2], reader->shop)) {
        return refuse(fault, FINDING_FILE_WRONG_MERCHANT, HEADER_LINE, "the bill of another shop",
                      fields[2]);
    }
    return BILL_STEP_NOTHING;
}

/* "end,PAYMENTS,SUM,REFUNDS,SUM". */
static enum bill_step
take_end(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    struct span fields[END_COLUMNS];
    uint64_t counts[2];
    struct money sums[2];
    if (!cut_fields(line, fields, END_COLUMNS)
        || span_to_u64(fields[1], 0, ROWS_MAX, &counts[0]) != ERR_OK
        || span_to_u64(fields[3], 0, ROWS_MAX, &counts[1]) != ERR_OK
        || money_parse_signed(fields[2], CURRENCY_CNY, &sums[0]) != ERR_OK
        || money_parse_signed(fields[4], CURRENCY_CNY, &sums[1]) != ERR_OK) {
        return refuse(fault, FINDING_FILE_COLUMNS, number, "not a line end,COUNT,SUM,COUNT,SUM",
                      line);
    }
    reader->trailer.pay_count = (int64_t)counts[0];
    reader->trailer.refund_count = (int64_t)counts[1];
    reader->trailer.pay_fen = sums[0].minor;
    reader->trailer.refund_fen = sums[1].minor;
    reader->ended = true;
    return BILL_STEP_NOTHING;
}

static enum bill_line_kind
kind_of(struct span word)
{
    return span_eq_cstr(word, "pay")      ? BILL_LINE_PAY
           : span_eq_cstr(word, "refund") ? BILL_LINE_REFUND
                                          : BILL_LINE_NONE;
}

static void
count_line(struct bill_totals *totals, const struct bill_line *line)
{
    bool pay = line->kind == BILL_LINE_PAY;
    *(pay ? &totals->pay_count : &totals->refund_count) += 1;
    *(pay ? &totals->pay_fen : &totals->refund_fen) += line->face.minor;
    totals->fee_fen += line->fee.minor;
}

static bool
is_amount(struct span text, struct money *out)
{
    return money_parse_signed(text, CURRENCY_CNY, out) == ERR_OK && out->minor <= MONEY_MAX_MINOR
           && out->minor >= -MONEY_MAX_MINOR;
}

/* "pay|refund,TRADE,ORDER,REFUND,AMOUNT,FEE,TIME". */
static enum bill_step
take_row(struct bill_reader *reader, struct span line, size_t number, struct bill_line *out,
         struct bill_fault *fault)
{
    struct span fields[COLUMNS];
    if (!cut_fields(line, fields, COLUMNS)) {
        return refuse(fault, FINDING_LINE_WIDTH, number, "not a row of seven fields", line);
    }
    struct bill_line row = { .kind = kind_of(fields[COLUMN_KIND]),
                             .number = number,
                             .provider_trade_no = fields[COLUMN_TRADE],
                             .merchant_order_no = fields[COLUMN_ORDER],
                             .refund_no = fields[COLUMN_REFUND],
                             .raw = line };
    if (row.kind == BILL_LINE_NONE) {
        return refuse(fault, FINDING_LINE_TYPE, number, "neither pay nor refund", line);
    }
    if (!is_amount(fields[COLUMN_AMOUNT], &row.face) || !is_amount(fields[COLUMN_FEE], &row.fee)) {
        return refuse(fault, FINDING_LINE_AMOUNT, number, "not an amount with two decimals", line);
    }
    if ((row.kind == BILL_LINE_PAY) != (row.face.minor >= 0)) {
        return refuse(fault, FINDING_AMT_SIGN, number, "the sign does not fit the kind", line);
    }
    if (wall_parse_civil(fields[COLUMN_AT], ZONE_CHINA_MIN, &row.at) != ERR_OK) {
        return refuse(fault, FINDING_LINE_TIME, number, "not a time", fields[COLUMN_AT]);
    }
    row.order_amount = row.face;
    row.effective = row.face;
    count_line(&reader->lines, &row);
    *out = row;
    return BILL_STEP_LINE;
}

static enum err
reader_line(struct bill_reader *reader, struct span line, size_t number, bool ended,
            enum bill_step *step, struct bill_line *out, struct bill_fault *fault)
{
    (void)ended; /* the line "end" tells whether the file is whole */
    if (number == HEADER_LINE) {
        *step = take_header(reader, line, fault);
    } else if (reader->ended) {
        *step = refuse(fault, FINDING_FILE_COLUMNS, number, "a line after the end", line);
    } else if (span_starts(line, SPAN_LIT("end,"))) {
        *step = take_end(reader, line, number, fault);
    } else {
        *step = take_row(reader, line, number, out, fault);
    }
    return ERR_OK;
}

static enum bill_step
check_whole(const struct bill_reader *reader, int check, struct bill_fault *fault)
{
    const struct bill_totals *lines = &reader->lines;
    const struct bill_totals *trailer = &reader->trailer;
    const struct {
        enum finding finding;
        int64_t by_lines;
        int64_t by_trailer;
    } ties[WHOLE_CHECKS] = {
        { FINDING_FILE_TRUNCATED, 1, reader->ended ? 1 : 0 },
        { FINDING_FILE_TRAILER_COUNT, lines->pay_count, trailer->pay_count },
        { FINDING_FILE_TRAILER_COUNT, lines->refund_count, trailer->refund_count },
        { FINDING_FILE_TRAILER_SUM, lines->pay_fen, trailer->pay_fen },
        { FINDING_FILE_TRAILER_SUM, lines->refund_fen, trailer->refund_fen },
    };
    if (ties[check].by_lines == ties[check].by_trailer || (check > 0 && !reader->ended)) {
        return BILL_STEP_NOTHING;
    }
    char got[SHOWN_MAX];
    (void)snprintf(got, sizeof(got), "%lld and %lld", (long long)ties[check].by_lines,
                   (long long)ties[check].by_trailer);
    return refuse(fault, ties[check].finding, 0, "lines and the line end differ", span_of(got));
}

static enum err
reader_end(struct bill_reader *reader, enum bill_step *step, struct bill_fault *fault,
           struct bill_totals *by_lines, struct bill_totals *by_trailer)
{
    *step = BILL_STEP_NOTHING;
    while (*step == BILL_STEP_NOTHING && reader->checks_done < WHOLE_CHECKS) {
        *step = check_whole(reader, reader->checks_done++, fault);
    }
    *by_lines = reader->lines;
    *by_trailer = reader->trailer;
    by_trailer->fee_fen = reader->lines.fee_fen; /* the line "end" has no fee */
    return ERR_OK;
}

const struct adapter_bill testpay_bills[] = {
    {
        .kind = "trade",
        .of_trades = true,
        .container = BILL_PLAIN,
        .encoding = BILL_UTF8,
        .member_role = member_role,
        .reader_new = reader_new,
        .reader_free = reader_free,
        .reader_line = reader_line,
        .reader_end = reader_end,
    },
    { .kind = NULL },
};
