/* SPDX-License-Identifier: Apache-2.0 */
#include "report_parts.h"

#define PAPERS_MAX 100 /* the page has them all */
#define ITEMS_MAX  20  /* of 300 characters each: below what a spreadsheet takes into a cell */

static const struct {
    const char *title[LANGUAGE_COUNT];
    const char *words;
    enum report_cell_kind kind;
    int width;
} columns[REPORT_COLUMN_COUNT] = {
#define REPORT_COLUMN(name, kind, width, zh) \
    [REPORT_COLUMN_##name] = { { zh " " #name, #name }, zh, REPORT_CELL_##kind, width },
#include "report_columns.def"
#undef REPORT_COLUMN
};

const char *
report_column_title(enum report_column column, enum language language)
{
    return columns[column].title[language];
}

const char *
report_column_words(enum report_column column)
{
    return columns[column].words;
}

enum report_cell_kind
report_column_kind(enum report_column column)
{
    return columns[column].kind;
}

int
report_column_width(enum report_column column)
{
    return columns[column].width;
}

static enum err
number(int64_t value, bool known, struct report_cell *out)
{
    *out = (struct report_cell){ .empty = !known, .number = value };
    return ERR_OK;
}

/* What was charged, what the contract has, and what is between; or what the bank took. */
static enum err
fee(const struct report_row *row, enum report_column column, struct report_cell *out)
{
    if (column == REPORT_COLUMN_fee_yuan || column == REPORT_COLUMN_bank_fee_yuan) {
        bool bank = column == REPORT_COLUMN_bank_fee_yuan;
        return number(row->fee_fen, bank ? row->fee_fen != 0 : row->line_no > 0, out);
    }
    bool off = column == REPORT_COLUMN_fee_off_yuan;
    return number(off ? row->fee_fen - row->fee_due_fen : row->fee_due_fen, row->fee_judged, out);
}

static enum err
text(struct span value, struct report_cell *out)
{
    *out = (struct report_cell){ .empty = value.len == 0, .text = value };
    return ERR_OK;
}

static enum err
words(const char *value, struct report_cell *out)
{
    return text(span_of(value), out);
}

/* What follows from the row, in words. */
static const char *
said(const struct report_row *row, enum report_column column, enum language language)
{
    if (column == REPORT_COLUMN_side) {
        return report_text_side(row->delta_fen, language);
    }
    if (column == REPORT_COLUMN_action) {
        return report_text_action(finding_action(report_row_act_on(row)), language);
    }
    return !row->carry_out ? "" : language == LANGUAGE_ZH ? "是" : "yes";
}

/* A payment that agrees and is there twice is told by its findings alone: they have their names. */
static enum err
notes(const struct report *report, const struct report_row *row, enum language language,
      struct buf *scratch, struct report_cell *out)
{
    bool named = report->form >= REPORT_FORM_NAMES;
    buf_reset(scratch);
    for (size_t i = 0; i < row->finding_count; i++) {
        enum finding finding = row->findings[i];
        TRY(buf_printf(scratch, "%s%s", i == 0 ? "" : named ? "; " : " ", finding_name(finding)));
        TRY(named ? buf_printf(scratch, " %s", finding_text(finding, language)) : ERR_OK);
    }
    *out = (struct report_cell){ .empty = row->finding_count == 0, .text = buf_span(scratch) };
    return ERR_OK;
}

static enum err
bucket(const struct report *report, const struct report_row *row, enum language language,
       struct report_cell *out)
{
    struct span code = span_of(report_text_bucket(finding_bucket(row->primary)));
    return text(report->form < REPORT_FORM_NAMES
                    ? code
                    : report_words(report, REPORT_CODE_BUCKET, code, language),
                out);
}

static enum err
put_item(const struct report_item *item, enum language language, struct buf *out)
{
    bool english = language == LANGUAGE_EN;
    TRY(buf_printf(out, english ? "%.*s item %lld %.*s: net " : "%.*s 第%lld项 %.*s：不含税 ",
                   SPAN_ARG(item->invoice_id), (long long)item->number, SPAN_ARG(item->name)));
    TRY(report_text_fen(out, item->net_fen));
    TRY(buf_text(out, english ? ", tax " : "，税额 "));
    TRY(report_text_fen(out, item->tax_fen));
    TRY(buf_text(out, english ? ", more than by its rate " : "，比税率应得多出 "));
    return report_text_fen(out, item->off_fen);
}

/* As many as a cell holds well; the page has them all. */
static enum err
items(const struct report *report, const struct report_row *row, enum language language,
      struct buf *scratch, struct report_cell *out)
{
    size_t count = 0;
    const struct report_item *list = report_row_items(report, row, &count);
    buf_reset(scratch);
    for (size_t i = 0; i < count && i < ITEMS_MAX; i++) {
        TRY(buf_text(scratch, i > 0 ? "; " : ""));
        TRY(put_item(&list[i], language, scratch));
    }
    if (count > ITEMS_MAX) {
        TRY(buf_printf(scratch, language == LANGUAGE_EN ? "; %zu more" : "; 另有 %zu 项",
                       count - ITEMS_MAX));
    }
    *out = (struct report_cell){ .empty = count == 0, .text = buf_span(scratch) };
    return ERR_OK;
}

/* The row's own document, or those of its order. */
static enum err
documents(const struct report *report, const struct report_row *row, struct buf *scratch,
          struct report_cell *out)
{
    size_t count = 0;
    const struct report_paper *papers = report_row_papers(report, row, &count);
    if (row->invoice_id.len > 0) {
        return text(row->invoice_id, out);
    }
    buf_reset(scratch);
    for (size_t i = 0; i < count && i < PAPERS_MAX; i++) {
        TRY(buf_text(scratch, i > 0 ? " " : ""));
        TRY(buf_append(scratch, papers[i].invoice_id));
    }
    if (count > PAPERS_MAX) {
        TRY(buf_printf(scratch, " +%zu", count - PAPERS_MAX));
    }
    return text(buf_span(scratch), out);
}

/* A bank tells no hour. */
static enum err
moment(const struct report *report, enum report_column column, struct wall_time at,
       struct buf *scratch, struct report_cell *out)
{
    bool day = column == REPORT_COLUMN_banked_on || column == REPORT_COLUMN_settled_on;
    buf_reset(scratch);
    if (at.us != 0) {
        TRY(day ? day_format(day_of(at, report->east_min), scratch)
                : wall_format_civil(at, report->east_min, scratch));
    }
    *out = (struct report_cell){ .empty = at.us == 0, .text = buf_span(scratch) };
    return ERR_OK;
}

/* Texts that stand in the row as they are told. */
static struct span
text_in(const struct report_row *row, enum report_column column)
{
    static const size_t places[REPORT_COLUMN_COUNT] = {
        [REPORT_COLUMN_order_no] = offsetof(struct report_row, order_no),
        [REPORT_COLUMN_owner] = offsetof(struct report_row, owner),
        [REPORT_COLUMN_order_kind] = offsetof(struct report_row, order_kind),
        [REPORT_COLUMN_order_status] = offsetof(struct report_row, order_status),
        [REPORT_COLUMN_title] = offsetof(struct report_row, title),
        [REPORT_COLUMN_attempt_no] = offsetof(struct report_row, attempt_no),
        [REPORT_COLUMN_refund_no] = offsetof(struct report_row, refund_no),
        [REPORT_COLUMN_provider_trade_no] = offsetof(struct report_row, provider_trade_no),
        [REPORT_COLUMN_merchant_order_no] = offsetof(struct report_row, merchant_order_no),
        [REPORT_COLUMN_attempt_state] = offsetof(struct report_row, attempt_state),
        [REPORT_COLUMN_bill_raw] = offsetof(struct report_row, raw),
        [REPORT_COLUMN_payout_no] = offsetof(struct report_row, payout_no),
        [REPORT_COLUMN_deposit_no] = offsetof(struct report_row, deposit_no),
        [REPORT_COLUMN_bank_lines] = offsetof(struct report_row, raw),
    };
    const void *place = (const unsigned char *)row + places[column];
    return *(const struct span *)place;
}

/* The same, a code in words. */
static struct span
told_in(const struct report *report, const struct report_row *row, enum report_column column,
        enum language language)
{
    struct span code = text_in(row, column);
    if (column == REPORT_COLUMN_order_kind) {
        return report_words(report, REPORT_CODE_ORDER_KIND, code, language);
    }
    if (column == REPORT_COLUMN_order_status) {
        return report_words(report, REPORT_CODE_ORDER_STATUS, code, language);
    }
    return column == REPORT_COLUMN_attempt_state
               ? report_words(report, REPORT_CODE_MONEY, code, language)
               : code;
}

enum err
report_column_cell(const struct report *report, const struct report_row *row,
                   enum report_column column, enum language language, struct buf *scratch,
                   struct report_cell *out)
{
    switch (column) {
    case REPORT_COLUMN_seq:
        return number(row->seq, true, out);
    case REPORT_COLUMN_severity:
        return number(report_row_severity(row), report_row_severity(row) > 0, out);
    case REPORT_COLUMN_code:
        return words(finding_name(row->primary), out);
    case REPORT_COLUMN_name:
        return words(finding_text(row->primary, language), out);
    case REPORT_COLUMN_bucket:
        return bucket(report, row, language, out);
    case REPORT_COLUMN_findings:
        return notes(report, row, language, scratch, out);
    case REPORT_COLUMN_side:
    case REPORT_COLUMN_action:
    case REPORT_COLUMN_carried:
        return words(said(row, column, language), out);
    case REPORT_COLUMN_bill_yuan:
    case REPORT_COLUMN_banked_yuan:
        return number(row->b_fen, true, out);
    case REPORT_COLUMN_books_yuan:
    case REPORT_COLUMN_settled_yuan:
        return number(row->p_fen, true, out);
    case REPORT_COLUMN_delta_yuan:
        return number(row->delta_fen, true, out);
    case REPORT_COLUMN_face_yuan:
        return number(row->face_fen, row->line_no > 0, out);
    case REPORT_COLUMN_fee_yuan:
    case REPORT_COLUMN_bank_fee_yuan:
    case REPORT_COLUMN_fee_due_yuan:
    case REPORT_COLUMN_fee_off_yuan:
        return fee(row, column, out);
    case REPORT_COLUMN_order_yuan:
        return number(row->order_fen, row->order_no.len > 0, out);
    case REPORT_COLUMN_invoiced_yuan:
        return number(row->invoiced_fen, row->order_no.len > 0 || row->invoice_id.len > 0, out);
    case REPORT_COLUMN_line_no:
        return number(row->line_no, row->line_no > 0, out);
    case REPORT_COLUMN_billed_at:
    case REPORT_COLUMN_banked_on:
        return moment(report, column, row->billed_at, scratch, out);
    case REPORT_COLUMN_paid_at:
    case REPORT_COLUMN_settled_on:
        return moment(report, column, row->paid_at, scratch, out);
    case REPORT_COLUMN_flow_yuan:
        return number(row->flow_fen, row->flow_no > 0, out);
    case REPORT_COLUMN_items_off:
        return items(report, row, language, scratch, out);
    case REPORT_COLUMN_invoice_id:
        return documents(report, row, scratch, out);
    case REPORT_COLUMN_order_no:
    case REPORT_COLUMN_owner:
    case REPORT_COLUMN_order_kind:
    case REPORT_COLUMN_order_status:
    case REPORT_COLUMN_title:
    case REPORT_COLUMN_attempt_no:
    case REPORT_COLUMN_refund_no:
    case REPORT_COLUMN_provider_trade_no:
    case REPORT_COLUMN_merchant_order_no:
    case REPORT_COLUMN_attempt_state:
    case REPORT_COLUMN_bill_raw:
    case REPORT_COLUMN_payout_no:
    case REPORT_COLUMN_deposit_no:
    case REPORT_COLUMN_bank_lines:
        return text(told_in(report, row, column, language), out);
    case REPORT_COLUMN_COUNT:
        break;
    }
    return ERR_INTERNAL;
}
