/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook_view.h"

#include "payment_view.h"
#include "webhook_body.h"

/* null stands for all kinds, also those to come. */
static enum err
put_kinds(struct json_t *view, struct span kinds)
{
    struct json_t *list = NULL;
    struct span kind;
    bool more = !span_empty(kinds);
    if (!more) {
        return json_put_null(view, "kinds");
    }
    TRY(json_new_array(&list));
    TRY(json_put(view, "kinds", list));
    while (more) {
        more = span_cut(&kinds, ' ', &kind);
        TRY(json_put_string(list, NULL, kind));
    }
    return ERR_OK;
}

enum err
webhook_view_endpoint(const struct db_rows *rows, size_t row, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(json_put_string(view, "id", db_row_text(rows, row, "id")));
    TRY(json_put_string(view, "url", db_row_text(rows, row, "url")));
    TRY(put_kinds(view, db_row_text(rows, row, "kinds")));
    TRY(json_put_bool(view, "enabled", db_row_bool(rows, row, "enabled")));
    TRY(json_put_string_or_null(view, "disabled_reason",
                                db_row_text(rows, row, "disabled_reason")));
    TRY(json_put_i64(view, "waiting", db_row_i64(rows, row, "waiting")));
    TRY(json_put_i64(view, "dead", db_row_i64(rows, row, "dead")));
    TRY(payment_view_time(view, "previous_secret_until", db_row_time(rows, row, "previous_until")));
    TRY(payment_view_time(view, "rotated_at", db_row_time(rows, row, "rotated_at")));
    TRY(payment_view_time(view, "created_at", db_row_time(rows, row, "created_at")));
    *out = view;
    view = NULL;
    return ERR_OK;
}

enum err
webhook_view_ids(const struct db_rows *rows, size_t row, struct buf *delivery, struct buf *message)
{
    struct webhook_key key = { .payment_no = db_row_text(rows, row, "payment_no"),
                               .seq = db_row_i64(rows, row, "seq") };
    if (webhook_kind_decode(db_row_text(rows, row, "kind"), &key.kind) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    TRY(webhook_message_id(&key, message));
    return webhook_delivery_id(&key, db_row_text(rows, row, "endpoint_id"), delivery);
}

static enum err
put_last_try(struct json_t *view, const struct db_rows *rows, size_t row)
{
    if (db_row_null(rows, row, "last_status")) {
        TRY(json_put_null(view, "last_status"));
    } else {
        TRY(json_put_i64(view, "last_status", db_row_i64(rows, row, "last_status")));
    }
    TRY(json_put_string_or_null(view, "last_error", db_row_text(rows, row, "last_error")));
    TRY(payment_view_time(view, "last_at", db_row_time(rows, row, "last_at")));
    TRY(payment_view_time(view, "next_at", db_row_time(rows, row, "next_at")));
    return payment_view_time(view, "delivered_at", db_row_time(rows, row, "delivered_at"));
}

enum err
webhook_view_delivery(const struct db_rows *rows, size_t row, struct json_t *list)
{
    struct json_t *view = NULL;
    DEFER(buf_fini) struct buf delivery = BUF_MAX(WEBHOOK_ID_MAX);
    DEFER(buf_fini) struct buf message = BUF_MAX(WEBHOOK_ID_MAX);
    TRY(webhook_view_ids(rows, row, &delivery, &message));
    TRY(json_new_object(&view));
    TRY(json_put(list, NULL, view));
    TRY(json_put_string(view, "id", buf_span(&delivery)));
    TRY(json_put_string(view, "message_id", buf_span(&message)));
    TRY(json_put_string(view, "type", db_row_text(rows, row, "kind")));
    if (db_row_i64(rows, row, "slot") == WEBHOOK_RECON_SLOT) {
        TRY(json_put_null(view, "payment_id"));
    } else {
        TRY(payment_view_id(view, "payment_id", db_row_text(rows, row, "payment_no")));
    }
    TRY(json_put_string(view, "state", db_row_text(rows, row, "state")));
    TRY(json_put_i64(view, "attempts", db_row_i64(rows, row, "attempts")));
    TRY(put_last_try(view, rows, row));
    return payment_view_time(view, "created_at", db_row_time(rows, row, "created_at"));
}

static enum err
put_event(struct json_t *list, const struct webhook_message *message)
{
    struct json_t *view = NULL;
    struct json_t *body = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_ID_MAX);
    TRY(json_new_object(&view));
    TRY(json_put(list, NULL, view));
    TRY(webhook_message_id(&message->key, &text));
    TRY(json_put_string(view, "id", buf_span(&text)));
    buf_reset(&text);
    TRY(buf_i64(&text, message->place));
    TRY(json_put_string(view, "cursor", buf_span(&text)));
    TRY(webhook_body(message, &body));
    return json_put(view, "event", body);
}

enum err
webhook_view_events(const struct db_rows *rows, struct arena *arena, struct json_t *list)
{
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct webhook_message message;
        TRY(webhook_message_row(rows, i, arena, &message));
        TRY(put_event(list, &message));
    }
    return ERR_OK;
}
