/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "match.h"
#include "number.h"
#include "progress.h"
#include "run_parts.h"

enum err
run_grow(void **list, size_t room, size_t size)
{
    void *grown = reallocarray(*list, room, size);
    if (grown == NULL) {
        return ERR_NO_MEMORY;
    }
    *list = grown;
    return ERR_OK;
}

enum err
run_lines_room(struct run_lines *lines, size_t more)
{
    size_t room = lines->room;
    while (lines->count + more > room) {
        room = room == 0 ? RUN_ROOM_FIRST : room * 2;
    }
    if (room > lines->room) {
        TRY(run_grow((void **)&lines->list, room, sizeof(*lines->list)));
        TRY(run_grow((void **)&lines->raw, room, sizeof(*lines->raw)));
        lines->room = room;
    }
    return ERR_OK;
}

struct recon_line
run_line_of(const struct bill_line *line)
{
    return (struct recon_line){
        .number = line->number,
        .kind = line->kind,
        .provider_trade_no = line->provider_trade_no,
        .merchant_order_no = line->merchant_order_no,
        .refund_no = line->refund_no,
        .application = line->application,
        .face_fen = line->face.minor,
        .effective_fen = line->effective.minor,
        .fee_fen = line->fee.minor,
        .at = line->at,
        .coupon_fen = line->coupon_fen,
        .rate_ppm = line->rate_ppm,
        .promoted = line->promoted,
        .card = line->card,
        .method = line->method,
        .other_currency = line->other_currency,
        .other_route = line->other_route,
        .dispute = line->dispute,
        .pending = line->pending,
    };
}

enum err
run_keep_line(void *context, const struct bill_line *line)
{
    struct run *run = context;
    struct run_lines *lines = &run->lines;
    TRY(run_lines_room(lines, 1));
    struct recon_line *kept = &lines->list[lines->count];
    *kept = run_line_of(line);
    TRY(arena_copy(run->arena, line->application, &kept->application));
    TRY(arena_copy(run->arena, line->provider_trade_no, &kept->provider_trade_no));
    TRY(arena_copy(run->arena, line->merchant_order_no, &kept->merchant_order_no));
    TRY(arena_copy(run->arena, line->refund_no, &kept->refund_no));
    TRY(arena_copy(run->arena, line->raw, &lines->raw[lines->count]));
    lines->count++;
    return ERR_OK;
}

enum err
run_array_add(struct buf *out, struct span value)
{
    TRY(buf_text(out, out->len == 0 ? "{\"" : ",\""));
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\') {
            TRY(buf_byte(out, '\\'));
        }
        TRY(buf_byte(out, value.at[i]));
    }
    return buf_byte(out, '"');
}

enum err
run_array_add_i64(struct buf *out, int64_t value)
{
    TRY(buf_byte(out, out->len == 0 ? '{' : ','));
    return buf_i64(out, value);
}

enum err
run_array_end(struct buf *out)
{
    return buf_text(out, out->len == 0 ? "{}" : "}");
}

/* Attempts that lines name: the number tells the slot, so the rows are found by key. */
static enum err
named_by_lines(const struct run *run, struct buf *slots, struct buf *numbers)
{
    for (size_t i = 0; i < run->lines.count + run->early_count; i++) {
        struct span number;
        int slot = 0;
        TRY(match_tidy(run->arena, run->lines.list[i].merchant_order_no, &number));
        if (number_attempt_check(number, &slot) == ERR_OK) {
            TRY(run_array_add_i64(slots, slot));
            TRY(run_array_add(numbers, number));
        }
    }
    TRY(run_array_end(slots));
    return run_array_end(numbers);
}

enum err
run_take_text(const struct run *run, const struct db_rows *rows, size_t row, const char *column,
              struct span *out)
{
    return arena_copy(run->arena, db_row_text(rows, row, column), out);
}

static enum err
take_member(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_member *member = &run->members[i];
    TRY(run_take_text(run, rows, i, "attempt_no", &member->attempt_no));
    TRY(run_take_text(run, rows, i, "provider_trade_no", &member->provider_trade_no));
    TRY(run_take_text(run, rows, i, "owner", &member->owner));
    TRY(run_take_text(run, rows, i, "order_no", &member->order_no));
    TRY(attempt_state_decode(db_row_text(rows, i, "state"), &member->state));
    TRY(adapter_method_decode(db_row_text(rows, i, "method"), &member->method));
    member->amount_fen = db_row_i64(rows, i, "amount_fen");
    member->paid_at = db_row_time(rows, i, "paid_at");
    member->created_at = db_row_time(rows, i, "created_at");
    member->counted = db_row_bool(rows, i, "counted");
    member->carried_in = db_row_bool(rows, i, "carried_in");
    member->denied = db_row_bool(rows, i, "denied");
    run->member_slots[i] = db_row_i64(rows, i, "slot");
    return ERR_OK;
}

enum err
run_room_for(const struct run *run, size_t count, size_t size, void **out)
{
    return arena_array(run->arena, count == 0 ? 1 : count, size, out);
}

static enum err
read_members(struct run *run)
{
    void *storage = NULL;
    const struct recon_request *request = run->request;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(buf_fini) struct buf slots = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    DEFER(buf_fini) struct buf numbers = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    struct db_params params;
    TRY(named_by_lines(run, &slots, &numbers));
    db_params_init(&params, run->arena);
    db_cstr(&params, request->account->name);
    db_text(&params, request->kind);
    db_day(&params, request->day);
    db_time(&params, day_start(request->day, ZONE_CHINA_MIN));
    db_time(&params, day_start(day_add(request->day, 1), ZONE_CHINA_MIN));
    db_text(&params, buf_span(&slots));
    db_text(&params, buf_span(&numbers));
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_members, &params, &rows));
    run->member_count = db_rows_count(rows);
    TRY(run_room_for(run, run->member_count, sizeof(*run->members), &storage));
    run->members = storage;
    TRY(run_room_for(run, run->member_count, sizeof(*run->member_slots), &storage));
    run->member_slots = storage;
    for (size_t i = 0; i < run->member_count; i++) {
        TRY(take_member(run, rows, i));
    }
    return ERR_OK;
}

/* The six parameters that the statements about orders share. */
static enum err
order_params(const struct run *run, struct db_params *params)
{
    DEFER(buf_fini) struct buf slots = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    DEFER(buf_fini) struct buf owners = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    DEFER(buf_fini) struct buf orders = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    for (size_t i = 0; i < run->member_count; i++) {
        TRY(run_array_add_i64(&slots, run->member_slots[i]));
        TRY(run_array_add(&owners, run->members[i].owner));
        TRY(run_array_add(&orders, run->members[i].order_no));
    }
    for (size_t i = 0; i < run->refund_count; i++) {
        TRY(run_array_add_i64(&slots, run->refund_slots[i]));
        TRY(run_array_add(&owners, run->refunds[i].owner));
        TRY(run_array_add(&orders, run->refunds[i].order_no));
    }
    TRY(run_array_end(&slots));
    TRY(run_array_end(&owners));
    TRY(run_array_end(&orders));
    db_params_init(params, run->arena);
    db_text(params, buf_span(&slots));
    db_text(params, buf_span(&owners));
    db_text(params, buf_span(&orders));
    db_time(params, day_start(run->request->day, ZONE_CHINA_MIN));
    db_time(params, day_start(day_add(run->request->day, 1), ZONE_CHINA_MIN));
    db_cstr(params, run->request->account->name);
    return params->err;
}

static enum err
stage_of(struct span status, enum recon_order_stage *out)
{
    static const struct {
        const char *status;
        enum recon_order_stage stage;
    } rows[] = {
        { "draft", RECON_ORDER_UNPAID },     { "paid", RECON_ORDER_PAID },
        { "submitted", RECON_ORDER_PAID },   { "reviewed", RECON_ORDER_PAID },
        { "issued", RECON_ORDER_PAID },      { "rejected", RECON_ORDER_CLOSED },
        { "cancelled", RECON_ORDER_CLOSED },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_eq_cstr(status, rows[i].status)) {
            *out = rows[i].stage;
            return ERR_OK;
        }
    }
    return ERR_DB_ROWS;
}

/* An empty word is nothing said. */
static enum err
kind_said(struct span word, enum invoice_kind *out)
{
    return span_empty(word) ? ERR_OK : invoice_kind_decode(word, out);
}

/* What the portal says of it now. */
static enum err
take_said(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_order *order = &run->orders[i];
    TRY(run_take_text(run, rows, i, "said_kind", &order->said_kind));
    order->said_quantity = db_row_i64(rows, i, "said_quantity");
    order->said_unit_fee_fen = db_row_i64(rows, i, "said_unit_fee_fen");
    order->said_amount_fen = db_row_i64(rows, i, "said_amount_fen");
    order->said_refunded_fen = db_row_i64(rows, i, "said_refunded_fen");
    order->like_paid = db_row_bool(rows, i, "like_paid");
    return ERR_OK;
}

static enum err
take_order(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_order *order = &run->orders[i];
    TRY(run_take_text(run, rows, i, "owner", &order->owner));
    TRY(run_take_text(run, rows, i, "order_no", &order->order_no));
    TRY(run_take_text(run, rows, i, "unit_name", &order->unit_name));
    TRY(run_take_text(run, rows, i, "status", &order->status));
    TRY(run_take_text(run, rows, i, "kind", &order->kind));
    TRY(run_take_text(run, rows, i, "title", &order->title));
    TRY(run_take_text(run, rows, i, "tax_no", &order->tax_no));
    order->amount_fen = db_row_i64(rows, i, "amount_fen");
    order->unit_fee_fen = db_row_i64(rows, i, "unit_fee_fen");
    order->quantity = db_row_i64(rows, i, "quantity");
    order->issued_quantity = db_row_i64(rows, i, "issued_quantity");
    TRY(kind_said(db_row_text(rows, i, "invoice_kind"), &order->invoice_kind));
    TRY(take_said(run, rows, i));
    order->invoiced_fen = db_row_i64(rows, i, "invoiced_fen");
    return stage_of(order->status, &order->stage);
}

static enum err
read_orders(struct run *run)
{
    void *storage = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(order_params(run, &params));
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_orders, &params, &rows));
    run->order_count = db_rows_count(rows);
    TRY(run_room_for(run, run->order_count, sizeof(*run->orders), &storage));
    run->orders = storage;
    for (size_t i = 0; i < run->order_count; i++) {
        TRY(take_order(run, rows, i));
    }
    return ERR_OK;
}

static enum err
read_payments(struct run *run)
{
    void *storage = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(order_params(run, &params));
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_payments, &params, &rows));
    run->payment_count = db_rows_count(rows);
    TRY(run_room_for(run, run->payment_count, sizeof(*run->payments), &storage));
    run->payments = storage;
    for (size_t i = 0; i < run->payment_count; i++) {
        struct recon_payment *payment = &run->payments[i];
        TRY(run_take_text(run, rows, i, "owner", &payment->owner));
        TRY(run_take_text(run, rows, i, "order_no", &payment->order_no));
        TRY(run_take_text(run, rows, i, "attempt_no", &payment->attempt_no));
        TRY(run_take_text(run, rows, i, "account", &payment->account));
        TRY(run_take_text(run, rows, i, "provider", &payment->provider));
        payment->amount_fen = db_row_i64(rows, i, "amount_fen");
        payment->refunded_fen = db_row_i64(rows, i, "refunded_fen");
        payment->refund_open = db_row_bool(rows, i, "refund_open");
        payment->paid_at = db_row_time(rows, i, "paid_at");
    }
    return ERR_OK;
}

static enum err
take_red(const struct db_rows *rows, size_t i, struct recon_invoice *invoice)
{
    struct span reason = db_row_text(rows, i, "red_reason");
    struct span confirmation = db_row_text(rows, i, "confirmation");
    invoice->confirmation_asked_at = db_row_time(rows, i, "confirmation_asked_at");
    if (!span_empty(reason)) {
        TRY(invoice_red_reason_decode(reason, &invoice->red_reason));
    }
    return span_empty(confirmation)
               ? ERR_OK
               : invoice_confirmation_decode(confirmation, &invoice->confirmation);
}

static enum err
take_invoice(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_invoice *invoice = &run->invoices[i];
    TRY(run_take_text(run, rows, i, "owner", &invoice->owner));
    TRY(run_take_text(run, rows, i, "invoice_id", &invoice->invoice_id));
    TRY(run_take_text(run, rows, i, "reported_under", &invoice->reported_under));
    TRY(run_take_text(run, rows, i, "order_no", &invoice->order_no));
    TRY(run_take_text(run, rows, i, "status", &invoice->status));
    TRY(run_take_text(run, rows, i, "title", &invoice->title));
    TRY(run_take_text(run, rows, i, "tax_no", &invoice->tax_no));
    invoice->red = db_row_bool(rows, i, "red");
    invoice->net_fen = db_row_i64(rows, i, "net_fen");
    invoice->tax_fen = db_row_i64(rows, i, "tax_fen");
    invoice->total_fen = db_row_i64(rows, i, "total_fen");
    invoice->asked_at = db_row_time(rows, i, "asked_at");
    invoice->issued_at = db_row_time(rows, i, "issued_at");
    invoice->merged = db_row_bool(rows, i, "merged");
    invoice->share_fen = db_row_i64(rows, i, "share_fen");
    TRY(kind_said(db_row_text(rows, i, "kind"), &invoice->kind));
    return take_red(rows, i, invoice);
}

static enum err
read_invoices(struct run *run)
{
    void *storage = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(order_params(run, &params));
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_invoices, &params, &rows));
    run->invoice_count = db_rows_count(rows);
    TRY(run_room_for(run, run->invoice_count, sizeof(*run->invoices), &storage));
    run->invoices = storage;
    for (size_t i = 0; i < run->invoice_count; i++) {
        TRY(take_invoice(run, rows, i));
    }
    return ERR_OK;
}

/* What fees were off by on the days of this month before, each a fen that was taken for rounding. */
static enum err
read_rounding(struct run *run)
{
    const struct recon_request *request = run->request;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    struct day first = request->day;
    first.mday = 1;
    db_params_init(&params, run->arena);
    db_cstr(&params, request->account->name);
    db_text(&params, request->kind);
    db_day(&params, first);
    db_day(&params, request->day);
    TRY(db_session_run(run->session, STATEMENT_recon_fee_rounding, &params, &rows));
    if (db_rows_count(rows) != 1) {
        return ERR_DB_ROWS;
    }
    run->rounded_fen = db_row_i64(rows, 0, "fen");
    return ERR_OK;
}

static enum err
read_items(struct run *run)
{
    struct db_params params;
    TRY(order_params(run, &params));
    return run_read_items(run, &params);
}

static enum err
read_manuals(struct run *run)
{
    struct db_params params;
    TRY(order_params(run, &params));
    return run_read_manuals(run, &params);
}

void
run_input(struct run *run)
{
    const struct recon_request *request = run->request;
    int zone_min = request->account->adapter->bill_zone_min;
    run->input = (struct recon_input){
        .account = span_of(request->account->name),
        .provider = span_of(request->account->adapter->name),
        .day = request->day,
        .application = span_of(request->account->application),
        .cutoff_east_min = zone_min == 0 ? ZONE_CHINA_MIN : zone_min,
        .as_of = request->as_of,
        .closed_days = run->closed_days,
        .fee_rate_ppm = request->account->fee_rate_ppm,
        .other_numbers = span_of(request->account->other_numbers),
        .other_applications = span_of(request->account->other_applications),
        .fees = request->account->fees,
        .fee_count = request->account->fee_count,
        .fee_rounding_max_fen = request->account->fee_rounding_monthly_max.minor,
        .fee_rounding_before_fen = run->rounded_fen,
        .lines = run->lines.list,
        .line_count = run->lines.count + run->early_count,
        .members = run->members,
        .member_count = run->member_count,
        .refunds = run->refunds,
        .refund_count = run->refund_count,
        .orders = run->orders,
        .order_count = run->order_count,
        .payments = run->payments,
        .payment_count = run->payment_count,
        .invoices = run->invoices,
        .invoice_count = run->invoice_count,
        .manuals = run->manuals,
        .manual_count = run->manual_count,
        .manual_backdate_days = request->manual_backdate_days,
        .tariffs = request->tariffs,
        .tariff_count = request->tariff_count,
        .progress = request->progress,
    };
}

enum err
run_snapshot(struct run *run)
{
    static enum err (*const readers[])(struct run * run) = {
        run_read_closed, read_rounding, run_read_early, read_members, run_read_refunds,
        read_orders,     read_payments, read_invoices,  read_items,   read_manuals,
    };
    const size_t count = sizeof(readers) / sizeof(readers[0]);
    progress_expect(run->request->progress, (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        TRY(readers[i](run));
        progress_add(run->request->progress, 1);
    }
    run_input(run);
    return ERR_OK;
}
