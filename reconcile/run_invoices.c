/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

static enum err
take_red(struct db_reader *reader, struct recon_invoice *invoice)
{
    struct span reason = db_read_text(reader);
    struct span confirmation = db_read_text(reader);
    if (!span_empty(reason)) {
        TRY(invoice_red_reason_decode(reason, &invoice->red_reason));
    }
    return span_empty(confirmation)
               ? ERR_OK
               : invoice_confirmation_decode(confirmation, &invoice->confirmation);
}

static enum err
take_texts(const struct run *run, struct db_reader *reader, struct recon_invoice *invoice)
{
    struct span *const texts[] = {
        &invoice->owner,  &invoice->invoice_id, &invoice->reported_under, &invoice->order_no,
        &invoice->status, &invoice->title,      &invoice->tax_no,
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(run_read_text(run, reader, texts[i]));
    }
    TRY(run_kind_said(db_read_text(reader), &invoice->kind));
    return take_red(reader, invoice);
}

static enum err
take_invoice(struct run *run, struct db_reader *reader, struct recon_invoice **out)
{
    void *room = NULL;
    TRY(run_list_add(&run->read[PACK_INVOICES], sizeof(struct recon_invoice), &room));
    struct recon_invoice *invoice = room;
    TRY(take_texts(run, reader, invoice));
    invoice->red = db_read_bool(reader);
    invoice->net_fen = db_read_i64(reader);
    invoice->tax_fen = db_read_i64(reader);
    invoice->total_fen = db_read_i64(reader);
    invoice->share_fen = db_read_i64(reader);
    invoice->merged = db_read_bool(reader);
    invoice->asked_at = db_read_time(reader);
    invoice->issued_at = db_read_time(reader);
    invoice->confirmation_asked_at = db_read_time(reader);
    *out = invoice;
    return ERR_OK;
}

static enum err
add_to_order(const struct run *run, const struct run_found *found,
             const struct recon_invoice *invoice)
{
    struct recon_order *order = run_found_order(run, found, invoice->owner, invoice->order_no);
    if (order == NULL || !span_eq_cstr(invoice->status, "issued")) {
        return ERR_OK;
    }
    return __builtin_add_overflow(order->invoiced_fen, invoice->share_fen, &order->invoiced_fen)
               ? ERR_AMOUNT_OVERFLOW
               : ERR_OK;
}

enum err
run_read_invoices(struct run *run, const struct run_found *found)
{
    bool more = false;
    struct recon_invoice *invoice = NULL;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_invoices, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        TRY(take_invoice(run, &reader, &invoice));
        TRY(add_to_order(run, found, invoice));
        TRY(db_read_next(&reader, &more));
    }
    run->invoices = run->read[PACK_INVOICES].at;
    run->invoice_count = run->read[PACK_INVOICES].count;
    return ERR_OK;
}
