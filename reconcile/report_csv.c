/* SPDX-License-Identifier: Apache-2.0 */
#include "report_parts.h"

#define SCRATCH_MAX ((size_t)64 * 1024)

/* RFC 4180, 2: between quotes, and a quote inside is written twice. */
enum err
report_csv_text(struct buf *out, const char *before, struct span s)
{
    DEFER(buf_fini) struct buf guarded = BUF_MAX(SCRATCH_MAX);
    TRY(report_text_guard(&guarded, s));
    TRY(buf_byte(out, '"'));
    TRY(buf_text(out, before));
    for (size_t i = 0; i < guarded.len; i++) {
        if (guarded.at[i] == '"') {
            TRY(buf_byte(out, '"'));
        }
        TRY(buf_byte(out, guarded.at[i]));
    }
    return buf_byte(out, '"');
}

static bool
has_mark(const struct report *report)
{
    return report_text_marked(report) || report->late_bills.len > 0;
}

/* The mark and every late bill, in one cell. */
static enum err
put_mark(const struct report *report, enum language language, struct buf *out)
{
    struct span rest = report->late_bills;
    bool there = false;
    TRY(report_text_mark(report, language, out));
    while (rest.len > 0) {
        TRY(buf_text(out, out->len > 0 ? "; " : ""));
        TRY(report_text_late(&rest, language, out, &there));
    }
    return ERR_OK;
}

enum err
report_csv_titles_end(const struct report *report, enum language language, struct buf *out)
{
    if (has_mark(report)) {
        DEFER(buf_fini) struct buf mark = BUF_MAX(SCRATCH_MAX);
        TRY(put_mark(report, language, &mark));
        TRY(buf_byte(out, ','));
        TRY(report_csv_text(out, "", buf_span(&mark)));
    }
    return buf_text(out, REPORT_CSV_END);
}

enum err
report_csv_cells_end(const struct report *report, struct buf *out)
{
    return buf_printf(out, "%s%s", has_mark(report) ? "," : "", REPORT_CSV_END);
}

static enum err
put_cell(struct buf *out, enum report_column column, const struct report_cell *cell)
{
    if (cell->empty) {
        return ERR_OK;
    }
    switch (report_column_kind(column)) {
    case REPORT_CELL_NUMBER:
        return buf_i64(out, cell->number);
    case REPORT_CELL_AMOUNT:
        return report_text_fen(out, cell->number);
    case REPORT_CELL_ID:
        return report_csv_text(out, "\t", cell->text);
    case REPORT_CELL_TEXT:
        return report_csv_text(out, "", cell->text);
    }
    return ERR_INTERNAL;
}

enum err
report_csv_definition(struct buf *out, size_t columns, bool of_settlement, bool legend,
                      enum language language)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SCRATCH_MAX);
    TRY(buf_text(&text, report_text_definition(of_settlement, language)));
    TRY(legend ? buf_text(&text, report_text_legend(language)) : ERR_OK);
    TRY(report_csv_text(out, "", buf_span(&text)));
    for (size_t i = 1; i < columns; i++) {
        TRY(buf_byte(out, ','));
    }
    return buf_text(out, REPORT_CSV_END);
}

/* One list being written. */
struct writing {
    const struct report *report;
    enum language language;
    const enum report_column *columns;
    size_t count;
    struct buf *scratch;
    struct buf *out;
};

static enum err
put_titles(const struct writing *w)
{
    TRY(buf_text(w->out, REPORT_CSV_BOM));
    for (size_t i = 0; i < w->count; i++) {
        TRY(buf_text(w->out, i > 0 ? "," : ""));
        TRY(report_csv_text(w->out, "", span_of(report_column_title(w->columns[i], w->language))));
    }
    return report_csv_titles_end(w->report, w->language, w->out);
}

static enum err
put_row(const struct writing *w, const struct report_row *row)
{
    for (size_t i = 0; i < w->count; i++) {
        struct report_cell cell;
        TRY(buf_text(w->out, i > 0 ? "," : ""));
        TRY(report_column_cell(w->report, row, w->columns[i], w->language, w->scratch, &cell));
        TRY(put_cell(w->out, w->columns[i], &cell));
    }
    return report_csv_cells_end(w->report, w->out);
}

static bool
has_severity(const struct writing *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->columns[i] == REPORT_COLUMN_severity) {
            return w->report->form >= REPORT_FORM_LEGEND;
        }
    }
    return false;
}

enum err
report_csv(const struct report *report, enum report_list list, enum language language,
           struct buf *out)
{
    DEFER(buf_fini) struct buf scratch = BUF_MAX(SCRATCH_MAX);
    struct writing w = { .report = report, .language = language, .scratch = &scratch, .out = out };
    w.columns = report_list_columns(report, list, &w.count);
    DEFER(report_list_free) struct report_listing listing = { .count = 0 };
    TRY(report_list_make(report, list, &listing));
    TRY(put_titles(&w));
    for (size_t i = 0; i < listing.count; i++) {
        TRY(put_row(&w, listing.rows[i]));
    }
    return report_csv_definition(out, w.count + (has_mark(report) ? 1 : 0), report->of_settlement,
                                 has_severity(&w), language);
}

enum err
report_balance_csv(const struct report *report, enum language language, struct buf *out)
{
    static const char *const titles[LANGUAGE_COUNT] = {
        "\"方 side\",\"项目 item\",\"笔数 count\",\"金额 yuan\"",
        "\"side\",\"item\",\"count\",\"yuan\"",
    };
    static const size_t columns = 4;
    struct report_balance_line lines[REPORT_BALANCE_MAX];
    size_t count = 0;
    TRY(report_balance_take(report, lines, &count));
    TRY(buf_printf(out, "%s%s", REPORT_CSV_BOM, titles[language]));
    TRY(report_csv_titles_end(report, language, out));
    for (size_t i = 0; i < count; i++) {
        TRY(report_csv_text(out, "", span_of(report_balance_side(lines[i].side, language))));
        TRY(buf_byte(out, ','));
        TRY(report_csv_text(out, "", span_of(lines[i].label[language])));
        TRY(buf_byte(out, ','));
        TRY(lines[i].counted ? buf_i64(out, lines[i].count) : ERR_OK);
        TRY(buf_byte(out, ','));
        TRY(report_text_fen(out, lines[i].fen));
        TRY(report_csv_cells_end(report, out));
    }
    return report_csv_definition(out, columns + (has_mark(report) ? 1 : 0), report->of_settlement,
                                 false, language);
}
