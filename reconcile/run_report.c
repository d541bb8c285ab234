/* SPDX-License-Identifier: Apache-2.0 */
#include "report_papers.h"
#include "run_parts.h"

/* What people are given of a run, made from the run itself: what the database keeps of its results, and what a run without a
 * database prints. report_load reads the same back. */

/* What the order was at the time, so that a reprint needs no other table. */
static void
take_order(const struct run *run, const struct recon_result *result, struct report_row *out)
{
    const struct recon_input *in = &run->input;
    if (result->order != RECON_NONE) {
        const struct recon_order *order = &in->orders[result->order];
        out->owner = order->owner;
        out->order_no = order->order_no;
        out->order_kind = order->kind;
        out->order_status = order->status;
        out->order_fen = order->amount_fen;
        out->title = order->title;
        out->invoiced_fen = order->invoiced_fen;
    } else if (result->member != RECON_NONE) {
        out->owner = in->members[result->member].owner;
        out->order_no = in->members[result->member].order_no;
    } else if (result->refund != RECON_NONE) {
        out->owner = in->refunds[result->refund].owner;
        out->order_no = in->refunds[result->refund].order_no;
    } else if (result->invoice != RECON_NONE) {
        out->owner = in->invoices[result->invoice].owner;
        out->order_no = in->invoices[result->invoice].order_no;
    }
    if (result->invoice != RECON_NONE) {
        out->invoice_id = in->invoices[result->invoice].invoice_id;
    }
}

static void
take_books(const struct run *run, const struct recon_result *result, struct report_row *out)
{
    const struct recon_input *in = &run->input;
    if (result->manual != RECON_NONE) {
        const struct recon_manual *manual = &in->manuals[result->manual];
        out->provider_trade_no = manual->voucher;
        out->paid_at = day_start(manual->received_on, ZONE_CHINA_MIN);
    }
    if (result->refund != RECON_NONE) {
        out->refund_no = in->refunds[result->refund].refund_no;
        out->attempt_state = span_of(refund_state_code(in->refunds[result->refund].state));
        out->paid_at = in->refunds[result->refund].taken_at;
    }
    if (result->member != RECON_NONE) {
        const struct recon_member *member = &in->members[result->member];
        out->attempt_no = member->attempt_no;
        out->attempt_state = span_of(attempt_state_code(member->state));
        out->provider_trade_no = member->provider_trade_no;
        out->paid_at = member->paid_at;
    }
}

/* The provider's number and ours are those of the bill where it has them. */
static void
take_bill(const struct run *run, const struct recon_result *result, struct report_row *out)
{
    const struct recon_input *in = &run->input;
    if (result->movement != RECON_NONE) {
        const struct recon_movement *movement = &in->movements[result->movement];
        out->provider_trade_no = movement->provider_trade_no;
        out->merchant_order_no = movement->merchant_order_no;
        out->billed_at = movement->at;
        out->raw = run->flow.raw[result->movement];
        out->flow_no = (int64_t)movement->number;
        out->flow_fen = movement->fen;
    }
    if (result->line != RECON_NONE) {
        const struct recon_line *line = &in->lines[result->line];
        out->provider_trade_no = line->provider_trade_no;
        out->merchant_order_no = line->merchant_order_no;
        out->billed_at = line->at;
        out->raw = run->lines.raw[result->line];
        out->line_no = line->carried_in ? 0 : (int64_t)line->number;
        out->early_no = line->carried_in ? (int64_t)line->number : 0;
        out->fee_fen = line->fee_fen;
    }
}

void
run_report_row(const struct run *run, const struct recon_result *result, struct report_row *out)
{
    *out = (struct report_row){ .seq = (int64_t)result->seq,
                                .primary = result->primary,
                                .finding_count = result->finding_count,
                                .face_fen = result->face_fen,
                                .b_fen = result->b_fen,
                                .p_fen = result->p_fen,
                                .delta_fen = result->delta_fen,
                                .carry_out = result->carry_out,
                                .fee_judged = result->fee_judged,
                                .fee_due_fen = result->fee_due_fen };
    for (size_t i = 0; i < result->finding_count; i++) {
        out->findings[i] = result->findings[i];
    }
    take_order(run, result, out);
    take_books(run, result, out);
    take_bill(run, result, out);
}

void
run_report_trailer(const struct bill_file *bill, struct recon_cell *out)
{
    out->count = bill->by_trailer.pay_count + bill->by_trailer.refund_count;
    out->fen = bill->by_trailer.pay_fen + bill->by_trailer.refund_fen;
}

struct report
run_report_head(const struct run *run, int64_t version)
{
    const struct recon_request *request = run->request;
    return (struct report){ .form = run->form,
                            .account = span_of(request->account->name),
                            .provider = span_of(request->account->adapter->name),
                            .day = request->day,
                            .version = version,
                            .as_of = request->as_of,
                            .east_min = ZONE_CHINA_MIN,
                            .bill_sha256 = run->sha256,
                            .edited = run->edited,
                            .late_bills = run->late_bills,
                            .trend = run->trend,
                            .trend_count = run->trend_count,
                            .by_form = bill_form_any_used(&run->forms),
                            .of_settlement = run_is_settlement(run),
                            .settlement = run->settlement,
                            .sheet = run->output.sheet };
}

enum err
run_report(const struct run *run, const struct bill_file *bill, int64_t version, struct report *out)
{
    void *room = NULL;
    TRY(run_room_for(run, run->output.count, sizeof(struct report_row), &room));
    struct report_row *rows = room;
    for (size_t i = 0; i < run->output.count; i++) {
        run_report_row(run, &run->output.results[i], &rows[i]);
    }
    *out = run_report_head(run, version);
    out->rows = rows;
    out->row_count = run->output.count;
    run_report_trailer(bill, &out->trailer);
    TRY(run_report_items(run, out));
    TRY(report_papers_take(run->invoices, run->invoice_count, run->arena, out));
    return run_report_stories(run, out);
}
