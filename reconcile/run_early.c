/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

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
    TRY(db_copy_open(run->session, STATEMENT_recon_copy_early));
    for (size_t i = 0; i < run->early_count; i++) {
        const struct recon_early *early = &run->early[i];
        struct run_row row = { .count = 0, .err = ERR_OK };
        run_put_i64(&row, run_id);
        run_put_i64(&row, early->number);
        run_put_bool(&row, early->refund);
        run_put(&row, early->provider_trade_no);
        run_put(&row, early->merchant_order_no);
        run_put(&row, early->refund_no);
        run_put_i64(&row, early->fen);
        run_put_time(&row, early->at);
        run_put_bool(&row, early->pending);
        run_put(&row, early->raw);
        TRY(run_send_row(run, &row));
    }
    return run_copy_end(run, run->early_count);
}
