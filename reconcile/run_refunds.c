/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"
#include "progress.h"
#include "run_parts.h"

#define REFUND_CELLS 10 /* columns that the COPY file names */

/* Refunds that lines name: the number tells the slot, so the rows are found by key. */
static enum err
named_by_lines(const struct run *run, struct buf *slots, struct buf *numbers)
{
    for (size_t i = 0; i < run->lines.count + run->early_count; i++) {
        struct span number = run->lines.list[i].refund_no;
        int slot = 0;
        if (number_refund_check(number, &slot) == ERR_OK) {
            TRY(run_array_add_i64(slots, slot));
            TRY(run_array_add(numbers, number));
        }
    }
    TRY(run_array_end(slots));
    return run_array_end(numbers);
}

static enum err
take_refund(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_refund *refund = &run->refunds[i];
    TRY(run_take_text(run, rows, i, "refund_no", &refund->refund_no));
    TRY(run_take_text(run, rows, i, "attempt_no", &refund->attempt_no));
    TRY(run_take_text(run, rows, i, "owner", &refund->owner));
    TRY(run_take_text(run, rows, i, "order_no", &refund->order_no));
    TRY(refund_state_decode(db_row_text(rows, i, "state"), &refund->state));
    refund->amount_fen = db_row_i64(rows, i, "amount_fen");
    refund->approved = db_row_bool(rows, i, "approved");
    refund->sent_at = db_row_time(rows, i, "first_sent_at");
    refund->taken_at = db_row_time(rows, i, "taken_at");
    refund->counted = db_row_bool(rows, i, "counted");
    refund->carried_in = db_row_bool(rows, i, "carried_in");
    return ERR_OK;
}

enum err
run_read_refunds(struct run *run, struct run_found *found)
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
    db_time(&params, day_start(day_add(request->day, 1), ZONE_CHINA_MIN));
    db_text(&params, buf_span(&slots));
    db_text(&params, buf_span(&numbers));
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_refunds, &params, &rows));
    run->refund_count = db_rows_count(rows);
    TRY(run_room_for(run, run->refund_count, sizeof(*run->refunds), &storage));
    run->refunds = storage;
    for (size_t i = 0; i < run->refund_count; i++) {
        TRY(take_refund(run, rows, i));
        TRY(run_found_add(found, &found->named, db_row_i64(rows, i, "slot"), run->refunds[i].owner,
                          run->refunds[i].order_no));
    }
    return ERR_OK;
}

enum err
run_copy_refunds(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_recon_copy_refund, row));
    for (size_t i = 0; i < run->refund_count; i++) {
        const struct recon_refund *refund = &run->refunds[i];
        progress_add(run->request->progress, 1);
        TRY(db_write_row(row, REFUND_CELLS));
        db_write_i64(row, run_id);
        db_write_text(row, refund->refund_no);
        db_write_text(row, refund->attempt_no);
        db_write_text(row, refund->owner);
        db_write_text(row, refund->order_no);
        db_write_text(row, span_of(refund_state_code(refund->state)));
        db_write_i64(row, refund->amount_fen);
        db_write_time(row, refund->taken_at);
        db_write_bool(row, refund->counted);
        db_write_bool(row, refund->carried_in);
    }
    return db_write_close(&writer);
}
