/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto.h"
#include "run_parts.h"

/* What went in and what came out, one value a line, names before values, so that nothing can run
 * together: lengths stand before texts. The time of the run itself is not in it; what time changes
 * (an invoice becomes overdue) shows in what came out. Rows are read and results made in a fixed
 * order. */

#define TEXT_MAX 256

static enum err
add_i64(struct crypto_sha256_stream *stream, int64_t value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    TRY(buf_i64(&text, value));
    TRY(buf_byte(&text, '\n'));
    return crypto_sha256_update(stream, buf_span(&text));
}

static enum err
add_text(struct crypto_sha256_stream *stream, struct span text)
{
    TRY(add_i64(stream, (int64_t)text.len));
    return crypto_sha256_update(stream, text);
}

static enum err
add_members(struct crypto_sha256_stream *stream, const struct run *run)
{
    for (size_t i = 0; i < run->member_count; i++) {
        const struct recon_member *member = &run->members[i];
        TRY(add_text(stream, member->attempt_no));
        TRY(add_text(stream, member->provider_trade_no));
        TRY(add_i64(stream, member->state));
        TRY(add_i64(stream, member->amount_fen));
        TRY(add_i64(stream, member->paid_at.us));
        TRY(add_i64(stream, (member->counted ? 1 : 0) + (member->carried_in ? 2 : 0)
                                + (member->denied ? 4 : 0)));
    }
    return ERR_OK;
}

static enum err
add_refunds(struct crypto_sha256_stream *stream, const struct run *run)
{
    for (size_t i = 0; i < run->refund_count; i++) {
        const struct recon_refund *refund = &run->refunds[i];
        TRY(add_text(stream, refund->refund_no));
        TRY(add_i64(stream, refund->state));
        TRY(add_i64(stream, refund->amount_fen));
        TRY(add_i64(stream, refund->taken_at.us));
        TRY(add_i64(stream, (refund->counted ? 1 : 0) + (refund->carried_in ? 2 : 0)
                                + (refund->approved ? 4 : 0)));
    }
    return ERR_OK;
}

static enum err
add_orders(struct crypto_sha256_stream *stream, const struct run *run)
{
    for (size_t i = 0; i < run->order_count; i++) {
        const struct recon_order *order = &run->orders[i];
        TRY(add_text(stream, order->owner));
        TRY(add_text(stream, order->order_no));
        TRY(add_text(stream, order->status));
        TRY(add_i64(stream, order->amount_fen));
        TRY(add_i64(stream, order->issued_quantity));
        TRY(add_i64(stream, order->invoice_kind));
        TRY(add_text(stream, order->said_kind));
        TRY(add_i64(stream, order->said_quantity));
        TRY(add_i64(stream, order->said_unit_fee_fen));
        TRY(add_i64(stream, order->said_amount_fen));
        TRY(add_i64(stream, order->said_refunded_fen));
        TRY(add_i64(stream, order->like_paid ? 1 : 0));
        TRY(add_i64(stream, run->order_invoiced[i]));
    }
    for (size_t i = 0; i < run->payment_count; i++) {
        TRY(add_text(stream, run->payments[i].attempt_no));
        TRY(add_i64(stream, run->payments[i].amount_fen));
        TRY(add_i64(stream, run->payments[i].refunded_fen));
        TRY(add_i64(stream, run->payments[i].refund_open ? 1 : 0));
    }
    return ERR_OK;
}

static enum err
add_invoices(struct crypto_sha256_stream *stream, const struct run *run)
{
    for (size_t i = 0; i < run->invoice_count; i++) {
        const struct recon_invoice *invoice = &run->invoices[i];
        TRY(add_text(stream, invoice->owner));
        TRY(add_text(stream, invoice->invoice_id));
        TRY(add_text(stream, invoice->order_no));
        TRY(add_text(stream, invoice->status));
        TRY(add_i64(stream, invoice->total_fen));
        TRY(add_i64(stream, invoice->tax_fen));
        TRY(add_i64(stream, invoice->issued_at.us));
        TRY(add_i64(stream, invoice->merged ? invoice->share_fen : 0));
        TRY(add_i64(stream, invoice->kind));
        TRY(add_i64(stream, invoice->red_reason));
        TRY(add_i64(stream, invoice->confirmation));
        TRY(add_i64(stream, invoice->confirmation_asked_at.us));
    }
    return ERR_OK;
}

static enum err
add_manuals(struct crypto_sha256_stream *stream, const struct run *run)
{
    for (size_t i = 0; i < run->manual_count; i++) {
        const struct recon_manual *manual = &run->manuals[i];
        TRY(add_text(stream, manual->owner));
        TRY(add_text(stream, manual->order_no));
        TRY(add_i64(stream, manual->number));
        TRY(add_i64(stream, (manual->out ? 1 : 0) + (manual->confirmed ? 2 : 0)));
        TRY(add_i64(stream, manual->amount_fen));
        TRY(add_i64(stream, manual->deposit_fen));
        TRY(add_text(stream, manual->voucher));
    }
    return ERR_OK;
}

static enum err
add_results(struct crypto_sha256_stream *stream, const struct run *run)
{
    for (size_t i = 0; i < run->output.count; i++) {
        const struct recon_result *result = &run->output.results[i];
        TRY(add_text(stream, span_of(finding_name(result->primary))));
        for (size_t f = 0; f < result->finding_count; f++) {
            TRY(add_text(stream, span_of(finding_name(result->findings[f]))));
        }
        TRY(add_i64(stream, result->delta_fen));
        TRY(add_i64(stream, result->fee_judged ? 1 : 0));
        TRY(add_i64(stream, result->fee_due_fen));
    }
    return ERR_OK;
}

static enum err
add_faults(struct crypto_sha256_stream *stream, const struct bill_file *bill)
{
    for (int i = 0; i < FINDING_COUNT; i++) {
        if (bill->found[i]) {
            TRY(add_text(stream, span_of(finding_name((enum finding)i))));
        }
    }
    return ERR_OK;
}

static enum err
add_flow(struct crypto_sha256_stream *stream, const struct run *run)
{
    const struct recon_input *in = &run->input;
    TRY(add_text(stream, run->flow.sha256));
    TRY(add_i64(stream, (in->flow_balanced ? 1 : 0) + (in->flow_opening_proved ? 2 : 0)));
    TRY(add_i64(stream, in->flow_opening_fen));
    return add_i64(stream, in->flow_closing_fen);
}

static enum err
add_all(struct crypto_sha256_stream *stream, const struct run *run, const struct bill_file *bill)
{
    TRY(add_i64(stream, RUN_RULES_VERSION));
    TRY(add_text(stream, run->sha256));
    TRY(add_faults(stream, bill));
    TRY(add_flow(stream, run));
    TRY(add_members(stream, run));
    TRY(add_refunds(stream, run));
    TRY(add_orders(stream, run));
    TRY(add_invoices(stream, run));
    TRY(add_manuals(stream, run));
    return add_results(stream, run);
}

enum err
run_hash(const struct run *run, const struct bill_file *bill, unsigned char out[SHA256_BYTES])
{
    struct crypto_sha256_stream *stream = NULL;
    TRY(crypto_sha256_open(&stream));
    enum err err = add_all(stream, run, bill);
    enum err closed = crypto_sha256_close(&stream, out);
    return err == ERR_OK ? closed : err;
}
