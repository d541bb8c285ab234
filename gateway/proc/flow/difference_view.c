/* SPDX-License-Identifier: Apache-2.0 */
#include "difference_view.h"

#include "difference.h"
#include "payment_view.h"

#define ID_MAX 64

enum err
difference_view_id(struct json_t *view, const char *name, const char *front, struct span number)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(ID_MAX);
    if (span_empty(number)) {
        return json_put_null(view, name);
    }
    TRY(buf_text(&id, front));
    TRY(buf_append(&id, number));
    return json_put_string(view, name, buf_span(&id));
}

static enum err
put_texts(struct json_t *view, const struct db_rows *rows, size_t row, const char *const columns[],
          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(json_put_string_or_null(view, columns[i], db_row_text(rows, row, columns[i])));
    }
    return ERR_OK;
}

enum err
difference_view_codes(struct json_t *view, struct span codes)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "codes", list));
    while (!span_empty(codes)) {
        struct span code;
        (void)span_cut(&codes, ',', &code);
        TRY(json_put_string(list, NULL, code));
    }
    return ERR_OK;
}

/* The amount is the proposal's. */
static enum err
put_adjustment(struct json_t *request, const struct db_rows *rows, size_t row)
{
    static const char *const texts[] = { "posted_on", "debit", "credit" };
    struct json_t *adjustment = NULL;
    if (span_empty(db_row_text(rows, row, "posted_on"))) {
        return json_put_null(request, "adjustment");
    }
    TRY(json_new_object(&adjustment));
    TRY(json_put(request, "adjustment", adjustment));
    return put_texts(adjustment, rows, row, texts, sizeof(texts) / sizeof(texts[0]));
}

/* What stands posted, newest: the one that can be reversed, and whether it is what the newest run shows. */
static enum err
put_standing(struct json_t *view, const struct db_rows *rows, size_t row)
{
    struct json_t *posting = NULL;
    if (db_row_null(rows, row, "standing")) {
        return json_put_null(view, "posting");
    }
    TRY(json_new_object(&posting));
    TRY(json_put(view, "posting", posting));
    TRY(json_put_i64(posting, "number", db_row_i64(rows, row, "standing")));
    TRY(json_put_string(posting, "posted_on", db_row_text(rows, row, "standing_on")));
    TRY(json_put_string(posting, "debit", db_row_text(rows, row, "standing_debit")));
    TRY(json_put_string(posting, "credit", db_row_text(rows, row, "standing_credit")));
    TRY(json_put_i64(posting, "amount", db_row_i64(rows, row, "standing_fen")));
    return json_put_bool(posting, "fits", db_row_bool(rows, row, "standing_fits"));
}

static enum err
put_request(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const texts[] = { "reason", "maker", "checker" };
    struct json_t *request = NULL;
    if (db_row_null(rows, row, "number")) {
        return json_put_null(view, "request");
    }
    TRY(json_new_object(&request));
    TRY(json_put(view, "request", request));
    TRY(json_put_i64(request, "number", db_row_i64(rows, row, "number")));
    TRY(json_put_string(request, "kind", db_row_text(rows, row, "request_kind")));
    if (db_row_null(rows, row, "amount_fen")) {
        TRY(json_put_null(request, "amount"));
    } else {
        TRY(json_put_i64(request, "amount", db_row_i64(rows, row, "amount_fen")));
    }
    TRY(json_put_string_or_null(request, "contract", db_row_text(rows, row, "contract")));
    if (db_row_null(rows, row, "reverses")) {
        TRY(json_put_null(request, "reverses"));
    } else {
        TRY(json_put_i64(request, "reverses", db_row_i64(rows, row, "reverses")));
    }
    TRY(json_put_string(request, "state", db_row_text(rows, row, "request_state")));
    TRY(put_texts(request, rows, row, texts, sizeof(texts) / sizeof(texts[0])));
    TRY(difference_view_id(request, "refund_id", "rfd_",
                           db_row_text(rows, row, "effect_refund_no")));
    TRY(put_adjustment(request, rows, row));
    TRY(payment_view_time(request, "proposed_at", db_row_time(rows, row, "proposed_at")));
    TRY(payment_view_time(request, "decided_at", db_row_time(rows, row, "decided_at")));
    return payment_view_time(request, "executed_at", db_row_time(rows, row, "executed_at"));
}

static enum err
put_what(struct json_t *view, const struct db_rows *rows, size_t row, enum language language)
{
    enum finding code;
    if (finding_decode(db_row_text(rows, row, "code"), &code) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    TRY(json_put_string(view, "family", db_row_text(rows, row, "family")));
    TRY(json_put_text(view, "code", finding_name(code)));
    TRY(json_put_text(view, "text", finding_text(code, language)));
    TRY(difference_view_codes(view, db_row_text(rows, row, "codes")));
    TRY(json_put_i64(view, "severity", db_row_i64(rows, row, "severity")));
    TRY(json_put_string(view, "action", db_row_text(rows, row, "action")));
    TRY(json_put_i64(view, "delta", db_row_i64(rows, row, "delta_fen")));
    return json_put_i64(view, "fee_delta", db_row_i64(rows, row, "fee_fen"));
}

enum err
difference_view_put(struct json_t *view, const struct db_rows *rows, size_t row,
                    enum language language)
{
    static const char *const places[] = { "account", "provider" };
    static const char *const sides[] = { "attempt_no", "provider_trade_no", "merchant_order_no",
                                         "order_no", "invoice_id" };
    TRY(difference_view_id(view, "id", "dif_", db_row_text(rows, row, "difference_no")));
    TRY(put_texts(view, rows, row, places, sizeof(places) / sizeof(places[0])));
    TRY(json_put_string(view, "bill_kind", db_row_text(rows, row, "kind")));
    TRY(json_put_string(view, "bill_day", db_row_text(rows, row, "bill_day")));
    TRY(json_put_string(view, "original_day", db_row_text(rows, row, "original_day")));
    TRY(json_put_text(view, "age", difference_age_code(db_row_i64(rows, row, "age_days"))));
    TRY(put_what(view, rows, row, language));
    TRY(json_put_string(view, "state", db_row_text(rows, row, "state")));
    TRY(json_put_string_or_null(view, "assignee", db_row_text(rows, row, "assignee")));
    TRY(json_put_string(view, "side", db_row_text(rows, row, "side")));
    TRY(put_texts(view, rows, row, sides, sizeof(sides) / sizeof(sides[0])));
    TRY(difference_view_id(view, "refund_id", "rfd_", db_row_text(rows, row, "refund_no")));
    TRY(payment_view_time(view, "opened_at", db_row_time(rows, row, "opened_at")));
    TRY(payment_view_time(view, "moved_at", db_row_time(rows, row, "moved_at")));
    TRY(json_put_i64(view, "version", db_row_i64(rows, row, "version")));
    TRY(put_standing(view, rows, row));
    return put_request(view, rows, row);
}

static enum err
put_event(struct json_t *list, const struct db_rows *rows, size_t row)
{
    struct json_t *event = NULL;
    struct json_t *detail = NULL;
    TRY(json_new_object(&event));
    TRY(json_put(list, NULL, event));
    TRY(json_put_i64(event, "seq", db_row_i64(rows, row, "seq")));
    TRY(json_put_string(event, "event", db_row_text(rows, row, "event")));
    TRY(json_put_string(event, "from", db_row_text(rows, row, "from_state")));
    TRY(json_put_string(event, "to", db_row_text(rows, row, "to_state")));
    TRY(json_put_string(event, "effect", db_row_text(rows, row, "effect")));
    TRY(json_put_string(event, "actor", db_row_text(rows, row, "actor")));
    TRY(payment_view_time(event, "at", db_row_time(rows, row, "at")));
    if (json_parse(db_row_text(rows, row, "detail"), &detail) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    TRY(json_put(event, "detail", detail));
    TRY(json_put_string_or_null(event, "evidence_digest",
                                db_row_text(rows, row, "evidence_digest")));
    return json_put_string(event, "hash", db_row_text(rows, row, "hash"));
}

enum err
difference_view_history(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "history", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(put_event(list, rows, i));
    }
    return ERR_OK;
}

static enum err
put_item(struct json_t *list, const struct db_rows *rows, size_t row)
{
    struct json_t *item = NULL;
    TRY(json_new_object(&item));
    TRY(json_put(list, NULL, item));
    TRY(json_put_string(item, "invoice_id", db_row_text(rows, row, "invoice_id")));
    TRY(json_put_i64(item, "number", db_row_i64(rows, row, "number")));
    TRY(json_put_string(item, "name", db_row_text(rows, row, "name")));
    TRY(json_put_i64(item, "net", db_row_i64(rows, row, "net_fen")));
    TRY(json_put_i64(item, "tax", db_row_i64(rows, row, "tax_fen")));
    return json_put_i64(item, "off", db_row_i64(rows, row, "off_fen"));
}

enum err
difference_view_items(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "items_off", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(put_item(list, rows, i));
    }
    return ERR_OK;
}
