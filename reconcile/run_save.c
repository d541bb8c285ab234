/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

#define COLUMNS_MAX  32
#define NUMBER_BYTES 48
#define CELLS_MAX    4096
#define CODES_MAX    8192

/* One row of a COPY being filled. */
struct copy_row {
    struct span columns[COLUMNS_MAX];
    bool nulls[COLUMNS_MAX];
    unsigned char numbers[COLUMNS_MAX][NUMBER_BYTES];
    size_t count;
    enum err err;
};

static void
put(struct copy_row *row, struct span text)
{
    row->nulls[row->count] = false;
    row->columns[row->count++] = text;
}

static void
put_null(struct copy_row *row)
{
    row->nulls[row->count] = true;
    row->columns[row->count++] = SPAN_LIT("");
}

static void
put_made(struct copy_row *row, const struct buf *text, enum err err)
{
    unsigned char *room = row->numbers[row->count];
    if (err != ERR_OK || text->len > NUMBER_BYTES) {
        row->err = err == ERR_OK ? ERR_BUF_FULL : err;
        put_null(row);
        return;
    }
    for (size_t i = 0; i < text->len; i++) {
        room[i] = text->at[i];
    }
    put(row, span_make(room, text->len));
}

static void
put_i64(struct copy_row *row, int64_t value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(NUMBER_BYTES);
    put_made(row, &text, buf_i64(&text, value));
}

static void
put_time(struct copy_row *row, struct wall_time time)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(NUMBER_BYTES);
    if (time.us == 0) {
        put_null(row);
    } else {
        put_made(row, &text, wall_format(time, &text));
    }
}

static void
put_bool(struct copy_row *row, bool value)
{
    put(row, value ? SPAN_LIT("t") : SPAN_LIT("f"));
}

static enum err
send_row(const struct run *run, const struct copy_row *row)
{
    TRY(row->err);
    return db_copy_row(run->session, row->columns, row->nulls, row->count);
}

/* What the server took must be what was sent. */
static enum err
copy_end(const struct run *run, size_t sent)
{
    size_t taken = 0;
    TRY(db_copy_close(run->session, &taken));
    return taken == sent ? ERR_OK : ERR_INTERNAL;
}

static enum err
copy_lines(const struct run *run, int64_t run_id)
{
    TRY(db_copy_open(run->session, STATEMENT_recon_copy_line));
    for (size_t i = 0; i < run->lines.count; i++) {
        const struct recon_line *line = &run->lines.list[i];
        struct copy_row row = { .count = 0, .err = ERR_OK };
        put_i64(&row, run_id);
        put_i64(&row, (int64_t)line->number);
        put(&row, line->kind == BILL_LINE_PAY ? SPAN_LIT("pay") : SPAN_LIT("refund"));
        put(&row, line->provider_trade_no);
        put(&row, line->merchant_order_no);
        put(&row, line->refund_no);
        put_i64(&row, line->face_fen);
        put_i64(&row, line->effective_fen);
        put_i64(&row, line->fee_fen);
        put_time(&row, line->at);
        put(&row, run->lines.raw[i]);
        TRY(send_row(run, &row));
    }
    return copy_end(run, run->lines.count);
}

static enum err
copy_population(const struct run *run, int64_t run_id)
{
    TRY(db_copy_open(run->session, STATEMENT_recon_copy_population));
    for (size_t i = 0; i < run->member_count; i++) {
        const struct recon_member *member = &run->members[i];
        struct copy_row row = { .count = 0, .err = ERR_OK };
        put_i64(&row, run_id);
        put(&row, member->attempt_no);
        put(&row, member->provider_trade_no);
        put(&row, member->owner);
        put(&row, member->order_no);
        put(&row, span_of(attempt_state_code(member->state)));
        put_i64(&row, member->amount_fen);
        put_time(&row, member->paid_at);
        put_bool(&row, member->counted);
        put_bool(&row, member->carried_in);
        TRY(send_row(run, &row));
    }
    return copy_end(run, run->member_count);
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

/* What the order was at the time, so that a reprint needs no other table. */
static void
put_order(struct copy_row *row, const struct run *run, const struct recon_result *result)
{
    static const struct recon_order none = { .quantity = 0 };
    bool known = result->order != RECON_NONE;
    const struct recon_order *order = known ? &run->orders[result->order] : &none;
    struct span owner = order->owner;
    struct span order_no = order->order_no;
    if (!known && result->member != RECON_NONE) {
        owner = run->members[result->member].owner;
        order_no = run->members[result->member].order_no;
    } else if (!known && result->invoice != RECON_NONE) {
        owner = run->invoices[result->invoice].owner;
        order_no = run->invoices[result->invoice].order_no;
    }
    put(row, owner);
    put(row, order_no);
    put(row, order->kind);
    put(row, order->status);
    put_i64(row, order->amount_fen);
    put(row, order->title);
    put(row,
        result->invoice == RECON_NONE ? SPAN_LIT("") : run->invoices[result->invoice].invoice_id);
    put_i64(row, known ? run->order_invoiced[result->order] : 0);
}

static void
put_sides(struct copy_row *row, const struct recon_line *line, const struct recon_member *member)
{
    struct span trade_no = SPAN_LIT("");
    if (line != NULL) {
        put_i64(row, (int64_t)line->number);
        trade_no = line->provider_trade_no;
    } else {
        put_null(row);
    }
    if (member != NULL) {
        put(row, member->attempt_no);
        trade_no = line == NULL ? member->provider_trade_no : trade_no;
    } else {
        put_null(row);
    }
    put(row, trade_no);
    put(row, line == NULL ? SPAN_LIT("") : line->merchant_order_no);
}

static enum err
copy_result(const struct run *run, int64_t run_id, const struct recon_result *result)
{
    const struct recon_line *line =
        result->line == RECON_NONE ? NULL : &run->lines.list[result->line];
    const struct recon_member *member =
        result->member == RECON_NONE ? NULL : &run->members[result->member];
    DEFER(buf_fini) struct buf findings = BUF_MAX(CODES_MAX);
    struct copy_row row = { .count = 0, .err = ERR_OK };
    TRY(codes_text(result->findings, result->finding_count, &findings));
    put_i64(&row, run_id);
    put_i64(&row, (int64_t)result->seq);
    put_sides(&row, line, member);
    put_order(&row, run, result);
    put(&row, span_of(finding_name(result->primary)));
    put(&row, buf_span(&findings));
    put(&row, bucket_code(finding_bucket(result->primary)));
    put_i64(&row, result->face_fen);
    put_i64(&row, result->b_fen);
    put_i64(&row, result->p_fen);
    put_i64(&row, result->delta_fen);
    put_i64(&row, line == NULL ? 0 : line->fee_fen);
    put_time(&row, line == NULL ? (struct wall_time){ 0 } : line->at);
    put_time(&row, member == NULL ? (struct wall_time){ 0 } : member->paid_at);
    put_bool(&row, result->carry_out);
    return send_row(run, &row);
}

static enum err
copy_results(const struct run *run, int64_t run_id)
{
    TRY(db_copy_open(run->session, STATEMENT_recon_copy_result));
    for (size_t i = 0; i < run->output.count; i++) {
        TRY(copy_result(run, run_id, &run->output.results[i]));
    }
    return copy_end(run, run->output.count);
}

/* In the order of the columns of recon_run. */
static enum err
cells_text(const struct recon_sheet *sheet, const struct bill_file *bill, struct buf *out)
{
    const struct recon_cell trailer = {
        .count = bill->by_trailer.pay_count + bill->by_trailer.refund_count,
        .fen = bill->by_trailer.pay_fen + bill->by_trailer.refund_fen,
    };
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

static enum err
insert_run(const struct run *run, const struct bill_file *bill, const char *state,
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
    db_i64(&params, run->file_id);
    db_cstr(&params, state);
    db_text(&params, codes);
    db_time(&params, request->as_of);
    db_i64(&params, ZONE_CHINA_MIN);
    db_cstr(&params, request->program);
    db_text(&params, buf_span(&cells));
    db_i64(&params, run->output.sheet.unexplained_fen);
    TRY(db_session_run(run->session, STATEMENT_recon_run_insert, &params, &rows));
    *known = db_rows_count(rows) == 0;
    if (*known) {
        return find_known(run, span_make(hash, sizeof(hash)), run_id, version);
    }
    *run_id = db_row_i64(rows, 0, "run_id");
    *version = db_row_i64(rows, 0, "version");
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
    TRY(db_session_run(run->session, STATEMENT_recon_settle, &params, &rows));
    return db_rows_count(rows) == 1 ? ERR_OK : ERR_INTERNAL;
}

enum err
run_save(struct run *run, const struct bill_file *bill, bool *known, int64_t *version)
{
    int64_t run_id = 0;
    TRY(insert_run(run, bill, "complete", SPAN_LIT("{}"), known, &run_id, version));
    if (!*known) {
        TRY(copy_lines(run, run_id));
        TRY(copy_population(run, run_id));
        TRY(copy_results(run, run_id));
    }
    return settle(run, run_id);
}

enum err
run_save_blocked(struct run *run, const struct bill_file *bill, bool *known, int64_t *version)
{
    enum finding found[FINDING_COUNT];
    size_t count = 0;
    int64_t run_id = 0;
    DEFER(buf_fini) struct buf codes = BUF_MAX(CODES_MAX);
    for (int i = 0; i < FINDING_COUNT; i++) {
        if (bill->found[i]) {
            found[count++] = (enum finding)i;
        }
    }
    TRY(codes_text(found, count, &codes));
    return insert_run(run, bill, "blocked", buf_span(&codes), known, &run_id, version);
}
