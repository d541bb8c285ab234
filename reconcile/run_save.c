/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"
#include "run_parts.h"

#define CELLS_MAX 4096
#define CODES_MAX 8192

/* How many columns the COPY files name. */
#define LINE_CELLS   11
#define MEMBER_CELLS 10
#define RESULT_CELLS 32

enum err
run_save_lines(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_recon_copy_line, row));
    for (size_t i = 0; i < run->lines.count; i++) {
        const struct recon_line *line = &run->lines.list[i];
        progress_add(run->request->progress, 1);
        TRY(db_write_row(row, LINE_CELLS));
        db_write_i64(row, run_id);
        db_write_i64(row, (int64_t)line->number);
        db_write_text(row, line->kind == BILL_LINE_PAY ? SPAN_LIT("pay") : SPAN_LIT("refund"));
        db_write_text(row, line->provider_trade_no);
        db_write_text(row, line->merchant_order_no);
        db_write_text(row, line->refund_no);
        db_write_i64(row, line->face_fen);
        db_write_i64(row, line->effective_fen);
        db_write_i64(row, line->fee_fen);
        db_write_time(row, line->at);
        db_write_bool(row, line->pending);
    }
    return db_write_close(&writer);
}

static enum err
copy_population(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    struct db_writer *row = &writer;
    TRY(db_write_open(run->session, STATEMENT_recon_copy_population, row));
    for (size_t i = 0; i < run->member_count; i++) {
        const struct recon_member *member = &run->members[i];
        progress_add(run->request->progress, 1);
        TRY(db_write_row(row, MEMBER_CELLS));
        db_write_i64(row, run_id);
        db_write_text(row, member->attempt_no);
        db_write_text(row, member->provider_trade_no);
        db_write_text(row, member->owner);
        db_write_text(row, member->order_no);
        db_write_text(row, span_of(attempt_state_code(member->state)));
        db_write_i64(row, member->amount_fen);
        db_write_time(row, member->paid_at);
        db_write_bool(row, member->counted);
        db_write_bool(row, member->carried_in);
    }
    return db_write_close(&writer);
}

static struct span
bucket_code(enum finding_bucket bucket)
{
    static const char *const codes[FINDING_BUCKET_COUNT] = {
        [FINDING_BUCKET_FINDING] = "finding", [FINDING_BUCKET_NOTHING] = "nothing",
        [FINDING_BUCKET_MATCHED] = "matched", [FINDING_BUCKET_AMOUNT] = "amount",
        [FINDING_BUCKET_LONG] = "long",       [FINDING_BUCKET_SHORT] = "short",
        [FINDING_BUCKET_TRANSIT] = "transit", [FINDING_BUCKET_DUP] = "dup",
        [FINDING_BUCKET_SCOPE] = "scope",     [FINDING_BUCKET_BLOCK] = "block",
    };
    return span_of(codes[bucket]);
}

static enum err
codes_text(const enum finding *findings, size_t count, struct buf *out)
{
    TRY(buf_byte(out, '{'));
    for (size_t i = 0; i < count; i++) {
        TRY(buf_printf(out, "%s%s", i == 0 ? "" : ",", finding_name(findings[i])));
    }
    return buf_byte(out, '}');
}

static void
put_number(struct db_writer *row, int64_t number)
{
    if (number == 0) {
        db_write_null(row);
    } else {
        db_write_i64(row, number);
    }
}

static void
put_text(struct db_writer *row, struct span text)
{
    if (span_empty(text)) {
        db_write_null(row);
    } else {
        db_write_text(row, text);
    }
}

static void
put_codes(struct db_writer *row, const enum finding *findings, size_t count)
{
    const char *names[FINDING_COUNT];
    for (size_t i = 0; i < count && i < FINDING_COUNT; i++) {
        names[i] = finding_name(findings[i]);
    }
    db_write_texts(row, names, count < FINDING_COUNT ? count : FINDING_COUNT);
}

enum err
run_save_row(const struct run *run, int64_t run_id, const struct report_row *told,
             struct db_writer *row)
{
    progress_add(run->request->progress, 1);
    TRY(db_write_row(row, RESULT_CELLS));
    db_write_i64(row, run_id);
    db_write_i64(row, told->seq);
    put_number(row, told->line_no);
    put_text(row, told->attempt_no);
    put_text(row, told->refund_no);
    db_write_text(row, told->provider_trade_no);
    db_write_text(row, told->merchant_order_no);
    db_write_text(row, told->owner);
    db_write_text(row, told->order_no);
    db_write_text(row, told->order_kind);
    db_write_text(row, told->order_status);
    db_write_i64(row, told->order_fen);
    db_write_text(row, told->title);
    db_write_text(row, told->invoice_id);
    db_write_i64(row, told->invoiced_fen);
    db_write_text(row, span_of(finding_name(told->primary)));
    put_codes(row, told->findings, told->finding_count);
    db_write_text(row, bucket_code(finding_bucket(told->primary)));
    db_write_i64(row, told->face_fen);
    db_write_i64(row, told->b_fen);
    db_write_i64(row, told->p_fen);
    db_write_i64(row, told->delta_fen);
    db_write_i64(row, told->fee_fen);
    db_write_time(row, told->billed_at);
    db_write_time(row, told->paid_at);
    db_write_bool(row, told->carry_out);
    put_number(row, told->flow_no);
    db_write_i64(row, told->flow_fen);
    if (told->fee_judged) {
        db_write_i64(row, told->fee_due_fen);
    } else {
        db_write_null(row);
    }
    put_number(row, told->early_no);
    put_text(row, told->payout_no);
    put_text(row, told->deposit_no);
    return row->err;
}

static enum err
copy_results(const struct run *run, int64_t run_id)
{
    DEFER(db_writer_fini) struct db_writer writer = { .session = NULL };
    TRY(db_write_open(run->session, STATEMENT_recon_copy_result, &writer));
    for (size_t i = 0; i < run->output.count; i++) {
        struct report_row told;
        run_report_row(run, &run->output.results[i], &told);
        TRY(run_save_row(run, run_id, &told, &writer));
    }
    return db_write_close(&writer);
}

/* In the order of the columns of recon_run. */
static enum err
cells_text(const struct recon_sheet *sheet, const struct bill_file *bill, struct buf *out)
{
    struct recon_cell trailer;
    run_report_trailer(bill, &trailer);
    const struct recon_cell *const cells[] = {
        &trailer,
        &sheet->parsed,
        &sheet->in_scope,
        &sheet->ineffective,
        &sheet->out_of_scope,
        &sheet->matched,
        &sheet->amount_bill,
        &sheet->amount_books,
        &sheet->bill_only,
        &sheet->repeated,
        &sheet->population,
        &sheet->book_only,
        &sheet->in_transit,
        &sheet->carried_in,
        &sheet->delta_long,
        &sheet->delta_short,
        &sheet->pay,
        &sheet->refund,
        &sheet->fee,
        &sheet->orders_paid,
        &sheet->invoiced,
        &sheet->early_out,
        &sheet->early_in,
        &sheet->paid_here,
        &sheet->paid_apart,
        &sheet->transferred,
        &sheet->order_off,
        &sheet->off_apart,
        &sheet->books_no_order,
        &sheet->books_refund,
        &sheet->orders_free,
        &sheet->invoiced_due,
        &sheet->invoice_off,
    };
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        TRY(buf_printf(out, "%c%lld,%lld", i == 0 ? '{' : ',', (long long)cells[i]->count,
                       (long long)cells[i]->fen));
    }
    return buf_byte(out, '}');
}

/* The run that had these inputs already. */
static enum err
find_known(const struct run *run, struct span hash, int64_t *run_id, int64_t *version)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, run->arena);
    db_cstr(&params, run->request->account->name);
    db_text(&params, run->request->kind);
    db_day(&params, run->request->day);
    db_bytes(&params, hash);
    TRY(db_session_run(run->session, STATEMENT_recon_run_find, &params, &rows));
    if (db_rows_count(rows) != 1) {
        return ERR_INTERNAL;
    }
    *run_id = db_row_i64(rows, 0, "run_id");
    *version = db_row_i64(rows, 0, "version");
    return ERR_OK;
}

enum err
run_save_run(const struct run *run, const struct bill_file *bill, const char *state,
             struct span codes, bool *known, int64_t *run_id, int64_t *version)
{
    const struct recon_request *request = run->request;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(buf_fini) struct buf cells = BUF_MAX(CELLS_MAX);
    unsigned char hash[SHA256_BYTES];
    struct db_params params;
    TRY(cells_text(&run->output.sheet, bill, &cells));
    TRY(run_hash(run, bill, hash));
    db_params_init(&params, run->arena);
    db_cstr(&params, request->account->name);
    db_cstr(&params, request->account->adapter->name);
    db_text(&params, request->kind);
    db_day(&params, request->day);
    db_bytes(&params, span_make(hash, sizeof(hash)));
    if (run->file_id == 0) {
        db_null(&params);
    } else {
        db_i64(&params, run->file_id);
    }
    db_cstr(&params, state);
    db_text(&params, codes);
    db_time(&params, request->as_of);
    db_i64(&params, ZONE_CHINA_MIN);
    db_cstr(&params, request->program);
    db_text(&params, buf_span(&cells));
    db_i64(&params, run->output.sheet.unexplained_fen);
    db_i64(&params, RUN_RULES_VERSION);
    db_text(&params, run->late_bills);
    TRY(db_session_run(run->session, STATEMENT_recon_run_insert, &params, &rows));
    *known = db_rows_count(rows) == 0;
    if (*known) {
        return find_known(run, span_make(hash, sizeof(hash)), run_id, version);
    }
    *run_id = db_row_i64(rows, 0, "run_id");
    *version = db_row_i64(rows, 0, "version");
    return ERR_OK;
}

/* A signed day keeps its run: nothing else may become the one that counts. */
enum err
run_save_refuse_closed(const struct run *run, int64_t run_id)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, run->arena);
    db_cstr(&params, run->request->account->name);
    db_text(&params, run->request->kind);
    db_day(&params, run->request->day);
    TRY(db_session_run(run->session, STATEMENT_period_signed, &params, &rows));
    bool stands = db_rows_count(rows) == 0 || db_row_i64(rows, 0, "run_id") == run_id;
    return stands ? ERR_OK : ERR_DAY_CLOSED;
}

/* Adds the rows up once more in the database before they count. */
static enum err
settle(const struct run *run, int64_t run_id)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    TRY(db_session_run(run->session, STATEMENT_recon_settle, &params, &rows));
    return db_rows_count(rows) == 1 ? ERR_OK : ERR_INTERNAL;
}

enum err
run_save(struct run *run, const struct bill_file *bill, bool *known, int64_t *version,
         int64_t *run_id)
{
    enum finding told[5];
    DEFER(buf_fini) struct buf codes = BUF_MAX(CODES_MAX);
    size_t count = run_closed_codes(run, told);
    if (run->file_id == 0) {
        told[count++] = FINDING_FILE_NONE_OK;
    }
    if (run->edited) {
        told[count++] = FINDING_FILE_EDITED;
    }
    if (bill_form_any_used(&run->forms)) {
        told[count++] = FINDING_FILE_COLUMNS;
    }
    TRY(codes_text(told, count, &codes));
    TRY(run_pack_make(run));
    TRY(run_save_run(run, bill, "complete", buf_span(&codes), known, run_id, version));
    TRY(run_save_refuse_closed(run, *run_id));
    if (!*known) {
        TRY(run_save_lines(run, *run_id));
        TRY(run_save_texts(run, *run_id));
        TRY(copy_population(run, *run_id));
        TRY(run_copy_refunds(run, *run_id));
        TRY(run_copy_early(run, *run_id));
        TRY(run_save_flow(run, *run_id));
        TRY(copy_results(run, *run_id));
        TRY(run_copy_items_off(run, *run_id));
        TRY(run_copy_invoices(run, *run_id));
        TRY(run_read_trend(run));
        TRY(run_pack_keep(run, bill, *run_id, *version));
    }
    TRY(settle(run, *run_id));
    return run_publish_differences(run, *run_id);
}

static enum err
insert_blocked(struct run *run, const struct bill_file *bill, struct buf *codes, bool *known,
               int64_t *run_id, int64_t *version)
{
    enum finding found[FINDING_COUNT];
    size_t count = 0;
    for (int i = 0; i < FINDING_COUNT; i++) {
        if (bill->found[i]) {
            found[count++] = (enum finding)i;
        }
    }
    TRY(codes_text(found, count, codes));
    TRY(run_pack_make(run));
    return run_save_run(run, bill, "blocked", buf_span(codes), known, run_id, version);
}

enum err
run_save_blocked(struct run *run, const struct bill_file *bill, bool *known, int64_t *version)
{
    int64_t run_id = 0;
    DEFER(buf_fini) struct buf codes = BUF_MAX(CODES_MAX);
    TRY(run_save_refuse_closed(run, run_id)); /* whatever came since, its run was no blocked one */
    TRY(insert_blocked(run, bill, &codes, known, &run_id, version));
    return run_day_blocked(run, run_id, buf_span(&codes));
}

enum err
run_save_missing(struct run *run, const struct bill_file *bill)
{
    bool known = false;
    int64_t run_id = 0;
    int64_t version = 0;
    DEFER(buf_fini) struct buf codes = BUF_MAX(CODES_MAX);
    TRY(insert_blocked(run, bill, &codes, &known, &run_id, &version));
    return run_day_missing(run, run_id);
}
