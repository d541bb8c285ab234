/* SPDX-License-Identifier: Apache-2.0 */
#include "report_xlsx_parts.h"

#define DAY_BYTES    16
#define COLUMN_WIDTH 14
#define CHART_ROWS   16 /* that a chart covers */

/* The columns behind the day; long and short of the counts are what is on one side alone, of the yuan what differs. */
enum { AT_DAY, AT_VERSION, AT_FIRST };

static int64_t
net_of(const struct trend_day *day)
{
    return day->pay.fen + day->refund.fen;
}

/* The column of the sheet that has the value of that number. */
static lxw_col_t
column_of(size_t value)
{
    return (lxw_col_t)(AT_FIRST + value);
}

enum chart { CHART_COUNTS, CHART_DELTA, CHART_NET, CHART_COUNT };

#define COLUMN_COUNT 10

/* The values of a day in the order of `columns`. */
static void
values_of(const struct trend_day *day, int64_t out[COLUMN_COUNT])
{
    const int64_t values[COLUMN_COUNT] = {
        day->matched.count,  day->amount_bill.count, day->bill_only.count, day->book_only.count,
        day->repeated.count, day->in_transit.count,  day->delta_long.fen,  day->delta_short.fen,
        net_of(day),         day->fee.fen,
    };
    memcpy(out, values, sizeof(values));
}

static const struct {
    const char *title[LANGUAGE_COUNT];
    enum chart chart;
} columns[COLUMN_COUNT] = {
    { { "平账笔数", "matched" }, CHART_COUNTS },
    { { "金额不符笔数", "amount differs" }, CHART_COUNTS },
    { { "仅账单笔数", "bill only" }, CHART_COUNTS },
    { { "仅账簿笔数", "books only" }, CHART_COUNTS },
    { { "重复笔数", "repeated" }, CHART_COUNTS },
    { { "在途笔数", "in transit" }, CHART_COUNTS },
    { { "长款（元）", "long, yuan" }, CHART_DELTA },
    { { "短款（元）", "short, yuan" }, CHART_DELTA },
    { { "净额（元）", "net, yuan" }, CHART_NET },
    { { "手续费（元）", "fees, yuan" }, CHART_NET },
};

static const struct {
    const char *title[LANGUAGE_COUNT];
    uint8_t type;
} charts[CHART_COUNT] = {
    { { "笔数", "Counts" }, LXW_CHART_COLUMN_STACKED },
    { { "长款与短款（元）", "Long and short, yuan" }, LXW_CHART_COLUMN },
    { { "净额与手续费（元）", "Net and fees, yuan" }, LXW_CHART_LINE },
};

static enum err
put_titles(const struct report_book *book, lxw_worksheet *sheet)
{
    static const char *const first[AT_FIRST][LANGUAGE_COUNT] = { { "账单日", "day" },
                                                                 { "版本", "version" } };
    TRY(report_xlsx_check(
        worksheet_set_column(sheet, AT_DAY, AT_FIRST + COLUMN_COUNT - 1, COLUMN_WIDTH, NULL)));
    for (lxw_col_t i = 0; i < AT_FIRST; i++) {
        TRY(report_xlsx_span(book, sheet, 0, i, span_of(first[i][book->language]), book->title));
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        TRY(report_xlsx_span(book, sheet, 0, column_of(i),
                             span_of(columns[i].title[book->language]), book->title));
    }
    worksheet_freeze_panes(sheet, 1, 0);
    return report_xlsx_mark(book, sheet, AT_FIRST + COLUMN_COUNT);
}

static enum err
put_day(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row,
        const struct trend_day *day)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(DAY_BYTES);
    int64_t values[COLUMN_COUNT];
    values_of(day, values);
    TRY(day_format(day->day, &text));
    TRY(report_xlsx_span(book, sheet, row, AT_DAY, buf_span(&text), book->text));
    TRY(report_xlsx_count(sheet, row, AT_VERSION, day->version));
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        TRY(columns[i].chart == CHART_COUNTS
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
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (columns[i].chart != kind) {
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
    lxw_chart *chart = workbook_add_chart(book->workbook, charts[kind].type);
    if (chart == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(put_series(book, chart, kind, last));
    chart_title_set_name(chart, charts[kind].title[book->language]);
    return report_xlsx_check(
        worksheet_insert_chart(sheet, last + 2 + (lxw_row_t)kind * CHART_ROWS, AT_DAY, chart));
}

enum err
report_xlsx_trend(const struct report_book *book)
{
    const struct report *report = book->report;
    struct trend_day own;
    lxw_row_t row = 1;
    lxw_worksheet *sheet =
        workbook_add_worksheet(book->workbook, report_xlsx_say(book, "趋势", "Trend"));
    if (sheet == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(put_titles(book, sheet));
    for (size_t i = 0; i < report->trend_count; i++) {
        TRY(put_day(book, sheet, row++, &report->trend[i]));
    }
    trend_of_sheet(report->day, report->version, &report->sheet, &own);
    TRY(put_day(book, sheet, row, &own));
    for (int i = 0; i < CHART_COUNT; i++) {
        TRY(put_chart(book, sheet, (enum chart)i, row));
    }
    return ERR_OK;
}
