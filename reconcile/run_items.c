/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "run_parts.h"

/* A document and its items are one by these three. */
static int
document_cmp(const struct recon_invoice_item *a, const struct recon_invoice_item *b)
{
    int by_owner = span_cmp(a->owner, b->owner);
    int by_id = by_owner != 0 ? by_owner : span_cmp(a->invoice_id, b->invoice_id);
    return by_id != 0 ? by_id : span_cmp(a->reported_under, b->reported_under);
}

static int
item_cmp(const void *a, const void *b)
{
    const struct recon_invoice_item *left = a;
    const struct recon_invoice_item *right = b;
    int by_document = document_cmp(left, right);
    return by_document != 0 ? by_document
                            : (left->number > right->number) - (left->number < right->number);
}

/* The first item that does not stand before the document. */
static size_t
first_of(const struct run *run, const struct recon_invoice_item *document)
{
    size_t low = 0;
    size_t high = run->item_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (document_cmp(&run->items[middle], document) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
give(const struct run *run, struct recon_invoice *invoice)
{
    const struct recon_invoice_item document = { .owner = invoice->owner,
                                                 .invoice_id = invoice->invoice_id,
                                                 .reported_under = invoice->reported_under };
    size_t first = first_of(run, &document);
    size_t end = first;
    while (end < run->item_count && document_cmp(&run->items[end], &document) == 0) {
        end++;
    }
    invoice->items = run->items + first;
    invoice->item_count = end - first;
}

enum err
run_give_items(struct run *run)
{
    if (run->item_count == 0) {
        return ERR_OK;
    }
    qsort(run->items, run->item_count, sizeof(run->items[0]), item_cmp);
    for (size_t i = 1; i < run->item_count; i++) {
        if (item_cmp(&run->items[i - 1], &run->items[i]) == 0) {
            return ERR_FIELD_VALUE;
        }
    }
    for (size_t i = 0; i < run->invoice_count; i++) {
        give(run, &run->invoices[i]);
    }
    return ERR_OK;
}

static enum err
take_item(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_invoice_item *item = &run->items[i];
    TRY(run_take_text(run, rows, i, "owner", &item->owner));
    TRY(run_take_text(run, rows, i, "invoice_id", &item->invoice_id));
    TRY(run_take_text(run, rows, i, "reported_under", &item->reported_under));
    TRY(run_take_text(run, rows, i, "name", &item->name));
    TRY(run_take_text(run, rows, i, "quantity", &item->quantity));
    TRY(run_take_text(run, rows, i, "taxed", &item->taxed));
    item->number = db_row_i64(rows, i, "number");
    item->rate_ppm = db_row_i64(rows, i, "rate_ppm");
    item->net_fen = db_row_i64(rows, i, "net_fen");
    item->tax_fen = db_row_i64(rows, i, "tax_fen");
    item->total_fen = db_row_i64(rows, i, "total_fen");
    return ERR_OK;
}

enum err
run_read_items(struct run *run, const struct db_params *params)
{
    void *storage = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_invoice_items, params, &rows));
    run->item_count = db_rows_count(rows);
    TRY(run_room_for(run, run->item_count, sizeof(*run->items), &storage));
    run->items = storage;
    for (size_t i = 0; i < run->item_count; i++) {
        TRY(take_item(run, rows, i));
    }
    return run_give_items(run);
}
