/* SPDX-License-Identifier: Apache-2.0 */
#include "invoice_request.h"

#include "money.h"
#include "number.h"

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

static enum err
read_items(struct body_object *root, struct arena *arena, struct invoice *invoice)
{
    struct body_object *list = NULL;
    void *memory = NULL;
    size_t count = body_optional_objects(root, "items", INVOICE_ITEMS_MAX, &list);
    TRY(arena_array(arena, count + 1, sizeof(struct invoice_item), &memory));
    struct invoice_item *items = memory;
    for (size_t i = 0; i < count; i++) {
        struct invoice_item *item = &items[i];
        struct span taxed = { 0 };
        *item = (struct invoice_item){ .rate_ppm = INVOICE_RATE_ABSENT };
        body_string(&list[i], "name", 1, 300, &item->name);
        body_optional_string(&list[i], "quantity", 0, 32, &item->quantity);
        body_optional_string(&list[i], "taxed", 1, 20, &taxed);
        body_optional_i64(&list[i], "rate_ppm", 0, INVOICE_RATE_WHOLE, &item->rate_ppm);
        body_i64(&list[i], "net", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &item->net_fen);
        body_i64(&list[i], "tax", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &item->tax_fen);
        body_i64(&list[i], "total", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &item->total_fen);
        if (taxed.len > 0) {
            body_fault(&list[i], "taxed", invoice_taxed_decode(taxed, &item->taxed));
        }
    }
    invoice->items = items;
    invoice->item_count = count;
    return ERR_OK;
}

enum err
invoice_request_read(struct body_object *from, struct arena *arena, struct invoice *out)
{
    read_codes(from, out);
    read_texts(from, out);
    body_i64(from, "net", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &out->net_fen);
    body_i64(from, "tax", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &out->tax_fen);
    body_i64(from, "total", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &out->total_fen);
    read_confirmation(from, out);
    TRY(read_allocations(from, arena, out));
    TRY(read_items(from, arena, out));
    TRY(body_verdict(from->body));
    return invoice_check(out, from->body->faults);
}

static enum err
put_time(struct json_t *row, const char *name, struct wall_time at)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    if (at.us == 0) {
        return json_put_null(row, name);
    }
    TRY(wall_format(at, &text));
    return json_put_string(row, name, buf_span(&text));
}

static enum err
put_texts(const struct invoice *invoice, struct json_t *row)
{
    TRY(json_put_string(row, "invoice_id", invoice->invoice_id));
    TRY(json_put_string(row, "order_no", invoice->order_no));
    TRY(json_put_string(row, "blue_invoice_id", invoice->blue_invoice_id));
    TRY(json_put_string(row, "number", invoice->number));
    TRY(json_put_string(row, "code", invoice->code));
    TRY(json_put_string(row, "title", invoice->title));
    TRY(json_put_string(row, "tax_no", invoice->tax_no));
    TRY(json_put_string(row, "confirmation_no", invoice->confirmation_no));
    TRY(json_put_text(row, "status", invoice_status_code(invoice->status)));
    TRY(json_put_text(row, "kind", invoice_kind_code(invoice->kind)));
    TRY(json_put_text(row, "red_reason", invoice_red_reason_code(invoice->red_reason)));
    return json_put_text(row, "confirmation", invoice_confirmation_code(invoice->confirmation));
}

/* Every order lives in a slot of its own. */
static enum err
put_part(struct span owner, const struct invoice_allocation *one, struct json_t *parts)
{
    struct json_t *part = NULL;
    int slot = 0;
    TRY(number_slot(owner, one->order_no, &slot));
    TRY(json_new_object(&part));
    TRY(json_put(parts, NULL, part));
    TRY(json_put_string(part, "order_no", one->order_no));
    TRY(json_put_i64(part, "slot", slot));
    return json_put_i64(part, "fen", one->amount_fen);
}

static enum err
put_parts(struct span owner, const struct invoice *invoice, struct json_t *row)
{
    const struct invoice_allocation whole = { invoice->order_no, invoice->total_fen };
    struct json_t *parts = NULL;
    TRY(json_new_array(&parts));
    TRY(json_put(row, "parts", parts));
    for (size_t i = 0; i < invoice->allocation_count; i++) {
        TRY(put_part(owner, &invoice->allocations[i], parts));
    }
    return invoice->allocation_count == 0 ? put_part(owner, &whole, parts) : ERR_OK;
}

static enum err
put_item(const struct invoice_item *item, struct json_t *list)
{
    struct json_t *row = NULL;
    TRY(json_new_object(&row));
    TRY(json_put(list, NULL, row));
    TRY(json_put_string(row, "name", item->name));
    TRY(json_put_string(row, "quantity", item->quantity));
    TRY(json_put_text(row, "taxed", invoice_taxed_code(item->taxed)));
    TRY(item->rate_ppm == INVOICE_RATE_ABSENT ? json_put_null(row, "rate_ppm")
                                              : json_put_i64(row, "rate_ppm", item->rate_ppm));
    TRY(json_put_i64(row, "net_fen", item->net_fen));
    TRY(json_put_i64(row, "tax_fen", item->tax_fen));
    return json_put_i64(row, "total_fen", item->total_fen);
}

static enum err
put_items(const struct invoice *invoice, struct json_t *row)
{
    struct json_t *list = NULL;
    if (invoice->item_count == 0) {
        return json_put_null(row, "items");
    }
    TRY(json_new_array(&list));
    TRY(json_put(row, "items", list));
    for (size_t i = 0; i < invoice->item_count; i++) {
        TRY(put_item(&invoice->items[i], list));
    }
    return ERR_OK;
}

enum err
invoice_request_row(struct span owner, const struct invoice *invoice, struct json_t *row)
{
    int slot = 0;
    TRY(number_slot(owner, invoice->order_no, &slot));
    TRY(json_put_i64(row, "slot", slot));
    TRY(put_texts(invoice, row));
    TRY(json_put_bool(row, "red", invoice->red));
    TRY(json_put_i64(row, "net_fen", invoice->net_fen));
    TRY(json_put_i64(row, "tax_fen", invoice->tax_fen));
    TRY(json_put_i64(row, "total_fen", invoice->total_fen));
    TRY(put_time(row, "asked_at", invoice->asked_at));
    TRY(put_time(row, "issued_at", invoice->issued_at));
    TRY(put_time(row, "confirmation_asked_at", invoice->confirmation_asked_at));
    TRY(put_items(invoice, row));
    return put_parts(owner, invoice, row);
}
