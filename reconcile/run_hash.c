/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_day.h"
#include "run_parts.h"

/* What went in and what came out, one value a line, names before values, so that nothing can run
 * together: lengths stand before texts. The time of the run itself is not in it; what time changes
 * (an invoice becomes overdue) shows in what came out. Rows are read and results made in a fixed
 * order. */

#define TEXT_MAX 256

static enum err
add_i64(struct crypto_stream *stream, int64_t value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    TRY(buf_i64(&text, value));
    TRY(buf_byte(&text, '\n'));
    return crypto_stream_update(stream, buf_span(&text));
}

static enum err
add_text(struct crypto_stream *stream, struct span text)
{
    TRY(add_i64(stream, (int64_t)text.len));
    return crypto_stream_update(stream, text);
}

/* A place in a list, by the number that people know it by. */
static enum err
add_sides(struct crypto_stream *stream, const struct run *run, const struct recon_result *result)
{
    const struct recon_input *in = &run->input;
    const struct recon_line *line = result->line == RECON_NONE ? NULL : &in->lines[result->line];
    TRY(add_i64(stream, line == NULL ? 0 : (int64_t)line->number));
    TRY(add_i64(stream, line != NULL && line->carried_in ? 1 : 0));
    TRY(add_text(stream, result->member == RECON_NONE ? SPAN_LIT("")
                                                      : in->members[result->member].attempt_no));
    TRY(add_text(stream, result->refund == RECON_NONE ? SPAN_LIT("")
                                                      : in->refunds[result->refund].refund_no));
    TRY(add_text(stream,
                 result->order == RECON_NONE ? SPAN_LIT("") : in->orders[result->order].order_no));
    TRY(add_text(stream, result->invoice == RECON_NONE ? SPAN_LIT("")
                                                       : in->invoices[result->invoice].invoice_id));
    TRY(add_i64(stream, result->movement == RECON_NONE
                            ? 0
                            : (int64_t)in->movements[result->movement].number));
    return add_i64(stream, result->manual == RECON_NONE ? 0 : in->manuals[result->manual].number);
}

static enum err
add_result(struct crypto_stream *stream, const struct run *run, const struct recon_result *result)
{
    TRY(add_sides(stream, run, result));
    TRY(add_text(stream, span_of(finding_name(result->primary))));
    TRY(add_i64(stream, (int64_t)result->finding_count));
    for (size_t i = 0; i < result->finding_count; i++) {
        TRY(add_text(stream, span_of(finding_name(result->findings[i]))));
    }
    TRY(add_i64(stream, result->face_fen));
    TRY(add_i64(stream, result->b_fen));
    TRY(add_i64(stream, result->p_fen));
    TRY(add_i64(stream, result->delta_fen));
    TRY(add_i64(stream, result->fee_judged ? 1 : 0));
    TRY(add_i64(stream, result->fee_due_fen));
    return add_i64(stream, result->carry_out ? 1 : 0);
}

static enum err
add_settled(struct crypto_stream *stream, const struct report_row *row)
{
    TRY(add_text(stream, row->payout_no));
    TRY(add_text(stream, row->deposit_no));
    TRY(add_text(stream, span_of(finding_name(row->primary))));
    TRY(add_i64(stream, (int64_t)row->finding_count));
    for (size_t i = 0; i < row->finding_count; i++) {
        TRY(add_text(stream, span_of(finding_name(row->findings[i]))));
    }
    TRY(add_i64(stream, row->b_fen));
    TRY(add_i64(stream, row->p_fen));
    TRY(add_i64(stream, row->fee_fen));
    return add_i64(stream, row->carry_out ? 1 : 0);
}

/* The results of settlement, and which line stands for what. */
static enum err
add_allocated(struct crypto_stream *stream, const struct run *run)
{
    const struct deposit_output *made = &run->allocated;
    TRY(add_i64(stream, (int64_t)made->count));
    for (size_t i = 0; i < made->count; i++) {
        TRY(add_settled(stream, &run->settled[i]));
    }
    for (size_t i = 0; i < made->alloc_count; i++) {
        TRY(add_text(stream, run->deposits.entries[made->allocs[i].entry].deposit_no));
        TRY(add_text(stream, run->deposits.payouts[made->allocs[i].payout].reference));
        TRY(add_i64(stream, made->allocs[i].fen));
    }
    return ERR_OK;
}

static enum err
add_results(struct crypto_stream *stream, const struct run *run)
{
    if (run_is_settlement(run)) {
        return add_allocated(stream, run);
    }
    TRY(add_i64(stream, (int64_t)run->output.count));
    for (size_t i = 0; i < run->output.count; i++) {
        TRY(add_result(stream, run, &run->output.results[i]));
    }
    return ERR_OK;
}

static enum err
add_faults(struct crypto_stream *stream, const struct bill_file *bill)
{
    for (int i = 0; i < FINDING_COUNT; i++) {
        if (bill->found[i]) {
            TRY(add_text(stream, span_of(finding_name((enum finding)i))));
        }
    }
    return ERR_OK;
}

/* As which headers the bills were read. */
static enum err
add_forms(struct crypto_stream *stream, const struct bill_forms *forms)
{
    for (size_t i = 0; i < forms->count; i++) {
        if (forms->list[i].used) {
            TRY(add_text(stream, forms->list[i].kind));
            TRY(add_text(stream, forms->list[i].came));
            TRY(add_text(stream, forms->list[i].read_as));
        }
    }
    return ERR_OK;
}

static enum err
add_flow(struct crypto_stream *stream, const struct run *run)
{
    const struct recon_input *in = &run->input;
    TRY(add_text(stream, run->flow.sha256));
    TRY(add_i64(stream, (in->flow_balanced ? 1 : 0) + (in->flow_opening_proved ? 2 : 0)));
    TRY(add_i64(stream, in->flow_opening_fen));
    return add_i64(stream, in->flow_closing_fen);
}

static enum err
add_all(struct crypto_stream *stream, const struct run *run, const struct bill_file *bill)
{
    TRY(add_i64(stream, RUN_RULES_VERSION));
    TRY(add_text(stream, run->sha256));
    TRY(run->edited ? add_text(stream, span_of(finding_name(FINDING_FILE_EDITED))) : ERR_OK);
    TRY(add_forms(stream, &run->forms));
    TRY(add_faults(stream, bill));
    TRY(add_flow(stream, run));
    TRY(add_text(stream, run->late_bills));
    int end = pack_day_end_list(run->request->kind);
    for (int i = pack_day_first_list(run->request->kind); i < end; i++) {
        TRY(span_empty(run->file_sha256[i]) ? ERR_OK : add_text(stream, run->file_sha256[i]));
    }
    return add_results(stream, run);
}

enum err
run_hash(const struct run *run, const struct bill_file *bill, unsigned char out[SHA256_BYTES])
{
    struct crypto_stream *stream = NULL;
    TRY(crypto_sha256_open(&stream));
    enum err err = add_all(stream, run, bill);
    enum err closed = crypto_stream_close(&stream, out);
    return err == ERR_OK ? closed : err;
}

enum err
run_hash_results(const struct run *run, unsigned char out[SHA256_BYTES])
{
    struct crypto_stream *stream = NULL;
    TRY(crypto_sha256_open(&stream));
    enum err err = add_results(stream, run);
    enum err closed = crypto_stream_close(&stream, out);
    return err == ERR_OK ? closed : err;
}
