/* SPDX-License-Identifier: Apache-2.0 */
#include "report_parts.h"

#define SCRATCH_MAX     ((size_t)64 * 1024)
#define BYTE_ORDER_MARK "\xEF\xBB\xBF" /* without it Excel reads the Chinese as GBK */

/* RFC 4180, 2: between quotes, and a quote inside is written twice. */
static enum err
quoted(struct buf *out, const char *before, struct span s)
{
    TRY(buf_byte(out, '"'));
    TRY(buf_text(out, before));
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"') {
            TRY(buf_byte(out, '"'));
        }
        TRY(buf_byte(out, s.at[i]));
    }
    return buf_byte(out, '"');
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
        return quoted(out, "\t", cell->text);
    case REPORT_CELL_TEXT:
        return quoted(out, "", cell->text);
    }
    return ERR_INTERNAL;
}

static enum err
put_titles(struct buf *out)
{
    TRY(buf_text(out, BYTE_ORDER_MARK));
    for (int i = 0; i < REPORT_COLUMN_COUNT; i++) {
        TRY(buf_text(out, i > 0 ? "," : ""));
        TRY(quoted(out, "", span_of(report_column_title((enum report_column)i))));
    }
    return buf_text(out, "\r\n");
}

static enum err
put_row(const struct report *report, const struct report_row *row, struct buf *scratch,
        struct buf *out)
{
    for (int i = 0; i < REPORT_COLUMN_COUNT; i++) {
        struct report_cell cell;
        TRY(buf_text(out, i > 0 ? "," : ""));
        TRY(report_column_cell(report, row, (enum report_column)i, scratch, &cell));
        TRY(put_cell(out, (enum report_column)i, &cell));
    }
    return buf_text(out, "\r\n");
}

enum err
report_csv(const struct report *report, bool differences_only, struct buf *out)
{
    DEFER(buf_fini) struct buf scratch = BUF_MAX(SCRATCH_MAX);
    TRY(put_titles(out));
    for (size_t i = 0; i < report->row_count; i++) {
        if (!differences_only || report_row_differs(&report->rows[i])) {
            TRY(put_row(report, &report->rows[i], &scratch, out));
        }
    }
    return ERR_OK;
}
