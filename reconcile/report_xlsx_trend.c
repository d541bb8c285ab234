/* SPDX-License-Identifier: Apache-2.0 */
#include "report_xlsx_parts.h"

#define DAY_BYTES    16
#define COLUMN_WIDTH 14
#define NAMED_WIDTH  28
#define CHART_ROWS   16 /* that a chart covers */

/* Columns of the sheet. Long and short of the counts are what is on one side alone, of the yuan what differs. */
enum { AT_DAY, AT_VERSION, AT_FIRST };

/* The column of the sheet that has the value of that number. */
static lxw_col_t
column_of(size_t value)
{
    return (lxw_col_t)(AT_FIRST + value);
}

/* What a chart shows: how many, what is off or open, what moved. */
enum chart { CHART_COUNTS, CHART_OPEN, CHART_MOVED, CHART_COUNT };

#define VALUES_MAX 10

/* The trend of one kind of run: its columns, each in a chart, and the values of a day in their order. */
struct shape {
    const char *day[LANGUAGE_COUNT];
    size_t count;
    struct {
        const char *title[LANGUAGE_COUNT];
        enum chart chart;
        const char *named[LANGUAGE_COUNT]; /* since REPORT_FORM_NET; NULL: as before */
    } columns[VALUES_MAX];
    struct {
        const char *title[LANGUAGE_COUNT];
        uint8_t type;
        const char *named[LANGUAGE_COUNT]; /* likewise */
    } charts[CHART_COUNT];
    void (*values)(const struct trend_day *day, int64_t out[VALUES_MAX]);
};

static void
values_of_bill(const struct trend_day *day, int64_t out[VALUES_MAX])
{
    const struct recon_sheet *s = &day->sheet;
    const int64_t values[VALUES_MAX] = {
        s->matched.count,           s->amount_bill.count, s->bill_only.count, s->book_only.count,
        s->repeated.count,          s->in_transit.count,  s->delta_long.fen,  s->delta_short.fen,
        s->pay.fen + s->refund.fen, s->fee.fen,
    };
    memcpy(out, values, sizeof(values));
}

static const struct shape of_bill = {
    .day = { "账单日", "day" },
    .count = 10,
    .columns = {
        { { "平账笔数", "matched" }, CHART_COUNTS },
        { { "金额不符笔数", "amount differs" }, CHART_COUNTS },
        { { "仅账单笔数", "bill only" }, CHART_COUNTS },
        { { "仅账簿笔数", "books only" }, CHART_COUNTS },
        { { "重复笔数", "repeated" }, CHART_COUNTS },
        { { "在途笔数", "in transit" }, CHART_COUNTS },
        { { "长款（元）", "long, yuan" }, CHART_OPEN },
        { { "短款（元）", "short, yuan" }, CHART_OPEN },
        { { "净额（元）", "net, yuan" },
          CHART_MOVED,
          { "收退净额（未扣手续费，元）", "net of refunds, before fees, yuan" } },
        { { "手续费（元）", "fees, yuan" }, CHART_MOVED },
    },
    .charts = {
        { { "笔数", "Counts" }, LXW_CHART_COLUMN_STACKED },
        { { "长款与短款（元）", "Long and short, yuan" }, LXW_CHART_COLUMN },
        { { "净额与手续费（元）", "Net and fees, yuan" },
          LXW_CHART_LINE,
          { "收退净额（未扣手续费）与手续费（元）", "Net of refunds before fees, and fees, yuan" } },
    },
    .values = values_of_bill,
};

static void
values_of_settlement(const struct trend_day *day, int64_t out[VALUES_MAX])
{
    const struct settlement *s = &day->settlement;
    const int64_t values[VALUES_MAX] = {
        s->paid.count,    s->lines.count, s->closing.count, s->loose_out.count, s->closing.fen,
        s->loose_out.fen, s->paid.fen,    s->lines.fen,     s->fee.fen,
    };
    memcpy(out, values, sizeof(values));
}

/* What the day began with is what the day before ended with, and is not there twice. */
static const struct shape of_settlement = {
    .day = { "银行日", "day" },
    .count = 9,
    .columns = {
        { { "提现笔数", "payouts" }, CHART_COUNTS },
        { { "银行行数", "bank lines" }, CHART_COUNTS },
        { { "未到账笔数", "payouts open" }, CHART_COUNTS },
        { { "未明行数", "lines open" }, CHART_COUNTS },
        { { "未到账（元）", "payouts open, yuan" }, CHART_OPEN },
        { { "未明（元）", "lines open, yuan" }, CHART_OPEN },
        { { "提现（元）", "paid out, yuan" }, CHART_MOVED },
        { { "银行行（元）", "bank lines, yuan" }, CHART_MOVED },
        { { "银行扣费（元）", "bank's fees, yuan" }, CHART_MOVED },
    },
    .charts = {
        { { "笔数", "Counts" }, LXW_CHART_COLUMN },
        { { "日终未到账与未明（元）", "Open at the end of the day, yuan" }, LXW_CHART_COLUMN },
        { { "提现与银行到账（元）", "Paid out and came, yuan" }, LXW_CHART_LINE },
    },
    .values = values_of_settlement,
};

static const struct shape *
shape_of(const struct report_book *book)
{
    return book->report->of_settlement ? &of_settlement : &of_bill;
}

/* The one of the two that the report's form has. */
static const char *
title_in(const struct report_book *book, const char *const title[LANGUAGE_COUNT],
         const char *const named[LANGUAGE_COUNT])
{
    bool has = book->report->form >= REPORT_FORM_NET && named[book->language] != NULL;
    return (has ? named : title)[book->language];
}

static enum err
put_title(const struct report_book *book, lxw_worksheet *sheet, size_t value)
{
    const struct shape *shape = shape_of(book);
    const char *title = title_in(book, shape->columns[value].title, shape->columns[value].named);
    lxw_col_t at = column_of(value);
    if (title != shape->columns[value].title[book->language]) {
        TRY(report_xlsx_check(worksheet_set_column(sheet, at, at, NAMED_WIDTH, NULL)));
    }
    return report_xlsx_span(book, sheet, 0, at, span_of(title), book->title);
}

static enum err
put_titles(const struct report_book *book, lxw_worksheet *sheet)
{
    const struct shape *shape = shape_of(book);
    TRY(report_xlsx_check(
        worksheet_set_column(sheet, AT_DAY, column_of(shape->count - 1), COLUMN_WIDTH, NULL)));
    TRY(report_xlsx_span(book, sheet, 0, AT_DAY, span_of(shape->day[book->language]), book->title));
    TRY(report_xlsx_span(book, sheet, 0, AT_VERSION,
                         span_of(report_xlsx_say(book, "版本", "version")), book->title));
    for (size_t i = 0; i < shape->count; i++) {
        TRY(put_title(book, sheet, i));
    }
    worksheet_freeze_panes(sheet, 1, 0);
    return report_xlsx_mark(book, sheet, column_of(shape->count));
}

static enum err
put_day(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row,
        const struct trend_day *day)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(DAY_BYTES);
    const struct shape *shape = shape_of(book);
    int64_t values[VALUES_MAX];
    shape->values(day, values);
    TRY(day_format(day->day, &text));
    TRY(report_xlsx_span(book, sheet, row, AT_DAY, buf_span(&text), book->text));
    TRY(report_xlsx_count(sheet, row, AT_VERSION, day->version));
    for (size_t i = 0; i < shape->count; i++) {
        TRY(shape->columns[i].chart == CHART_COUNTS
                ? report_xlsx_count(sheet, row, column_of(i), values[i])
                : report_xlsx_fen(book, sheet, row, column_of(i), values[i]));
    }
    return ERR_OK;
}

/* The series are cells of this sheet, by reference: whoever looks at the chart can look at its numbers. */
static enum err
put_series(const struct report_book *book, lxw_chart *chart, enum chart kind, lxw_row_t last)
{
    const char *name = report_xlsx_say(book, "趋势", "Trend");
    const struct shape *shape = shape_of(book);
    for (size_t i = 0; i < shape->count; i++) {
        if (shape->columns[i].chart != kind) {
            continue;
        }
        lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
        if (series == NULL) {
            return ERR_NO_MEMORY;
        }
        lxw_col_t at = column_of(i);
        chart_series_set_categories(series, name, 1, AT_DAY, last, AT_DAY);
        chart_series_set_values(series, name, 1, at, last, at);
        chart_series_set_name_range(series, name, 0, at);
    }
    return ERR_OK;
}

static enum err
put_chart(const struct report_book *book, lxw_worksheet *sheet, enum chart kind, lxw_row_t last)
{
    const struct shape *shape = shape_of(book);
    lxw_chart *chart = workbook_add_chart(book->workbook, shape->charts[kind].type);
    if (chart == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(put_series(book, chart, kind, last));
    chart_title_set_name(chart,
                         title_in(book, shape->charts[kind].title, shape->charts[kind].named));
    return report_xlsx_check(
        worksheet_insert_chart(sheet, last + 2 + (lxw_row_t)kind * CHART_ROWS, AT_DAY, chart));
}

enum err
report_xlsx_trend(const struct report_book *book)
{
    const struct report *report = book->report;
    const struct trend_day own = { report->day, report->version, report->sheet,
                                   report->settlement };
    lxw_row_t row = 1;
    lxw_worksheet *sheet = NULL;
    TRY(report_xlsx_add(book, report_xlsx_say(book, "趋势", "Trend"), true, &sheet));
    TRY(put_titles(book, sheet));
    for (size_t i = 0; i < report->trend_count; i++) {
        TRY(put_day(book, sheet, row++, &report->trend[i]));
    }
    TRY(put_day(book, sheet, row, &own));
    for (int i = 0; i < CHART_COUNT; i++) {
        TRY(put_chart(book, sheet, (enum chart)i, row));
    }
    return ERR_OK;
}
