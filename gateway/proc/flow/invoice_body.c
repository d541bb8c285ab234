/* SPDX-License-Identifier: Apache-2.0 */
#include "invoice_body.h"

#include "money.h"
#include "payment_view.h"

static void
read_texts(struct body_object *root, struct invoice *invoice)
{
    body_string(root, "order_no", 1, 64, &invoice->order_no);
    body_string(root, "title", 1, 300, &invoice->title);
    body_optional_string(root, "tax_no", 0, 20, &invoice->tax_no);
    body_optional_string(root, "number", 0, 20, &invoice->number);
    body_optional_string(root, "code", 0, 12, &invoice->code);
    body_optional_string(root, "blue_invoice_id", 0, 64, &invoice->blue_invoice_id);
    body_optional_bool(root, "red", &invoice->red);
    body_optional_time(root, "asked_at", &invoice->asked_at);
    body_optional_time(root, "issued_at", &invoice->issued_at);
}

static void
read_codes(struct body_object *root, struct invoice *invoice)
{
    struct span status = { 0 };
    struct span kind = { 0 };
    struct span reason = { 0 };
    body_string(root, "status", 1, 20, &status);
    body_optional_string(root, "kind", 1, 20, &kind);
    body_optional_string(root, "red_reason", 1, 20, &reason);
    if (status.len > 0) {
        body_fault(root, "status", invoice_status_decode(status, &invoice->status));
    }
    if (kind.len > 0) {
        body_fault(root, "kind", invoice_kind_decode(kind, &invoice->kind));
    }
    if (reason.len > 0) {
        body_fault(root, "red_reason", invoice_red_reason_decode(reason, &invoice->red_reason));
    }
}

static void
read_confirmation(struct body_object *root, struct invoice *invoice)
{
    struct body_object *from = body_optional_object(root, "confirmation");
    struct span state = { 0 };
    if (!body_present(from)) {
        return;
    }
    body_string(from, "state", 1, 40, &state);
    body_optional_string(from, "number", 0, 40, &invoice->confirmation_no);
    body_time(from, "asked_at", &invoice->confirmation_asked_at);
    if (state.len > 0) {
        body_fault(from, "state", invoice_confirmation_decode(state, &invoice->confirmation));
    }
}

static enum err
read_allocations(struct body_object *root, struct arena *arena, struct invoice *invoice)
{
    struct body_object *list = NULL;
    void *memory = NULL;
    size_t count = body_optional_objects(root, "allocations", INVOICE_ALLOCATIONS_MAX, &list);
    TRY(arena_array(arena, count + 1, sizeof(struct invoice_allocation), &memory));
    struct invoice_allocation *allocations = memory;
    for (size_t i = 0; i < count; i++) {
        allocations[i] = (struct invoice_allocation){ .amount_fen = 0 };
        body_string(&list[i], "order_no", 1, 64, &allocations[i].order_no);
        body_i64(&list[i], "amount", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &allocations[i].amount_fen);
    }
    invoice->allocations = allocations;
    invoice->allocation_count = count;
    return ERR_OK;
}

enum err
invoice_body_read(struct http_request *request, struct invoice *out, struct faults *faults)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(request, &body, faults));
    out->invoice_id = request->captures[0];
    read_codes(&body.root, out);
    read_texts(&body.root, out);
    body_i64(&body.root, "net", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &out->net_fen);
    body_i64(&body.root, "tax", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &out->tax_fen);
    body_i64(&body.root, "total", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &out->total_fen);
    read_confirmation(&body.root, out);
    TRY(read_allocations(&body.root, request->arena, out));
    TRY(body_verdict(&body));
    return invoice_check(out, faults);
}

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

static enum err
put_allocations(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *list = NULL;
    TRY(json_parse(db_row_text(rows, 0, "allocations"), &list));
    return json_put(view, "allocations", list);
}

enum err
invoice_body_view(const struct db_rows *rows, struct json_t **out)
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
    TRY(put_allocations(view, rows));
    TRY(payment_view_time(view, "asked_at", db_row_time(rows, 0, "asked_at")));
    TRY(payment_view_time(view, "issued_at", db_row_time(rows, 0, "issued_at")));
    TRY(payment_view_time(view, "updated_at", db_row_time(rows, 0, "updated_at")));
    *out = view;
    view = NULL;
    return ERR_OK;
}
