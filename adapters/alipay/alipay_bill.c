/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_bill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX_BYTES 90
#define DAY_TEXT_BYTES  17 /* 2024年05月05日 */

static struct span
without_bom(struct span line)
{
    struct span bom = SPAN_LIT("\xEF\xBB\xBF");
    return span_starts(line, bom) ? span_sub(line, bom.len, line.len) : line;
}

static bool
is_title(struct span line)
{
    return span_starts(line, SPAN_LIT("#支付宝业务明细查询"));
}

static enum bill_member
trade_member(struct span name, struct span first_line)
{
    (void)name; /* GBK bytes; the first line says the same */
    return is_title(without_bom(first_line)) ? BILL_MEMBER_MAIN : BILL_MEMBER_OTHER;
}

static enum err
reader_new(const struct adapter_account *account, struct day day, struct bill_reader **out)
{
    struct bill_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return ERR_NO_MEMORY;
    }
    reader->merchant = account == NULL ? NULL : account->merchant;
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

enum bill_step
alipay_bill_fault(struct bill_fault *fault, enum finding finding, size_t number,
                  const char *expected, struct span got)
{
    fault->finding = finding;
    fault->number = number;
    struct span kept = span_sub(got, 0, SHOWN_MAX_BYTES);
    while (kept.len > 0 && !span_is_utf8(kept)) {
        kept.len--; /* do not cut a character in two */
    }
    char shown[SHOWN_MAX_BYTES + 1] = { 0 };
    if (kept.len > 0) {
        memcpy(shown, kept.at, kept.len);
    }
    (void)snprintf(fault->detail, sizeof(fault->detail), "%.90s: %s", expected, shown);
    return BILL_STEP_FAULT;
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

/* "#账号：[2088…0156]": the partner id and a fixed 0156. */
static enum bill_step
take_account(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    struct span shown;
    if (!between(line, SPAN_LIT("["), SPAN_LIT("]"), &shown)) {
        return alipay_bill_fault(fault, FINDING_FILE_COLUMNS, number, "账号 line not understood",
                                 line);
    }
    reader->seen |= ALIPAY_BILL_SAW_ACCOUNT; /* another's file is wrong, but not cut short */
    struct span suffix = SPAN_LIT("0156");
    size_t len = shown.len > suffix.len ? shown.len - suffix.len : 0;
    if (reader->merchant != NULL
        && !(span_ends(shown, suffix) && span_eq_cstr(span_sub(shown, 0, len), reader->merchant))) {
        return alipay_bill_fault(fault, FINDING_FILE_WRONG_MERCHANT, number,
                                 "the file is for another merchant", shown);
    }
    return BILL_STEP_NOTHING;
}

/* "[2024年05月05日 00:00:00]". */
static bool
parse_period_day(struct span text, struct day *out)
{
    struct span rest = text;
    char plain[11] = { 0 };
    if (rest.len < DAY_TEXT_BYTES) {
        return false;
    }
    memcpy(plain, rest.at, 4);
    memcpy(plain + 4, rest.at + 7, 2);
    memcpy(plain + 6, rest.at + 12, 2);
    return day_parse(span_make(plain, 8), out) == ERR_OK;
}

/* "#起始日期：[…]   终止日期：[…]": the first instant of the day and of the next one. */
static enum bill_step
take_period(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    struct span shown;
    struct day first;
    struct day last;
    size_t second = span_find(line, SPAN_LIT("终止日期"));
    struct span end = span_sub(line, second, line.len);
    if (!between(line, SPAN_LIT("["), SPAN_LIT("]"), &shown) || !parse_period_day(shown, &first)
        || !between(end, SPAN_LIT("["), SPAN_LIT("]"), &end) || !parse_period_day(end, &last)) {
        return alipay_bill_fault(fault, FINDING_FILE_COLUMNS, number,
                                 "起始日期 line not understood", line);
    }
    reader->seen |= ALIPAY_BILL_SAW_PERIOD;
    bool asked = reader->day.year == 0 || day_cmp(first, reader->day) == 0;
    if (!asked || day_cmp(day_add(first, 1), last) != 0) {
        return alipay_bill_fault(fault, FINDING_FILE_WRONG_DAY, number,
                                 "the file covers another time than the day", line);
    }
    return BILL_STEP_NOTHING;
}

/* "#交易合计：3笔，商家实收共98.89元，…" */
static enum bill_step
take_total(struct bill_reader *reader, struct span line, size_t number, bool refunds,
           struct bill_fault *fault)
{
    struct span count_text;
    struct span sum_text;
    struct span sum_mark = refunds ? SPAN_LIT("商家实收退款共") : SPAN_LIT("商家实收共");
    uint64_t count = 0;
    struct money sum;
    bool shape = between(line, SPAN_LIT("合计："), SPAN_LIT("笔"), &count_text)
                 || between(line, SPAN_LIT("合计:"), SPAN_LIT("笔"), &count_text);
    if (!shape || !between(line, sum_mark, SPAN_LIT("元"), &sum_text)
        || span_to_u64(count_text, 0, ALIPAY_BILL_ROWS_MAX, &count) != ERR_OK
        || money_parse_signed(sum_text, CURRENCY_CNY, &sum) != ERR_OK) {
        return alipay_bill_fault(fault, FINDING_FILE_COLUMNS, number, "合计 line not understood",
                                 line);
    }
    *(refunds ? &reader->trailer.refund_count : &reader->trailer.pay_count) = (int64_t)count;
    *(refunds ? &reader->trailer.refund_fen : &reader->trailer.pay_fen) = sum.minor;
    reader->seen |= refunds ? ALIPAY_BILL_SAW_REFUNDS : ALIPAY_BILL_SAW_PAYMENTS;
    return BILL_STEP_NOTHING;
}

static bool
mentions(struct span line, const char *word)
{
    return span_find(line, span_of(word)) < line.len;
}

static enum bill_step
misplaced(struct span line, size_t number, struct bill_fault *fault)
{
    return alipay_bill_fault(fault, FINDING_FILE_COLUMNS, number, "a line that has no place here",
                             line);
}

static enum bill_step
take_front(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    if (mentions(line, "业务明细列表")) {
        reader->phase = ALIPAY_BILL_HEADER;
        return BILL_STEP_NOTHING;
    }
    if (mentions(line, "账号")) {
        return take_account(reader, line, number, fault);
    }
    if (mentions(line, "起始日期")) {
        return take_period(reader, line, number, fault);
    }
    return is_title(line) ? BILL_STEP_NOTHING : misplaced(line, number, fault);
}

static enum bill_step
take_trailer(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    bool refunds = mentions(line, "#退款合计");
    unsigned sum = refunds ? ALIPAY_BILL_SAW_REFUNDS : ALIPAY_BILL_SAW_PAYMENTS;
    if ((refunds || mentions(line, "#交易合计")) && (reader->seen & sum) == 0) {
        return take_total(reader, line, number, refunds, fault);
    }
    if (mentions(line, "#导出时间")) {
        reader->phase = ALIPAY_BILL_END;
        return BILL_STEP_NOTHING;
    }
    return misplaced(line, number, fault);
}

static enum bill_step
take_comment(struct bill_reader *reader, struct span line, size_t number, struct bill_fault *fault)
{
    switch (reader->phase) {
    case ALIPAY_BILL_FRONT:
        return take_front(reader, line, number, fault);
    case ALIPAY_BILL_ROWS:
        if (mentions(line, "业务明细列表结束")) {
            reader->phase = ALIPAY_BILL_TRAILER;
            return BILL_STEP_NOTHING;
        }
        return misplaced(line, number, fault);
    case ALIPAY_BILL_TRAILER:
        return take_trailer(reader, line, number, fault);
    case ALIPAY_BILL_HEADER:
    case ALIPAY_BILL_END:
    default:
        return misplaced(line, number, fault);
    }
}

static enum err
reader_line(struct bill_reader *reader, struct span line, size_t number, bool ended,
            enum bill_step *step, struct bill_line *out, struct bill_fault *fault)
{
    if (number == 1) {
        line = without_bom(line);
    }
    reader->last_ended = ended;
    if (line.len == 0) {
        *step = BILL_STEP_NOTHING;
    } else if (line.at[0] == '#') {
        *step = take_comment(reader, line, number, fault);
    } else if (reader->phase == ALIPAY_BILL_HEADER) {
        *step = alipay_bill_header(reader, line, number, fault);
    } else if (reader->phase == ALIPAY_BILL_ROWS) {
        *step = alipay_bill_row(reader, line, number, out, fault);
    } else {
        *step = misplaced(line, number, fault);
    }
    return ERR_OK;
}

struct tie {
    enum finding finding;
    const char *expected;
    int64_t by_lines;
    int64_t by_trailer;
};

static enum bill_step
check_tie(const struct tie *tie, struct bill_fault *fault)
{
    if (tie->by_lines == tie->by_trailer) {
        return BILL_STEP_NOTHING;
    }
    char got[80];
    (void)snprintf(got, sizeof(got), "lines %lld, trailer %lld", (long long)tie->by_lines,
                   (long long)tie->by_trailer);
    return alipay_bill_fault(fault, tie->finding, 0, tie->expected, span_of(got));
}

static enum bill_step
check_whole(struct bill_reader *reader, int check, struct bill_fault *fault)
{
    const struct bill_totals *lines = &reader->lines;
    const struct bill_totals *trailer = &reader->trailer;
    const struct tie ties[] = {
        { FINDING_FILE_TRAILER_COUNT, "count of payments", lines->pay_count, trailer->pay_count },
        { FINDING_FILE_TRAILER_COUNT, "count of refunds", lines->refund_count,
          trailer->refund_count },
        { FINDING_FILE_TRAILER_SUM, "sum of payments in fen", lines->pay_fen, trailer->pay_fen },
        { FINDING_FILE_TRAILER_SUM, "sum of refunds in fen", lines->refund_fen,
          trailer->refund_fen },
    };
    if (check == 0) {
        bool whole = reader->seen == ALIPAY_BILL_SAW_ALL && reader->phase == ALIPAY_BILL_END
                     && reader->last_ended;
        return whole ? BILL_STEP_NOTHING
                     : alipay_bill_fault(fault, FINDING_FILE_TRUNCATED, 0,
                                         "the file ends before its trailer does", SPAN_LIT(""));
    }
    /* Without a whole trailer there is nothing to tie to. */
    bool tied = reader->seen == ALIPAY_BILL_SAW_ALL;
    return tied ? check_tie(&ties[check - 1], fault) : BILL_STEP_NOTHING;
}

#define WHOLE_CHECKS 5

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
    by_trailer->fee_fen = reader->lines.fee_fen; /* the trailer has no fee */
    return ERR_OK;
}

const struct adapter_bill alipay_bills[] = {
    {
        .kind = "trade",
        .of_trades = true,
        .container = BILL_ZIP,
        .encoding = BILL_GB18030,
        .download_host = "dwbillcenter.alipay.com",
        .member_role = trade_member,
        .reader_new = reader_new,
        .reader_free = reader_free,
        .reader_line = reader_line,
        .reader_end = reader_end,
    },
    { .kind = NULL },
};
