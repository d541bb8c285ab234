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
take_item(struct run *run, struct db_reader *reader)
{
    void *room = NULL;
    TRY(run_list_add(&run->read[PACK_INVOICE_ITEMS], sizeof(struct recon_invoice_item), &room));
    struct recon_invoice_item *item = room;
    struct span *const texts[] = { &item->owner, &item->invoice_id, &item->reported_under,
                                   &item->name,  &item->quantity,   &item->taxed };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(run_read_text(run, reader, texts[i]));
    }
    item->number = db_read_i64(reader);
    item->rate_ppm = db_read_i64(reader);
    item->net_fen = db_read_i64(reader);
    item->tax_fen = db_read_i64(reader);
    item->total_fen = db_read_i64(reader);
    return ERR_OK;
}

enum err
run_read_items(struct run *run)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_items, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        TRY(take_item(run, &reader));
        TRY(db_read_next(&reader, &more));
    }
    run->items = run->read[PACK_INVOICE_ITEMS].at;
    run->item_count = run->read[PACK_INVOICE_ITEMS].count;
    return run_give_items(run);
}
