/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"
#include "run_parts.h"

/* The invoices of the orders of a run's differences, for people: as run_invoices.sql reads them back. */

#define CELLS 14

/* Counts the differences that name an order; puts their orders into `out` where it is there. */
static enum err
find_orders(const struct run *run, struct index *out, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < run->output.count; i++) {
        struct report_row row;
        run_report_row(run, &run->output.results[i], &row);
        if (span_empty(row.order_no) || !report_row_differs(&row)) {
            continue;
        }
        (*count)++;
        if (out != NULL && index_find(out, row.owner, row.order_no) == INDEX_NONE) {
            TRY(index_add(out, row.owner, row.order_no, i));
        }
    }
    return ERR_OK;
}

static enum err
put_invoice(const struct recon_invoice *invoice, int64_t run_id, struct db_writer *row)
{
    TRY(db_write_row(row, CELLS));
    db_write_i64(row, run_id);
    db_write_text(row, invoice->owner);
    db_write_text(row, invoice->order_no);
    db_write_text(row, invoice->invoice_id);
    db_write_text(row, invoice->reported_under);
    db_write_text(row, span_of(invoice_kind_code(invoice->kind)));
    db_write_bool(row, invoice->red);
    db_write_text(row, invoice->status);
    db_write_i64(row, invoice->net_fen);
    db_write_i64(row, invoice->tax_fen);
    db_write_i64(row, invoice->total_fen);
    db_write_i64(row, invoice->merged ? invoice->share_fen : invoice->total_fen);
    db_write_time(row, invoice->asked_at);
    db_write_time(row, invoice->issued_at);
    return row->err;
}

enum err
run_copy_invoices(const struct run *run, int64_t run_id)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct index orders;
    size_t count = 0;
    TRY(find_orders(run, NULL, &count));
    TRY(run_arena(run->request, &arena));
    TRY(index_init(&orders, arena, count));
    TRY(find_orders(run, &orders, &count));
    TRY(db_write_open(run->session, STATEMENT_recon_copy_invoice, &writer));
    for (size_t i = 0; i < run->invoice_count; i++) {
        const struct recon_invoice *invoice = &run->invoices[i];
        if (index_find(&orders, invoice->owner, invoice->order_no) != INDEX_NONE) {
            TRY(put_invoice(invoice, run_id, &writer));
        }
    }
    return db_write_close(&writer);
}
