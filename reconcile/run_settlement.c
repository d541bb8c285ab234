/* SPDX-License-Identifier: Apache-2.0 */
#include "deposit_file.h"
#include "run_parts.h"

#define PLAN_ARENA_BYTES ((size_t)64 * 1024)

/* A day of settlement: what moved between the account and the bank by the runs that count, the bank's lines of the day, and what the
 * day before left open. */

static enum err
read_payouts(struct run *run, const struct db_params *params)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    void *memory = NULL;
    TRY(db_session_run(run->session, STATEMENT_settlement_payouts, params, &rows));
    TRY(run_room_for(run, db_rows_count(rows), sizeof(struct deposit_payout), &memory));
    struct deposit_payout *list = memory;
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct deposit_payout *payout = &list[i];
        *payout = (struct deposit_payout){ .fen = db_row_i64(rows, i, "fen"),
                                           .banked_fen = db_row_i64(rows, i, "banked_fen"),
                                           .moved = db_row_bool(rows, i, "moved"),
                                           .moved_fen = db_row_i64(rows, i, "moved_fen"),
                                           .returned = db_row_bool(rows, i, "returned") };
        TRY(run_take_text(run, rows, i, "payout_no", &payout->reference));
        TRY(day_parse(db_row_text(rows, i, "day"), &payout->day));
    }
    run->deposits.payouts = list;
    run->deposits.payout_count = db_rows_count(rows);
    return ERR_OK;
}

static enum err
read_lines(struct run *run, const struct db_params *params)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(db_session_run(run->session, STATEMENT_settlement_lines, params, &rows));
    return deposit_file_take_rows(rows, run->arena, &run->deposits);
}

void
run_settlement_frame(struct run *run)
{
    run->deposits.as_of = run->request->day;
    run->deposits.term_days = run->request->account->settle_days;
}

enum err
run_settlement_read(struct run *run)
{
    struct db_params params;
    db_params_init(&params, run->arena);
    db_cstr(&params, run->request->account->name);
    db_day(&params, run->request->day);
    TRY(read_payouts(run, &params));
    TRY(read_lines(run, &params));
    run_settlement_frame(run);
    return deposit_file_load_transfers(run->session, span_of(run->request->account->name),
                                       run->arena, &run->deposits);
}

static void
note(struct report_row *row, bool there, enum finding finding)
{
    if (there) {
        row->findings[row->finding_count++] = finding;
    }
}

static struct report_row
tell(const struct run *run, const struct deposit_result *result, size_t at)
{
    const struct deposit_input *in = &run->deposits;
    struct report_row row = { .seq = (int64_t)at + 1,
                              .primary = result->primary,
                              .b_fen = result->banked_fen,
                              .p_fen = result->settled_fen,
                              .delta_fen = result->delta_fen,
                              .fee_fen = -result->fee_fen,
                              .carry_out = result->delta_fen != 0 };
    if (result->payout != DEPOSIT_NONE) {
        const struct deposit_payout *payout = &in->payouts[result->payout];
        row.payout_no = payout->reference;
        row.provider_trade_no = payout->reference;
        row.paid_at = day_start(payout->day, ZONE_CHINA_MIN);
    } else {
        const struct deposit_entry *entry = &in->entries[result->entry];
        row.deposit_no = entry->deposit_no;
        row.merchant_order_no = entry->deposit_no;
        row.billed_at = day_start(entry->day, ZONE_CHINA_MIN);
    }
    note(&row, result->merged, FINDING_DEP_MERGED);
    note(&row, result->split, FINDING_DEP_SPLIT);
    note(&row, result->fee, FINDING_DEP_FEE);
    return row;
}

enum err
run_settlement_match(struct run *run)
{
    void *memory = NULL;
    TRY(deposit_match(&run->deposits, run->arena, &run->allocated));
    TRY(settlement_sum(&run->deposits, &run->allocated, run->arena, &run->settlement,
                       &run->output.sheet));
    TRY(run_room_for(run, run->allocated.count, sizeof(struct report_row), &memory));
    run->settled = memory;
    for (size_t i = 0; i < run->allocated.count; i++) {
        run->settled[i] = tell(run, &run->allocated.results[i], i);
    }
    return ERR_OK;
}

/* Adds the rows up once more in the database before they count. */
static enum err
settle(const struct run *run, int64_t run_id)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    TRY(db_session_run(run->session, STATEMENT_settlement_settle, &params, &rows));
    return db_rows_count(rows) == 1 ? ERR_OK : ERR_INTERNAL;
}

enum err
run_settlement_save(struct run *run, bool *known, int64_t *version)
{
    const struct recon_cell pay = run->output.sheet.pay;
    const struct recon_cell refund = run->output.sheet.refund;
    const struct bill_file lines = { .accepted = true,
                                     .by_trailer = { .pay_count = pay.count,
                                                     .pay_fen = pay.fen,
                                                     .refund_count = refund.count,
                                                     .refund_fen = refund.fen } };
    int64_t run_id = 0;
    TRY(run_pack_make(run));
    TRY(run_save_run(run, &lines, "complete", SPAN_LIT("{}"), known, &run_id, version));
    TRY(run_save_refuse_closed(run, run_id));
    if (!*known) {
        TRY(run_settlement_rows(run, run_id));
        TRY(run_read_trend(run));
        TRY(run_pack_keep(run, &lines, run_id, *version));
    }
    TRY(settle(run, run_id));
    TRY(run_publish_differences(run, run_id));
    return run_day_told(run, run_id);
}

enum err
recon_settlement_plan(struct db_session *session, const struct adapter_account *account,
                      struct day day, struct recon_settlement_plan *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct recon_settlement_plan made = { .none = true };
    struct db_params params;
    TRY(arena_new(PLAN_ARENA_BYTES, &arena));
    db_params_init(&params, arena);
    db_cstr(&params, account->name);
    db_day(&params, day);
    TRY(db_session_run(session, STATEMENT_settlement_plan, &params, &rows));
    if (db_rows_count(rows) != 1) {
        return ERR_DB_ROWS;
    }
    made.none = db_row_null(rows, 0, "first");
    made.lines = db_row_bool(rows, 0, "lines");
    TRY(made.none ? ERR_OK : day_parse(db_row_text(rows, 0, "first"), &made.first));
    TRY(day_parse(db_row_text(rows, 0, "last"), &made.last));
    *out = made;
    return ERR_OK;
}
