/* SPDX-License-Identifier: Apache-2.0 */
/* RD2010 is a text for people whose layout is not published; known is that it prints the sums of ZM. So it
 * is read by its labels: a line "笔数：8 金额：13227.00", or a table whose header names 笔数, 金额, 手续费 and
 * 清算金额 and whose rows end in that many numbers. On a line with 合计 or 总计 stand the sums; without such
 * a line the rows are added up. */
#include "unionpay_bill.h"

static const struct {
    const char *text;
    enum unionpay_quantity quantity;
} labels[] = {
    /* longer ones first: 金额 is part of them */
    { "手续费金额", UNIONPAY_FEE },   { "手续费", UNIONPAY_FEE },
    { "清算金额", UNIONPAY_SETTLED }, { "结算金额", UNIONPAY_SETTLED },
    { "清算净额", UNIONPAY_SETTLED }, { "结算净额", UNIONPAY_SETTLED },
    { "入账金额", UNIONPAY_SETTLED }, { "净额", UNIONPAY_SETTLED },
    { "笔数", UNIONPAY_COUNT },       { "金额", UNIONPAY_AMOUNT },
};

#define LABEL_COUNT (sizeof(labels) / sizeof(labels[0]))
#define MARKS_MAX   32
#define NUMBER_MAX  24
#define NO_LABEL    LABEL_COUNT
#define COLUMNS_MAX \
    (sizeof(((struct unionpay_report *)NULL)->columns) / sizeof(enum unionpay_quantity))

/* A label or a number of a line, in their order. */
struct mark {
    bool is_label;
    bool is_decimal; /* a number with two digits behind its point */
    enum unionpay_quantity quantity;
    int64_t value; /* of a number: fen, or the number itself */
};

static size_t
label_at(struct span text)
{
    for (size_t i = 0; i < LABEL_COUNT; i++) {
        if (span_starts(text, span_of(labels[i].text))) {
            return i;
        }
    }
    return NO_LABEL;
}

static bool
is_figure(unsigned char c)
{
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '-';
}

/* A run of figures without its thousands' commas; false when it is no number. */
static bool
number_of(struct span run, struct mark *out)
{
    unsigned char plain[NUMBER_MAX];
    size_t len = 0;
    for (size_t i = 0; i < run.len; i++) {
        if (run.at[i] != ',') {
            if (len == NUMBER_MAX) {
                return false;
            }
            plain[len++] = run.at[i];
        }
    }
    struct span text = span_make(plain, len);
    size_t point = span_index(text, '.');
    struct money money;
    if (point + 3 == text.len && money_parse_signed(text, CURRENCY_CNY, &money) == ERR_OK) {
        *out = (struct mark){ .is_decimal = true, .value = money.minor };
        return true;
    }
    int64_t count = 0;
    bool whole = span_to_i64(text, INT64_MIN / 2, INT64_MAX / 2, &count) == ERR_OK;
    *out = (struct mark){ .value = count };
    return whole;
}

static size_t
marks_of(struct span line, struct mark marks[MARKS_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < line.len && count < MARKS_MAX;) {
        struct span rest = span_sub(line, at, line.len);
        size_t label = label_at(rest);
        if (label != NO_LABEL) {
            marks[count++] = (struct mark){ .is_label = true, .quantity = labels[label].quantity };
            at += span_of(labels[label].text).len;
            continue;
        }
        size_t len = 0;
        while (len < rest.len && is_figure(rest.at[len])) {
            len++;
        }
        count += len > 0 && number_of(span_sub(rest, 0, len), &marks[count]) ? 1 : 0;
        at += len > 0 ? len : 1;
    }
    return count;
}

static void
say(struct unionpay_report *report, enum unionpay_quantity quantity, const struct mark *number,
    bool total)
{
    /* A count has no decimals and money has two; anything else is a date or a number of something. */
    if ((quantity == UNIONPAY_COUNT) == number->is_decimal) {
        return;
    }
    report->said[quantity].said = true;
    report->said[quantity].last = number->value;
    int64_t *sum = &report->said[quantity].sum;
    if (__builtin_add_overflow(*sum, number->value, sum)) {
        *sum = 0; /* equal to no real sum but that of nothing, which has no such numbers */
    }
    if (total) {
        report->said[quantity].totalled = true;
        report->said[quantity].total = number->value;
    }
}

static void
take_header(struct unionpay_report *report, const struct mark *marks, size_t count)
{
    report->column_count = 0;
    for (size_t i = 0; i < count && i < COLUMNS_MAX; i++) {
        report->columns[report->column_count++] = marks[i].quantity;
    }
}

static void
take_labelled(struct unionpay_report *report, const struct mark *marks, size_t count, bool total)
{
    for (size_t i = 0; i + 1 < count; i++) {
        if (marks[i].is_label && !marks[i + 1].is_label) {
            say(report, marks[i].quantity, &marks[i + 1], total);
        }
    }
}

/* The last numbers of a row are those of the table's columns. */
static void
take_table_row(struct unionpay_report *report, const struct mark *marks, size_t count, bool total)
{
    size_t width = report->column_count;
    if (width == 0 || count < width) {
        return;
    }
    const struct mark *first = &marks[count - width];
    for (size_t i = 0; i < width; i++) {
        if ((report->columns[i] == UNIONPAY_COUNT) == first[i].is_decimal) {
            return; /* no row of this table */
        }
    }
    for (size_t i = 0; i < width; i++) {
        say(report, report->columns[i], &first[i], total);
    }
}

void
unionpay_report_line(struct unionpay_report *report, struct span line)
{
    struct mark marks[MARKS_MAX];
    size_t count = marks_of(line, marks);
    size_t label_count = 0;
    for (size_t i = 0; i < count; i++) {
        label_count += marks[i].is_label ? 1 : 0;
    }
    bool total = span_find(line, SPAN_LIT("合计")) < line.len
                 || span_find(line, SPAN_LIT("总计")) < line.len;
    if (label_count == 0) {
        take_table_row(report, marks, count, total);
    } else if (label_count == count) {
        take_header(report, marks, count);
    } else {
        take_labelled(report, marks, count, total);
    }
}

static int64_t
magnitude(int64_t value)
{
    return value < 0 ? -value : value;
}

/* Whether a printed number is one of the sums that it may mean. */
static bool
fits(const struct unionpay_sums *zm, size_t quantity, int64_t said)
{
    switch (quantity) {
    case UNIONPAY_COUNT:
        return said == zm->pay_count + zm->refund_count;
    case UNIONPAY_AMOUNT: /* before, after or together with what went back */
        return said == zm->pay_fen || said == zm->pay_fen - zm->refund_fen
               || said == zm->pay_fen + zm->refund_fen;
    case UNIONPAY_FEE: /* its sign is not known */
        return magnitude(said) == magnitude(zm->fee_fen);
    default:
        return magnitude(said) == magnitude(zm->settled_fen);
    }
}

enum bill_step
unionpay_report_tie(const struct unionpay_report *report, const struct unionpay_sums *zm,
                    size_t quantity, struct bill_fault *fault)
{
    static const char *const what[] = { "count of ZM against RD2010", "amount of ZM against RD2010",
                                        "fee of ZM against RD2010",
                                        "settled amount of ZM against RD2010" };
    static const enum finding findings[] = {
        [UNIONPAY_COUNT] = FINDING_FILE_TRAILER_COUNT,
        [UNIONPAY_AMOUNT] = FINDING_FILE_TRAILER_SUM,
        [UNIONPAY_FEE] = FINDING_FEE_SUM,
        [UNIONPAY_SETTLED] = FINDING_FILE_TRAILER_SUM,
    };
    bool said = report->said[quantity].said;
    int64_t total = report->said[quantity].total;
    bool tied = report->said[quantity].totalled
                    ? fits(zm, quantity, total)
                    : fits(zm, quantity, report->said[quantity].last)
                          || fits(zm, quantity, report->said[quantity].sum);
    if (!said || tied) {
        return BILL_STEP_NOTHING;
    }
    return bill_row_fault(fault, findings[quantity], 0, what[quantity], span_of("they differ"));
}
