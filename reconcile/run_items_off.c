/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "match.h"
#include "run_parts.h"

/* Which items make a document one of INV_TAX, for people: as report_items.sql reads them back, by order, document and place. */

#define CELLS 10

/* An item and the order that its document is for. */
struct off {
    const struct recon_invoice *invoice;
    const struct recon_invoice_item *item;
    int64_t fen;
};

static int
off_cmp(const void *a, const void *b)
{
    const struct off *left = a;
    const struct off *right = b;
    const struct span pairs[][2] = {
        { left->invoice->owner, right->invoice->owner },
        { left->invoice->order_no, right->invoice->order_no },
        { left->invoice->invoice_id, right->invoice->invoice_id },
        { left->invoice->reported_under, right->invoice->reported_under },
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        int differs = span_cmp(pairs[i][0], pairs[i][1]);
        if (differs != 0) {
            return differs;
        }
    }
    return (left->item->number > right->item->number) - (left->item->number < right->item->number);
}

/* Counts them; lists them where there is room. */
static size_t
find(const struct run *run, struct off *out)
{
    size_t count = 0;
    for (size_t i = 0; i < run->invoice_count; i++) {
        const struct recon_invoice *invoice = &run->invoices[i];
        bool issued = span_eq_cstr(invoice->status, "issued");
        for (size_t k = 0; issued && k < invoice->item_count; k++) {
            struct off off = { invoice, &invoice->items[k], match_item_off(&invoice->items[k]) };
            if (off.fen != 0) {
                if (out != NULL) {
                    out[count] = off;
                }
                count++;
            }
        }
    }
    return count;
}

static enum err
list(const struct run *run, struct off **out, size_t *count)
{
    void *room = NULL;
    *count = find(run, NULL);
    TRY(run_room_for(run, *count, sizeof(struct off), &room));
    *out = room;
    (void)find(run, *out);
    qsort(*out, *count, sizeof(struct off), off_cmp);
    return ERR_OK;
}

enum err
run_copy_items_off(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    struct off *offs = NULL;
    size_t count = 0;
    TRY(list(run, &offs, &count));
    TRY(db_write_open(run->session, STATEMENT_recon_copy_item, row));
    for (size_t i = 0; i < count; i++) {
        const struct recon_invoice *invoice = offs[i].invoice;
        TRY(db_write_row(row, CELLS));
        db_write_i64(row, run_id);
        db_write_text(row, invoice->owner);
        db_write_text(row, invoice->order_no);
        db_write_text(row, invoice->invoice_id);
        db_write_text(row, invoice->reported_under);
        db_write_i64(row, offs[i].item->number);
        db_write_text(row, offs[i].item->name);
        db_write_i64(row, offs[i].item->net_fen);
        db_write_i64(row, offs[i].item->tax_fen);
        db_write_i64(row, offs[i].fen);
    }
    return db_write_close(&writer);
}

enum err
run_report_items(const struct run *run, struct report *out)
{
    void *room = NULL;
    struct off *offs = NULL;
    size_t count = 0;
    TRY(list(run, &offs, &count));
    TRY(run_room_for(run, count, sizeof(struct report_item), &room));
    struct report_item *items = room;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct report_item){ .owner = offs[i].invoice->owner,
                                         .order_no = offs[i].invoice->order_no,
                                         .invoice_id = offs[i].invoice->invoice_id,
                                         .number = offs[i].item->number,
                                         .name = offs[i].item->name,
                                         .net_fen = offs[i].item->net_fen,
                                         .tax_fen = offs[i].item->tax_fen,
                                         .off_fen = offs[i].fen };
    }
    out->items = items;
    out->item_count = count;
    return ERR_OK;
}
