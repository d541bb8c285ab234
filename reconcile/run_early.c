/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"
#include "run_parts.h"

#define EARLY_CELLS 10

/* The lines that the day before carries out to this one, since our books have their money on this day. */

static enum err
take(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_early *early = &run->early[i];
    *early = (struct recon_early){ .number = db_row_i64(rows, i, "number"),
                                   .refund = db_row_bool(rows, i, "refund"),
                                   .fen = db_row_i64(rows, i, "fen"),
                                   .at = db_row_time(rows, i, "at"),
                                   .pending = db_row_bool(rows, i, "pending") };
    TRY(run_take_text(run, rows, i, "provider_trade_no", &early->provider_trade_no));
    TRY(run_take_text(run, rows, i, "merchant_order_no", &early->merchant_order_no));
    TRY(run_take_text(run, rows, i, "refund_no", &early->refund_no));
    return run_take_text(run, rows, i, "raw", &early->raw);
}

enum err
run_read_early(struct run *run)
{
    void *storage = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    run_day_params(run, run->request->day, &params);
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_early, &params, &rows));
    run->early_count = db_rows_count(rows);
    TRY(run_room_for(run, run->early_count, sizeof(*run->early), &storage));
    run->early = storage;
    for (size_t i = 0; i < run->early_count; i++) {
        TRY(take(run, rows, i));
    }
    return run_put_early(run);
}

struct recon_line
run_line_of_early(const struct recon_early *early)
{
    return (struct recon_line){ .number = (size_t)early->number,
                                .kind = early->refund ? BILL_LINE_REFUND : BILL_LINE_PAY,
                                .provider_trade_no = early->provider_trade_no,
                                .merchant_order_no = early->merchant_order_no,
                                .refund_no = early->refund_no,
                                .effective_fen = early->fen,
                                .at = early->at,
                                .pending = early->pending,
                                .carried_in = true };
}

enum err
run_put_early(struct run *run)
{
    struct run_lines *lines = &run->lines;
    TRY(run_lines_room(lines, run->early_count));
    for (size_t i = 0; i < run->early_count; i++) {
        const struct recon_early *early = &run->early[i];
        lines->list[lines->count + i] = run_line_of_early(early);
        lines->raw[lines->count + i] = early->raw;
    }
    return ERR_OK;
}

enum err
run_copy_early(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_recon_copy_early, row));
    for (size_t i = 0; i < run->early_count; i++) {
        const struct recon_early *early = &run->early[i];
        progress_add(run->request->progress, 1);
        TRY(db_write_row(row, EARLY_CELLS));
        db_write_i64(row, run_id);
        db_write_i64(row, early->number);
        db_write_bool(row, early->refund);
        db_write_text(row, early->provider_trade_no);
        db_write_text(row, early->merchant_order_no);
        db_write_text(row, early->refund_no);
        db_write_i64(row, early->fen);
        db_write_time(row, early->at);
        db_write_bool(row, early->pending);
        db_write_text(row, early->raw);
    }
    return db_write_close(&writer);
}
