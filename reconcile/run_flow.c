/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "bill_file_parts.h"
#include "bill_store.h"
#include "progress.h"
#include "run_parts.h"

#define CELLS_MAX      1024
#define MOVEMENT_CELLS 13 /* columns that the COPY file names */
#define DETAIL_MAX     120

enum err
run_keep_movement(void *context, const struct bill_line *line)
{
    struct run *run = context;
    struct run_flow *flow = &run->flow;
    if (flow->count == flow->room) {
        size_t room = flow->room == 0 ? RUN_ROOM_FIRST : flow->room * 2;
        TRY(run_grow((void **)&flow->list, room, sizeof(*flow->list)));
        TRY(run_grow((void **)&flow->raw, room, sizeof(*flow->raw)));
        flow->room = room;
    }
    struct recon_movement *kept = &flow->list[flow->count];
    *kept = (struct recon_movement){ .number = line->number,
                                     .kind = line->flow,
                                     .fen = line->face.minor,
                                     .fee_fen = line->fee.minor,
                                     .balance_fen = line->balance_fen,
                                     .at = line->at };
    TRY(arena_copy(run->arena, line->provider_trade_no, &kept->provider_trade_no));
    TRY(arena_copy(run->arena, line->merchant_order_no, &kept->merchant_order_no));
    TRY(arena_copy(run->arena, line->refund_no, &kept->refund_no));
    TRY(arena_copy(run->arena, line->raw, &flow->raw[flow->count]));
    flow->count++;
    return ERR_OK;
}

static enum err
day_statement(const struct run *run, enum statement statement, struct span kind,
              struct db_rows **rows)
{
    struct db_params params;
    db_params_init(&params, run->arena);
    db_cstr(&params, run->request->account->name);
    db_text(&params, kind);
    db_day(&params, run->request->day);
    return db_session_run(run->session, statement, &params, rows);
}

static enum err
find(struct run *run, const struct adapter_bill *kind)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(day_statement(run, STATEMENT_bill_file_find, span_of(kind->kind), &rows));
    run->flow.there = db_rows_count(rows) > 0;
    if (!run->flow.there) {
        return ERR_OK;
    }
    run->flow.file_id = db_row_i64(rows, 0, "file_id");
    run->edited = run->edited || db_row_bool(rows, 0, "edited");
    return arena_copy(run->arena, db_row_text(rows, 0, "sha256"), &run->flow.sha256);
}

enum err
run_read_flow(struct run *run, struct bill_file *out)
{
    const struct recon_request *request = run->request;
    const struct adapter_bill *kind = bill_of_balance(request->account->adapter);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    *out = (struct bill_file){ .accepted = true };
    if (kind == NULL) {
        return ERR_OK;
    }
    TRY(find(run, kind));
    if (!run->flow.there) {
        return ERR_OK;
    }
    TRY(bill_store_load(request->archive_dir, run->flow.sha256, &bytes));
    const struct bill_wish wish = { .bill = kind,
                                    .account = request->account,
                                    .day = request->day,
                                    .forms = &run->forms,
                                    .progress = request->progress };
    progress_begin(request->progress, PROGRESS_READ_FLOW, 0);
    return bill_file_read_by(&wish, buf_span(&bytes), run_keep_movement, run, out);
}

/* What the account closed with on the day before. */
static enum err
read_before(struct run *run)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(day_statement(run, STATEMENT_recon_flow_before, run->request->kind, &rows));
    run->flow.before_known = db_rows_count(rows) == 1;
    run->flow.before_fen = run->flow.before_known ? db_row_i64(rows, 0, "closing_fen") : 0;
    return ERR_OK;
}

/* A day without movements closes as it opened, and that as the day before closed. */
static void
prove_opening(struct run *run, struct bill_file *file)
{
    struct recon_input *in = &run->input;
    const struct bill_totals *totals = &file->by_lines;
    bool known = run->flow.before_known;
    int64_t before = run->flow.before_fen;
    in->flow_balanced = totals->has_balance || known;
    in->flow_opening_fen = totals->has_balance ? totals->opening_fen : before;
    in->flow_closing_fen = totals->has_balance ? totals->closing_fen : before;
    in->flow_opening_proved = known && in->flow_opening_fen == before;
    if (known && !in->flow_opening_proved) {
        char detail[DETAIL_MAX];
        (void)snprintf(detail, sizeof(detail),
                       "the day opens with %lld fen, and the day before closed with %lld",
                       (long long)in->flow_opening_fen, (long long)before);
        file->accepted = false;
        bill_file_fault(file, FINDING_FLOW_OPEN, 0, detail, SPAN_LIT(""));
    }
}

void
run_input_flow(struct run *run, struct bill_file *file)
{
    if (run->flow.there) {
        run->input.has_flow = true;
        run->input.movements = run->flow.list;
        run->input.movement_count = run->flow.count;
        prove_opening(run, file);
    }
}

enum err
run_put_flow(struct run *run, struct bill_file *file)
{
    if (run->flow.there) {
        TRY(read_before(run));
    }
    run_input_flow(run, file);
    return ERR_OK;
}

static struct span
kind_code(enum bill_flow kind)
{
    static const char *const codes[BILL_FLOW_COUNT] = {
        [BILL_FLOW_UNKNOWN] = "unknown",   [BILL_FLOW_PAY] = "pay",
        [BILL_FLOW_REFUND] = "refund",     [BILL_FLOW_FEE] = "fee",
        [BILL_FLOW_WITHDRAW] = "withdraw", [BILL_FLOW_TRANSFER] = "transfer",
        [BILL_FLOW_FREEZE] = "freeze",     [BILL_FLOW_ADJUST] = "adjust",
        [BILL_FLOW_INTEREST] = "interest",
    };
    return span_of(codes[kind]);
}

static enum err
copy_movement(const struct run *run, int64_t run_id, size_t i, struct db_writer *row)
{
    const struct recon_movement *movement = &run->flow.list[i];
    const struct recon_moved *moved = &run->output.moved[i];
    progress_add(run->request->progress, 1);
    TRY(db_write_row(row, MOVEMENT_CELLS));
    db_write_i64(row, run_id);
    db_write_i64(row, (int64_t)movement->number);
    db_write_text(row, kind_code(movement->kind));
    db_write_text(row, movement->provider_trade_no);
    db_write_text(row, movement->merchant_order_no);
    db_write_text(row, movement->refund_no);
    db_write_i64(row, movement->fen);
    db_write_i64(row, movement->fee_fen);
    db_write_i64(row, movement->balance_fen);
    db_write_time(row, movement->at);
    if (moved->code == FINDING_NONE) {
        db_write_null(row);
    } else {
        db_write_text(row, span_of(finding_name(moved->code)));
    }
    if (moved->line == RECON_NONE) {
        db_write_null(row);
    } else {
        db_write_i64(row, (int64_t)run->lines.list[moved->line].number);
    }
    db_write_text(row, run->flow.raw[i]);
    return row->err;
}

static enum err
copy_movements(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    TRY(db_write_open(run->session, STATEMENT_recon_copy_movement, &writer));
    for (size_t i = 0; i < run->flow.count; i++) {
        TRY(copy_movement(run, run_id, i, &writer));
    }
    return db_write_close(&writer);
}

/* In the order of the columns of recon_flow. */
static enum err
cells_text(const struct recon_flow *flow, struct buf *out)
{
    const struct recon_cell *const cells[] = { &flow->pay,   &flow->refund, &flow->fee,
                                               &flow->other, &flow->only,   &flow->missing };
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(buf_printf(out, "%c%lld,%lld", i == 0 ? '{' : ',', (long long)cells[i]->count,
                       (long long)cells[i]->fen));
    }
    return buf_printf(out, ",%lld,%lld,%lld}", (long long)flow->fee_off_fen,
                      (long long)flow->coupon_fen, (long long)flow->scope_fen);
}

static void
put_balance(struct db_params *params, const struct recon_flow *flow, int64_t fen)
{
    if (flow->balanced) {
        db_i64(params, fen);
    } else {
        db_null(params);
    }
}

enum err
run_save_flow(const struct run *run, int64_t run_id)
{
    const struct recon_flow *flow = &run->output.sheet.flow;
    DEFER(buf_fini) struct buf cells = BUF_MAX(CELLS_MAX);
    struct db_params params;
    if (!flow->there) {
        return ERR_OK;
    }
    TRY(cells_text(flow, &cells));
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    db_i64(&params, run->flow.file_id);
    put_balance(&params, flow, flow->opening_fen);
    put_balance(&params, flow, flow->closing_fen);
    db_bool(&params, flow->opening_proved);
    db_text(&params, buf_span(&cells));
    TRY(db_session_run(run->session, STATEMENT_recon_flow_insert, &params, NULL));
    return copy_movements(run, run_id);
}
