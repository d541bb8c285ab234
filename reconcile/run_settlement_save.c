/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

/* The rows of a run of settlement. */

#define CELLS_MAX 1024

/* How many columns the COPY files name. */
#define PAYOUT_CELLS 7
#define LINE_CELLS   10
#define PART_CELLS   4

static enum err
copy_payouts(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_settlement_copy_payout, row));
    for (size_t i = 0; i < run->deposits.payout_count; i++) {
        const struct deposit_payout *payout = &run->deposits.payouts[i];
        TRY(db_write_row(row, PAYOUT_CELLS));
        db_write_i64(row, run_id);
        db_write_text(row, payout->reference);
        db_write_day(row, payout->day);
        db_write_i64(row, payout->fen);
        db_write_i64(row, payout->banked_fen);
        if (payout->moved) {
            db_write_i64(row, payout->moved_fen);
        } else {
            db_write_null(row);
        }
        db_write_bool(row, payout->returned);
    }
    return db_write_close(&writer);
}

static enum err
copy_lines(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_settlement_copy_line, row));
    for (size_t i = 0; i < run->deposits.entry_count; i++) {
        const struct deposit_entry *entry = &run->deposits.entries[i];
        TRY(db_write_row(row, LINE_CELLS));
        db_write_i64(row, run_id);
        db_write_text(row, entry->deposit_no);
        db_write_day(row, entry->day);
        db_write_i64(row, entry->fen);
        db_write_i64(row, entry->fee_fen);
        db_write_bool(row, entry->returned);
        db_write_bool(row, entry->transfer);
        db_write_text(row, entry->references);
        db_write_bool(row, entry->carried_in);
        if (entry->sha256.len > 0) {
            db_write_text(row, entry->sha256);
        } else {
            db_write_null(row);
        }
    }
    return db_write_close(&writer);
}

static enum err
copy_parts(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_settlement_copy_part, row));
    for (size_t i = 0; i < run->allocated.alloc_count; i++) {
        const struct deposit_alloc *part = &run->allocated.allocs[i];
        TRY(db_write_row(row, PART_CELLS));
        db_write_i64(row, run_id);
        db_write_text(row, run->deposits.entries[part->entry].deposit_no);
        db_write_text(row, run->deposits.payouts[part->payout].reference);
        db_write_i64(row, part->fen);
    }
    return db_write_close(&writer);
}

static enum err
copy_results(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_recon_copy_result, row));
    for (size_t i = 0; i < run->allocated.count; i++) {
        TRY(run_save_row(run, run_id, &run->settled[i], row));
    }
    return db_write_close(&writer);
}

/* In the order of the columns of recon_settlement. */
static enum err
insert_sheet(const struct run *run, int64_t run_id)
{
    const struct settlement *s = &run->settlement;
    const struct recon_cell *const cells[] = { &s->opening,   &s->paid,      &s->banked,
                                               &s->closing,   &s->loose_in,  &s->lines,
                                               &s->transfers, &s->loose_out, &s->fee };
    DEFER(buf_fini) struct buf text = BUF_MAX(CELLS_MAX);
    struct db_params params;
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(buf_printf(&text, "%c%lld,%lld", i == 0 ? '{' : ',', (long long)cells[i]->count,
                       (long long)cells[i]->fen));
    }
    TRY(buf_byte(&text, '}'));
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    db_text(&params, buf_span(&text));
    return db_session_run(run->session, STATEMENT_settlement_insert, &params, NULL);
}

enum err
run_settlement_rows(const struct run *run, int64_t run_id)
{
    TRY(insert_sheet(run, run_id));
    TRY(copy_payouts(run, run_id));
    TRY(copy_lines(run, run_id));
    TRY(copy_parts(run, run_id));
    return copy_results(run, run_id);
}
