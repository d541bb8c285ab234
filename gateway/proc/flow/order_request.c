/* SPDX-License-Identifier: Apache-2.0 */
#include "order_request.h"

#include "json.h"
#include "money.h"

#define INVOICE_MAX ((size_t)8 * 1024)
#define TEXT_MAX    ((size_t)64 * 1024)

static void
read_invoice(struct body_object *order, struct order_invoice_profile *out)
{
    struct body_object *invoice = body_object(order, "invoice");
    const struct {
        const char *name;
        struct span *to;
    } fields[] = {
        { "tax_no", &out->tax_no }, { "address", &out->address },
        { "phone", &out->phone },   { "mobile", &out->mobile },
        { "bank", &out->bank },     { "bank_account", &out->bank_account },
    };
    struct span kind = { 0 };
    body_string(invoice, "title", 1, 300, &out->title);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        body_optional_string(invoice, fields[i].name, 0, 300, fields[i].to);
    }
    body_optional_string(invoice, "kind", 1, 20, &kind);
    if (kind.len > 0) {
        body_fault(invoice, "kind", invoice_kind_decode(kind, &out->kind));
    }
}

static void
read_codes(struct body_object *from, struct order *order)
{
    struct span kind = { 0 };
    struct span applicant = { 0 };
    body_string(from, "kind", 1, 20, &kind);
    body_string(from, "applicant", 1, 20, &applicant);
    if (kind.len > 0) {
        body_fault(from, "kind", order_kind_decode(kind, &order->kind));
    }
    if (applicant.len > 0) {
        body_fault(from, "applicant", order_applicant_decode(applicant, &order->applicant));
    }
}

void
order_request_read(struct body_object *from, struct order *order)
{
    order->unit_fee.currency = CURRENCY_CNY;
    order->amount.currency = CURRENCY_CNY;
    struct span currency = SPAN("CNY");
    body_string(from, "order_no", 1, 64, &order->order_no);
    read_codes(from, order);
    body_string(from, "unit_name", 1, 300, &order->unit_name);
    body_string(from, "uscc", 1, 18, &order->uscc);
    body_i64(from, "quantity", 1, ORDER_QUANTITY_MAX, &order->quantity);
    body_i64(from, "unit_fee", 0, MONEY_MAX_MINOR, &order->unit_fee.minor);
    body_i64(from, "amount", 1, MONEY_MAX_MINOR, &order->amount.minor);
    body_optional_string(from, "currency", 3, 3, &currency);
    if (!span_eq_cstr(currency, "CNY")) {
        body_fault(from, "currency", ERR_CURRENCY);
    }
    read_invoice(from, &order->invoice);
}

static enum err
invoice_tree(const struct order_invoice_profile *invoice, struct json_t **out)
{
    const struct {
        const char *name;
        struct span value;
    } fields[] = {
        { "title", invoice->title },
        { "tax_no", invoice->tax_no },
        { "address", invoice->address },
        { "phone", invoice->phone },
        { "mobile", invoice->mobile },
        { "bank", invoice->bank },
        { "bank_account", invoice->bank_account },
    };
    DEFER(json_free) struct json_t *tree = NULL;
    TRY(json_new_object(&tree));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        TRY(json_put_string(tree, fields[i].name, fields[i].value));
    }
    /* Left out when it was not said, so that orders of before keep their hash. */
    if (invoice->kind != INVOICE_KIND_NONE) {
        TRY(json_put_text(tree, "kind", invoice_kind_code(invoice->kind)));
    }
    *out = tree;
    tree = NULL;
    return ERR_OK;
}

enum err
order_request_invoice(const struct order *order, struct arena *arena, struct span *out)
{
    DEFER(json_free) struct json_t *tree = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(INVOICE_MAX);
    TRY(invoice_tree(&order->invoice, &tree));
    TRY(json_encode(tree, &text));
    return arena_copy(arena, buf_span(&text), out);
}

/* Strings before numbers would be ambiguous joined plainly; as JSON nothing can run together. */
enum err
order_request_text(const struct order *order, struct buf *out)
{
    DEFER(json_free) struct json_t *tree = NULL;
    struct json_t *invoice = NULL;
    TRY(json_new_object(&tree));
    TRY(json_put_string(tree, "order_no", order->order_no));
    TRY(json_put_text(tree, "kind", order_kind_code(order->kind)));
    TRY(json_put_text(tree, "applicant", order_applicant_code(order->applicant)));
    TRY(json_put_string(tree, "unit_name", order->unit_name));
    TRY(json_put_string(tree, "uscc", order->uscc));
    TRY(json_put_i64(tree, "quantity", order->quantity));
    TRY(json_put_i64(tree, "unit_fee", order->unit_fee.minor));
    TRY(json_put_i64(tree, "amount", order->amount.minor));
    TRY(invoice_tree(&order->invoice, &invoice));
    TRY(json_put(tree, "invoice", invoice));
    return json_encode(tree, out);
}

/* What the portal must send again unchanged under the same order number. */
enum err
order_request_hash(const struct order *order, unsigned char out[SHA256_BYTES])
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    TRY(order_request_text(order, &text));
    return crypto_sha256(buf_span(&text), out);
}
