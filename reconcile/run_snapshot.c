/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

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

enum err
run_take_text(const struct run *run, const struct db_rows *rows, size_t row, const char *column,
              struct span *out)
{
    return arena_copy(run->arena, db_row_text(rows, row, column), out);
}

enum err
run_room_for(const struct run *run, size_t count, size_t size, void **out)
{
    return arena_array(run->arena, count == 0 ? 1 : count, size, out);
}

enum err
run_list_add(struct run_list *list, size_t size, void **out)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? RUN_ROOM_FIRST : list->room * 2;
        TRY(run_grow(&list->at, room, size));
        list->room = room;
    }
    *out = (unsigned char *)list->at + list->count * size;
    memset(*out, 0, size);
    list->count++;
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
        run_read_closed,
        read_rounding,
        run_read_early,
        run_read_books,
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
