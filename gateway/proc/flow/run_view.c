/* SPDX-License-Identifier: Apache-2.0 */
#include "run_view.h"

#include <stdio.h>

#include "difference.h"
#include "difference_view.h"
#include "payment_view.h"

#define ID_FRONT     "run_"
#define ID_MAX       32
#define COLUMN_BYTES 40

enum err
run_view_of_id(struct span id, int64_t *run_id)
{
    size_t front = span_of(ID_FRONT).len;
    bool named = span_starts(id, SPAN_LIT(ID_FRONT)) && id.len > front && id.at[front] != '0';
    return named && span_to_i64(span_sub(id, front, id.len - front), 1, INT64_MAX, run_id) == ERR_OK
               ? ERR_OK
               : ERR_RUN_UNKNOWN;
}

enum err
run_view_id(struct json_t *view, const char *name, int64_t run_id)
{
    char id[ID_MAX];
    (void)snprintf(id, sizeof(id), ID_FRONT "%lld", (long long)run_id);
    return json_put_text(view, name, id);
}

static enum err
put_texts(struct json_t *view, const struct db_rows *rows, size_t row, const char *const names[],
          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(json_put_string(view, names[i], db_row_text(rows, row, names[i])));
    }
    return ERR_OK;
}

static enum err
put_number(struct json_t *view, const char *name, const struct db_rows *rows, size_t row,
           const char *column)
{
    return db_row_null(rows, row, column) ? json_put_null(view, name)
                                          : json_put_i64(view, name, db_row_i64(rows, row, column));
}

/* "long": {"count": 1, "amount": 50} */
static enum err
put_cell(struct json_t *view, const char *name, const struct db_rows *rows, size_t row,
         const char *cell)
{
    struct json_t *object = NULL;
    char column[COLUMN_BYTES];
    TRY(json_new_object(&object));
    TRY(json_put(view, name, object));
    (void)snprintf(column, sizeof(column), "%s_count", cell);
    TRY(json_put_i64(object, "count", db_row_i64(rows, row, column)));
    (void)snprintf(column, sizeof(column), "%s_fen", cell);
    return json_put_i64(object, "amount", db_row_i64(rows, row, column));
}

/* [{"day": "2026-11-20", "sha256": "ab"}] of "2026-11-20 ab,2026-11-21 cd" */
static enum err
put_late_bills(struct json_t *view, struct span late)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "late_bills", list));
    bool more = late.len > 0;
    while (more) {
        struct json_t *one = NULL;
        struct span bill;
        struct span day;
        more = span_cut(&late, ',', &bill);
        (void)span_cut(&bill, ' ', &day);
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(json_put_string(one, "day", day));
        TRY(json_put_string(one, "sha256", bill));
    }
    return ERR_OK;
}

enum err
run_view_put(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const places[] = { "account", "provider" };
    static const char *const hashes[] = { "state", "program" };
    TRY(run_view_id(view, "id", db_row_i64(rows, row, "run_id")));
    TRY(put_texts(view, rows, row, places, sizeof(places) / sizeof(places[0])));
    TRY(json_put_string(view, "bill_kind", db_row_text(rows, row, "kind")));
    TRY(json_put_string(view, "day", db_row_text(rows, row, "bill_day")));
    TRY(put_number(view, "version", rows, row, "version"));
    TRY(put_texts(view, rows, row, hashes, sizeof(hashes) / sizeof(hashes[0])));
    TRY(difference_view_codes(view, db_row_text(rows, row, "codes")));
    TRY(put_late_bills(view, db_row_text(rows, row, "late_bills")));
    TRY(json_put_bool(view, "counts", db_row_bool(rows, row, "counts")));
    TRY(json_put_bool(view, "signed", db_row_bool(rows, row, "signed")));
    TRY(payment_view_time(view, "as_of", db_row_time(rows, row, "as_of")));
    TRY(put_number(view, "rules", rows, row, "rules"));
    TRY(json_put_string(view, "input_sha256", db_row_text(rows, row, "input_hash")));
    TRY(put_cell(view, "bill", rows, row, "in_scope"));
    TRY(put_cell(view, "books", rows, row, "population"));
    TRY(put_cell(view, "long", rows, row, "delta_long"));
    TRY(put_cell(view, "short", rows, row, "delta_short"));
    return json_put_i64(view, "unexplained", db_row_i64(rows, row, "unexplained_fen"));
}

static enum err
put_balance(struct json_t *view, const struct db_rows *rows, size_t row)
{
    struct json_t *balance = NULL;
    if (db_row_null(rows, row, "balance_opening_fen")) {
        return json_put_null(view, "balance");
    }
    TRY(json_new_object(&balance));
    TRY(json_put(view, "balance", balance));
    TRY(json_put_i64(balance, "opening", db_row_i64(rows, row, "balance_opening_fen")));
    TRY(json_put_bool(balance, "opening_proved", db_row_bool(rows, row, "opening_proved")));
    return json_put_i64(balance, "closing", db_row_i64(rows, row, "balance_closing_fen"));
}

static enum err
put_settlement(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const cells[] = { "opening", "paid",      "banked",    "closing", "loose_in",
                                         "lines",   "transfers", "loose_out", "bank_fee" };
    struct json_t *settlement = NULL;
    if (!db_row_bool(rows, row, "of_settlement")) {
        return json_put_null(view, "settlement");
    }
    TRY(json_new_object(&settlement));
    TRY(json_put(view, "settlement", settlement));
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(put_cell(settlement, cells[i], rows, row, cells[i]));
    }
    return ERR_OK;
}

/* A run of before they were asked for has none. */
static enum err
put_orders(struct json_t *sheet, const struct db_rows *rows, size_t row)
{
    static const char *const cells[] = { "paid_here",    "paid_apart",  "transferred",
                                         "order_off",    "off_apart",   "books_no_order",
                                         "books_refund", "orders_free", "invoiced_due",
                                         "invoice_off" };
    bool asked = !db_row_null(rows, row, "paid_here_count");
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(asked ? put_cell(sheet, cells[i], rows, row, cells[i])
                  : json_put_null(sheet, cells[i]));
    }
    return ERR_OK;
}

enum err
run_view_whole(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const cells[] = {
        "trailer",     "parsed",       "in_scope",   "ineffective", "out_of_scope", "matched",
        "amount_bill", "amount_books", "bill_only",  "repeated",    "population",   "book_only",
        "in_transit",  "carried_in",   "delta_long", "delta_short", "pay",          "refund",
        "fee",         "orders_paid",  "invoiced",   "early_out",   "early_in",
    };
    struct json_t *sheet = NULL;
    TRY(run_view_put(view, rows, row));
    TRY(json_new_object(&sheet));
    TRY(json_put(view, "sheet", sheet));
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(put_cell(sheet, cells[i], rows, row, cells[i]));
    }
    TRY(put_orders(sheet, rows, row));
    TRY(put_settlement(view, rows, row));
    return put_balance(view, rows, row);
}

const char *
run_view_media_type(struct span file)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {
        { ".txt", "text/plain; charset=utf-8" },
        { ".csv", "text/csv; charset=utf-8" },
        { ".html", "text/html; charset=utf-8" },
        { ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (span_ends(file, span_of(types[i].ending))) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

const char *
run_view_language(struct span file)
{
    return span_find(file, SPAN_LIT(".en.")) < file.len ? "en" : "zh-CN";
}

static enum err
put_file(struct json_t *list, const struct db_rows *rows, size_t row)
{
    static const char *const texts[] = { "name", "sha256" };
    struct span name = db_row_text(rows, row, "name");
    struct json_t *file = NULL;
    TRY(json_new_object(&file));
    TRY(json_put(list, NULL, file));
    TRY(put_texts(file, rows, row, texts, sizeof(texts) / sizeof(texts[0])));
    if (!db_row_bool(rows, row, "printed")) {
        return ERR_OK;
    }
    TRY(json_put_i64(file, "bytes", db_row_i64(rows, row, "bytes")));
    TRY(json_put_text(file, "language", run_view_language(name)));
    return json_put_text(file, "media_type", run_view_media_type(name));
}

enum err
run_view_files(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *inputs = NULL;
    struct json_t *reports = NULL;
    struct json_t *left_out = NULL;
    TRY(json_new_array(&inputs));
    TRY(json_put(view, "inputs", inputs));
    TRY(json_new_array(&reports));
    TRY(json_put(view, "reports", reports));
    TRY(json_new_array(&left_out));
    TRY(json_put(view, "left_out", left_out));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        if (db_row_null(rows, i, "sha256")) {
            TRY(json_put_string(left_out, NULL, db_row_text(rows, i, "name")));
            continue;
        }
        TRY(put_file(db_row_bool(rows, i, "printed") ? reports : inputs, rows, i));
    }
    return ERR_OK;
}

static enum err
put_what(struct json_t *view, const struct report_row *row, enum language language)
{
    struct json_t *list = NULL;
    TRY(json_put_i64(view, "seq", row->seq));
    TRY(json_put_text(view, "code", finding_name(row->primary)));
    TRY(json_put_text(view, "text", finding_text(row->primary, language)));
    TRY(json_new_array(&list));
    TRY(json_put(view, "findings", list));
    for (size_t i = 0; i < row->finding_count; i++) {
        TRY(json_put_text(list, NULL, finding_name(row->findings[i])));
    }
    TRY(json_put_i64(view, "severity", report_row_severity(row)));
    return json_put_text(view, "action", difference_action(report_row_act_on(row)));
}

static enum err
put_amounts(struct json_t *view, const struct report_row *row)
{
    const struct {
        const char *name;
        int64_t fen;
        bool there;
    } amounts[] = {
        { "bill", row->b_fen, true },
        { "books", row->p_fen, true },
        { "delta", row->delta_fen, true },
        { "face", row->face_fen, row->line_no > 0 },
        { "fee", row->fee_fen, row->line_no > 0 },
        { "fee_due", row->fee_due_fen, row->fee_judged },
        { "movement", row->flow_fen, row->flow_no > 0 },
        { "order_amount", row->order_fen, !span_empty(row->order_status) },
        { "invoiced", row->invoiced_fen, !span_empty(row->order_status) },
        { "line_no", row->line_no, row->line_no > 0 },
        { "movement_no", row->flow_no, row->flow_no > 0 },
    };
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        TRY(amounts[i].there ? json_put_i64(view, amounts[i].name, amounts[i].fen)
                             : json_put_null(view, amounts[i].name));
    }
    return ERR_OK;
}

static enum err
put_names(struct json_t *view, const struct report_row *row)
{
    const struct {
        const char *name;
        struct span text;
    } names[] = {
        { "order_no", row->order_no },
        { "order_kind", row->order_kind },
        { "order_status", row->order_status },
        { "title", row->title },
        { "invoice_id", row->invoice_id },
        { "attempt_no", row->attempt_no },
        { "attempt_state", row->attempt_state },
        { "provider_trade_no", row->provider_trade_no },
        { "merchant_order_no", row->merchant_order_no },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        TRY(json_put_string_or_null(view, names[i].name, names[i].text));
    }
    return difference_view_id(view, "refund_id", "rfd_", row->refund_no);
}

enum err
run_view_result(struct json_t *view, const struct report_row *row, enum language language,
                bool whole)
{
    TRY(put_what(view, row, language));
    TRY(put_amounts(view, row));
    TRY(put_names(view, row));
    TRY(json_put_bool(view, "carried", row->carry_out));
    TRY(payment_view_time(view, "billed_at", row->billed_at));
    TRY(payment_view_time(view, "paid_at", row->paid_at));
    return whole ? json_put_string_or_null(view, "bill_raw", row->raw) : ERR_OK;
}

static enum err
put_story(struct json_t *list, const struct report_story *story)
{
    struct json_t *one = NULL;
    TRY(json_new_object(&one));
    TRY(json_put(list, NULL, one));
    TRY(json_put_string(one, "attempt_no", story->attempt_no));
    TRY(difference_view_id(one, "refund_id", "rfd_", story->refund_no));
    TRY(json_put_string_or_null(one, "provider_trade_no", story->provider_trade_no));
    TRY(json_put_string(one, "state", story->state));
    TRY(json_put_i64(one, "amount", story->amount_fen));
    TRY(payment_view_time(one, "at", story->at));
    TRY(json_put_bool(one, "counted", story->counted));
    return json_put_bool(one, "carried_in", story->carried_in);
}

enum err
run_view_story(struct json_t *view, const struct db_rows *rows, struct arena *arena)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "story", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct report_story story;
        TRY(report_load_story(rows, i, arena, &story));
        TRY(put_story(list, &story));
    }
    return ERR_OK;
}

static enum err
put_item_off(struct json_t *list, const struct db_rows *rows, size_t row)
{
    struct json_t *item = NULL;
    TRY(json_new_object(&item));
    TRY(json_put(list, NULL, item));
    TRY(json_put_i64(item, "number", db_row_i64(rows, row, "number")));
    TRY(json_put_string(item, "name", db_row_text(rows, row, "name")));
    TRY(json_put_i64(item, "net", db_row_i64(rows, row, "item_net_fen")));
    TRY(json_put_i64(item, "tax", db_row_i64(rows, row, "item_tax_fen")));
    return json_put_i64(item, "off", db_row_i64(rows, row, "off_fen"));
}

/* Gives the list of its items. */
static enum err
put_invoice(struct json_t *list, const struct db_rows *rows, size_t row, struct json_t **items)
{
    static const char *const amounts[][2] = { { "net", "net_fen" },
                                              { "tax", "tax_fen" },
                                              { "total", "total_fen" },
                                              { "amount", "part_fen" } };
    struct json_t *one = NULL;
    TRY(json_new_object(&one));
    TRY(json_put(list, NULL, one));
    TRY(json_put_string(one, "invoice_id", db_row_text(rows, row, "invoice_id")));
    TRY(json_put_string(one, "order_no", db_row_text(rows, row, "reported_under")));
    TRY(json_put_string(one, "kind", db_row_text(rows, row, "kind")));
    TRY(json_put_bool(one, "red", db_row_bool(rows, row, "red")));
    TRY(json_put_string(one, "status", db_row_text(rows, row, "status")));
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        TRY(json_put_i64(one, amounts[i][0], db_row_i64(rows, row, amounts[i][1])));
    }
    TRY(payment_view_time(one, "asked_at", db_row_time(rows, row, "asked_at")));
    TRY(payment_view_time(one, "issued_at", db_row_time(rows, row, "issued_at")));
    TRY(json_new_array(items));
    return json_put(one, "items_off", *items);
}

static bool
same_document(const struct db_rows *rows, size_t a, size_t b)
{
    return span_eq(db_row_text(rows, a, "invoice_id"), db_row_text(rows, b, "invoice_id"))
           && span_eq(db_row_text(rows, a, "reported_under"),
                      db_row_text(rows, b, "reported_under"));
}

enum err
run_view_invoices(struct json_t *view, const struct db_rows *rows, bool differs)
{
    struct json_t *list = NULL;
    struct json_t *items = NULL;
    size_t count = db_rows_count(rows);
    bool none = count > 0 && db_row_null(rows, 0, "invoice_id");
    if (count == 0 || (none && !differs)) {
        return json_put_null(view, "invoices");
    }
    TRY(json_new_array(&list));
    TRY(json_put(view, "invoices", list));
    for (size_t i = 0; i < count && !none; i++) {
        if (i == 0 || !same_document(rows, i - 1, i)) {
            TRY(put_invoice(list, rows, i, &items));
        }
        TRY(db_row_null(rows, i, "number") ? ERR_OK : put_item_off(items, rows, i));
    }
    return ERR_OK;
}
