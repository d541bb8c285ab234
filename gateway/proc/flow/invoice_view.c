/* SPDX-License-Identifier: Apache-2.0 */
#include "invoice_view.h"

#include "payment_view.h"

static enum err
put_amounts(struct json_t *view, const struct db_rows *rows)
{
    TRY(json_put_i64(view, "net", db_row_i64(rows, 0, "net_fen")));
    TRY(json_put_i64(view, "tax", db_row_i64(rows, 0, "tax_fen")));
    TRY(json_put_i64(view, "total", db_row_i64(rows, 0, "total_fen")));
    return json_put_bool(view, "red", db_row_bool(rows, 0, "red"));
}

static enum err
put_confirmation(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *one = NULL;
    if (span_empty(db_row_text(rows, 0, "confirmation"))) {
        return json_put_null(view, "confirmation");
    }
    TRY(json_new_object(&one));
    TRY(json_put(view, "confirmation", one));
    TRY(json_put_string(one, "state", db_row_text(rows, 0, "confirmation")));
    TRY(json_put_string(one, "number", db_row_text(rows, 0, "confirmation_no")));
    return payment_view_time(one, "asked_at", db_row_time(rows, 0, "confirmation_asked_at"));
}

/* As the database has put it together. */
static enum err
put_list(struct json_t *view, const struct db_rows *rows, const char *name)
{
    struct json_t *list = NULL;
    TRY(json_parse(db_row_text(rows, 0, name), &list));
    return json_put(view, name, list);
}

enum err
invoice_view(const struct db_rows *rows, struct json_t **out)
{
    static const char *const texts[] = { "invoice_id", "order_no",  "status", "blue_invoice_id",
                                         "number",     "code",      "title",  "tax_no",
                                         "kind",       "red_reason" };
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(json_put_string(view, texts[i], db_row_text(rows, 0, texts[i])));
    }
    TRY(put_amounts(view, rows));
    TRY(put_confirmation(view, rows));
    TRY(put_list(view, rows, "allocations"));
    TRY(put_list(view, rows, "items"));
    TRY(payment_view_time(view, "asked_at", db_row_time(rows, 0, "asked_at")));
    TRY(payment_view_time(view, "issued_at", db_row_time(rows, 0, "issued_at")));
    TRY(payment_view_time(view, "updated_at", db_row_time(rows, 0, "updated_at")));
    *out = view;
    view = NULL;
    return ERR_OK;
}
