/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

static enum err
take_days(const struct db_rows *rows, size_t i, struct recon_manual *manual)
{
    TRY(day_parse(db_row_text(rows, i, "received_on"), &manual->received_on));
    TRY(day_parse(db_row_text(rows, i, "recorded_on"), &manual->recorded_on));
    return day_parse(db_row_text(rows, i, "decided_on"), &manual->decided_on);
}

static enum err
take_manual(struct run *run, const struct db_rows *rows, size_t i)
{
    struct recon_manual *manual = &run->manuals[i];
    TRY(run_take_text(run, rows, i, "owner", &manual->owner));
    TRY(run_take_text(run, rows, i, "order_no", &manual->order_no));
    TRY(run_take_text(run, rows, i, "voucher", &manual->voucher));
    TRY(run_take_text(run, rows, i, "payer_name", &manual->payer_name));
    manual->number = db_row_i64(rows, i, "number");
    manual->out = db_row_bool(rows, i, "out");
    manual->confirmed = db_row_bool(rows, i, "confirmed");
    manual->self = db_row_bool(rows, i, "self");
    manual->attached = db_row_bool(rows, i, "attached");
    manual->amount_fen = db_row_i64(rows, i, "amount_fen");
    manual->deposit_fen = db_row_i64(rows, i, "deposit_fen");
    return take_days(rows, i, manual);
}

enum err
run_read_manuals(struct run *run, const struct db_params *params)
{
    void *storage = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_manuals, params, &rows));
    run->manual_count = db_rows_count(rows);
    TRY(run_room_for(run, run->manual_count, sizeof(*run->manuals), &storage));
    run->manuals = storage;
    for (size_t i = 0; i < run->manual_count; i++) {
        TRY(take_manual(run, rows, i));
    }
    return ERR_OK;
}
