/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "alipay_bill.h"

#define DAY_TEXT_BYTES 17 /* 2024年05月05日 */

static struct span
without_bom(struct span line)
{
    struct span bom = SPAN_LIT("\xEF\xBB\xBF");
    return span_starts(line, bom) ? span_sub(line, bom.len, line.len) : line;
}

bool
alipay_bill_has_title(const struct alipay_table *table, struct span first_line)
{
    return span_starts(without_bom(first_line), span_of(table->title));
}

/* What stands between two marks; false when either is missing. */
static bool
between(struct span text, struct span from, struct span to, struct span *out)
{
    size_t at = span_find(text, from);
    if (at == text.len) {
        return false;
    }
    struct span rest = span_sub(text, at + from.len, text.len);
    size_t end = span_find(rest, to);
    *out = span_sub(rest, 0, end);
    return end < rest.len;
}

static bool
mentions(struct span line, const char *word)
{
    return span_find(line, span_of(word)) < line.len;
}

/* "#账号：[2088…0156]": the partner id and a fixed 0156. */
static enum bill_step
take_account(struct alipay_member *member, const char *merchant, struct span line, size_t number,
             struct bill_fault *fault)
{
    struct span shown;
    if (!between(line, SPAN_LIT("["), SPAN_LIT("]"), &shown)) {
        return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "账号 line not understood",
                              line);
    }
    member->seen |= ALIPAY_SAW_ACCOUNT; /* another's file is wrong, but not cut short */
    struct span suffix = SPAN_LIT("0156");
    size_t len = shown.len > suffix.len ? shown.len - suffix.len : 0;
    if (merchant != NULL
        && !(span_ends(shown, suffix) && span_eq_cstr(span_sub(shown, 0, len), merchant))) {
        return bill_row_fault(fault, FINDING_FILE_WRONG_MERCHANT, number,
                              "the file is for another merchant", shown);
    }
    return BILL_STEP_NOTHING;
}

/* "[2024年05月05日 00:00:00]". */
static bool
parse_period_day(struct span text, struct day *out)
{
    char plain[11] = { 0 };
    if (text.len < DAY_TEXT_BYTES) {
        return false;
    }
    memcpy(plain, text.at, 4);
    memcpy(plain + 4, text.at + 7, 2);
    memcpy(plain + 6, text.at + 12, 2);
    return day_parse(span_make(plain, 8), out) == ERR_OK;
}

/* "#起始日期：[…]   终止日期：[…]": the first instant of the day and of the next one. */
static enum bill_step
take_period(struct alipay_member *member, struct day day, struct span line, size_t number,
            struct bill_fault *fault)
{
    struct span shown;
    struct day first;
    struct day last;
    size_t second = span_find(line, SPAN_LIT("终止日期"));
    struct span end = span_sub(line, second, line.len);
    if (!between(line, SPAN_LIT("["), SPAN_LIT("]"), &shown) || !parse_period_day(shown, &first)
        || !between(end, SPAN_LIT("["), SPAN_LIT("]"), &end) || !parse_period_day(end, &last)) {
        return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "起始日期 line not understood",
                              line);
    }
    member->seen |= ALIPAY_SAW_PERIOD;
    bool asked = day.year == 0 || day_cmp(first, day) == 0;
    if (!asked || day_cmp(day_add(first, 1), last) != 0) {
        return bill_row_fault(fault, FINDING_FILE_WRONG_DAY, number,
                              "the file covers another time than the day", line);
    }
    return BILL_STEP_NOTHING;
}

/* "#交易合计：3笔，商家实收共98.89元，…" */
static enum bill_step
take_footer(struct alipay_member *member, size_t which, struct span line, size_t number,
            struct bill_fault *fault)
{
    struct span count_text;
    struct span sum_text;
    uint64_t count = 0;
    struct money sum;
    bool shape = between(line, SPAN_LIT("合计："), SPAN_LIT("笔"), &count_text)
                 || between(line, SPAN_LIT("合计:"), SPAN_LIT("笔"), &count_text);
    struct span sum_mark = span_of(member->table->footers[which].sum_mark);
    if (!shape || !between(line, sum_mark, SPAN_LIT("元"), &sum_text)
        || span_to_u64(count_text, 0, ALIPAY_BILL_ROWS_MAX, &count) != ERR_OK
        || money_parse_signed(sum_text, CURRENCY_CNY, &sum) != ERR_OK) {
        return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "合计 line not understood",
                              line);
    }
    member->table->footer(member, which, (int64_t)count, sum.minor);
    member->seen |= ALIPAY_SAW_TOTAL << which;
    return BILL_STEP_NOTHING;
}

static enum bill_step
misplaced(struct span line, size_t number, struct bill_fault *fault)
{
    return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "a line that does not belong here",
                          line);
}

static enum bill_step
take_front(struct alipay_member *member, const char *merchant, struct day day, struct span line,
           size_t number, struct bill_fault *fault)
{
    if (span_starts(line, span_of(member->table->title))) {
        return BILL_STEP_NOTHING;
    }
    if (mentions(line, "#账号")) {
        return take_account(member, merchant, line, number, fault);
    }
    if (mentions(line, "#起始日期")) {
        return take_period(member, day, line, number, fault);
    }
    if (span_starts(line, SPAN_LIT("#-"))) {
        member->phase = ALIPAY_HEADER;
        return BILL_STEP_NOTHING;
    }
    return misplaced(line, number, fault);
}

static enum bill_step
take_back(struct alipay_member *member, struct span line, size_t number, struct bill_fault *fault)
{
    for (size_t i = 0; i < ALIPAY_BILL_FOOTERS_MAX; i++) {
        const char *mark = member->table->footers[i].mark;
        if (mark != NULL && mentions(line, mark) && (member->seen & ALIPAY_SAW_TOTAL << i) == 0) {
            return take_footer(member, i, line, number, fault);
        }
    }
    if (mentions(line, "#导出时间")) {
        member->phase = ALIPAY_END;
        return BILL_STEP_NOTHING;
    }
    return misplaced(line, number, fault);
}

static enum bill_step
take_comment(struct alipay_member *member, const char *merchant, struct day day, struct span line,
             size_t number, struct bill_fault *fault)
{
    switch (member->phase) {
    case ALIPAY_FRONT:
        return take_front(member, merchant, day, line, number, fault);
    case ALIPAY_ROWS:
        if (mentions(line, member->table->end_mark)) {
            member->phase = ALIPAY_FOOTERS;
            return BILL_STEP_NOTHING;
        }
        return misplaced(line, number, fault);
    case ALIPAY_FOOTERS:
        return take_back(member, line, number, fault);
    case ALIPAY_HEADER:
    case ALIPAY_END:
    default:
        return misplaced(line, number, fault);
    }
}

static struct span
strip(struct span field)
{
    field = span_trim(field, " \t");
    return field.len > 0 && field.at[0] == '`' ? span_sub(field, 1, field.len) : field;
}

/* The fields of a header or row; false when they are more than any bill has. */
static bool
split(struct span line, struct span fields[BILL_ROW_COLUMNS_MAX], size_t *out)
{
    size_t width = 0;
    bool more = true;
    while (more && width < BILL_ROW_COLUMNS_MAX) {
        struct span field;
        more = span_cut(&line, ',', &field);
        fields[width++] = strip(field);
    }
    *out = width;
    return !more;
}

static enum bill_step
take_header(struct alipay_member *member, struct span line, size_t number, struct bill_fault *fault)
{
    struct span fields[BILL_ROW_COLUMNS_MAX];
    size_t width = 0;
    if (!split(line, fields, &width)) {
        return bill_row_fault(fault, FINDING_FILE_COLUMNS, number, "too many columns", line);
    }
    enum bill_step step =
        bill_row_header(member->table->columns, fields, width, number, &member->places, fault);
    member->phase = step == BILL_STEP_NOTHING ? ALIPAY_ROWS : ALIPAY_HEADER;
    return step;
}

static enum bill_step
take_row(struct alipay_member *member, struct span line, size_t number, struct bill_line *out,
         struct bill_fault *fault)
{
    struct span fields[BILL_ROW_COLUMNS_MAX];
    size_t width = 0;
    if (!split(line, fields, &width) || width != member->places.width) {
        return bill_row_fault(fault, FINDING_LINE_WIDTH, number,
                              "the row has another number of columns than the header", line);
    }
    struct bill_line row = { .number = number, .raw = line };
    enum bill_step step = member->table->row(member, fields, line, number, &row, fault);
    if (step == BILL_STEP_LINE) {
        member->rows++;
        *out = row;
    }
    return step;
}

enum bill_step
alipay_bill_frame(struct alipay_member *member, const char *merchant, struct day day,
                  struct span line, size_t number, struct bill_line *out, struct bill_fault *fault)
{
    if (number == 1) {
        line = without_bom(line);
    }
    if (line.len == 0) {
        return BILL_STEP_NOTHING;
    }
    if (line.at[0] == '#') {
        return take_comment(member, merchant, day, line, number, fault);
    }
    if (member->phase == ALIPAY_HEADER) {
        return take_header(member, line, number, fault);
    }
    if (member->phase == ALIPAY_ROWS) {
        return take_row(member, line, number, out, fault);
    }
    return misplaced(line, number, fault);
}

bool
alipay_bill_is_whole(const struct alipay_member *member)
{
    unsigned all = ALIPAY_SAW_ACCOUNT | ALIPAY_SAW_PERIOD;
    for (size_t i = 0; i < member->table->totals; i++) {
        all |= ALIPAY_SAW_TOTAL << i;
    }
    return (member->seen & all) == all && member->phase == ALIPAY_END && member->last_ended;
}
