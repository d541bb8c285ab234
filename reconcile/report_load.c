/* SPDX-License-Identifier: Apache-2.0 */
#include "db.h"
#include "report.h"

#define CODES_MAX ((size_t)16 * 1024)

static void
take_sheet(const struct db_rows *rows, struct report *out)
{
    struct recon_sheet *s = &out->sheet;
#define CELL(name, to)                     \
    {                                      \
#name "_count", #name "_fen", (to) \
    }
    const struct {
        const char *count;
        const char *fen;
        struct recon_cell *to;
    } cells[] = {
        CELL(trailer, &out->trailer),
        CELL(parsed, &s->parsed),
        CELL(in_scope, &s->in_scope),
        CELL(ineffective, &s->ineffective),
        CELL(out_of_scope, &s->out_of_scope),
        CELL(matched, &s->matched),
        CELL(amount_bill, &s->amount_bill),
        CELL(amount_books, &s->amount_books),
        CELL(bill_only, &s->bill_only),
        CELL(repeated, &s->repeated),
        CELL(population, &s->population),
        CELL(book_only, &s->book_only),
        CELL(in_transit, &s->in_transit),
        CELL(carried_in, &s->carried_in),
        CELL(delta_long, &s->delta_long),
        CELL(delta_short, &s->delta_short),
        CELL(pay, &s->pay),
        CELL(refund, &s->refund),
        CELL(fee, &s->fee),
        CELL(orders_paid, &s->orders_paid),
        CELL(invoiced, &s->invoiced),
        CELL(early_out, &s->early_out),
        CELL(early_in, &s->early_in),
        CELL(paid_here, &s->paid_here),
        CELL(paid_apart, &s->paid_apart),
        CELL(transferred, &s->transferred),
        CELL(order_off, &s->order_off),
        CELL(off_apart, &s->off_apart),
        CELL(books_no_order, &s->books_no_order),
        CELL(books_refund, &s->books_refund),
        CELL(orders_free, &s->orders_free),
        CELL(invoiced_due, &s->invoiced_due),
        CELL(invoice_off, &s->invoice_off),
    };
#undef CELL
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        cells[i].to->count = db_row_i64(rows, 0, cells[i].count);
        cells[i].to->fen = db_row_i64(rows, 0, cells[i].fen);
    }
    s->unexplained_fen = db_row_i64(rows, 0, "unexplained_fen");
}

static enum err
take_run(const struct db_rows *rows, struct arena *arena, struct report *out, int64_t *run_id)
{
    if (db_rows_count(rows) == 0) {
        return ERR_RUN_UNKNOWN;
    }
    out->version = db_row_i64(rows, 0, "version");
    out->as_of = db_row_time(rows, 0, "as_of");
    out->east_min = (int)db_row_i64(rows, 0, "cutoff_east_min");
    TRY(arena_copy(arena, db_row_text(rows, 0, "provider"), &out->provider));
    TRY(arena_copy(arena, db_row_text(rows, 0, "sha256"), &out->bill_sha256));
    out->edited = db_row_bool(rows, 0, "edited");
    TRY(arena_copy(arena, db_row_text(rows, 0, "late_bills"), &out->late_bills));
    out->by_form = db_row_bool(rows, 0, "by_form");
    take_sheet(rows, out);
    *run_id = db_row_i64(rows, 0, "run_id");
    return ERR_OK;
}

static enum err
load_run(struct db_session *session, int64_t version, struct arena *arena, struct report *out,
         int64_t *run_id)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, arena);
    db_text(&params, out->account);
    db_day(&params, out->day);
    db_i64(&params, version);
    db_bool(&params, out->of_settlement);
    TRY(db_session_run(session, STATEMENT_report_run, &params, &rows));
    return take_run(rows, arena, out, run_id);
}

static enum err
load_flow(struct db_session *session, int64_t run_id, struct arena *arena, struct recon_flow *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, run_id);
    TRY(db_session_run(session, STATEMENT_report_flow, &params, &rows));
    out->there = db_rows_count(rows) == 1;
    if (!out->there) {
        return ERR_OK;
    }
    const struct {
        const char *count;
        const char *fen;
        struct recon_cell *to;
    } cells[] = {
        { "pay_count", "pay_fen", &out->pay },    { "refund_count", "refund_fen", &out->refund },
        { "fee_count", "fee_fen", &out->fee },    { "other_count", "other_fen", &out->other },
        { "only_count", "only_fen", &out->only }, { "missing_count", "missing_fen", &out->missing },
    };
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        cells[i].to->count = db_row_i64(rows, 0, cells[i].count);
        cells[i].to->fen = db_row_i64(rows, 0, cells[i].fen);
    }
    out->balanced = db_row_bool(rows, 0, "balanced");
    out->opening_proved = db_row_bool(rows, 0, "opening_proved");
    out->opening_fen = db_row_i64(rows, 0, "opening_fen");
    out->closing_fen = db_row_i64(rows, 0, "closing_fen");
    out->fee_off_fen = db_row_i64(rows, 0, "fee_off_fen");
    out->coupon_fen = db_row_i64(rows, 0, "coupon_fen");
    out->scope_fen = db_row_i64(rows, 0, "scope_fen");
    return ERR_OK;
}

/* "INV_OK FEE_OK". A code that this program does not know is a newer program's. */
static enum err
take_findings(struct span names, struct report_row *out)
{
    struct span name;
    bool more = names.len > 0;
    while (more) {
        more = span_cut(&names, ' ', &name);
        if (out->finding_count == RECON_FINDINGS_MAX
            || finding_decode(name, &out->findings[out->finding_count]) != ERR_OK) {
            return ERR_DB_ROWS;
        }
        out->finding_count++;
    }
    return ERR_OK;
}

static enum err
take_texts(const struct db_rows *rows, size_t at, struct arena *arena, struct report_row *out)
{
    const struct {
        const char *column;
        struct span *to;
    } texts[] = {
        { "provider_trade_no", &out->provider_trade_no },
        { "merchant_order_no", &out->merchant_order_no },
        { "attempt_no", &out->attempt_no },
        { "refund_no", &out->refund_no },
        { "owner", &out->owner },
        { "order_no", &out->order_no },
        { "order_kind", &out->order_kind },
        { "order_status", &out->order_status },
        { "invoice_id", &out->invoice_id },
        { "title", &out->title },
        { "attempt_state", &out->attempt_state },
        { "raw", &out->raw },
        { "payout_no", &out->payout_no },
        { "deposit_no", &out->deposit_no },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(arena_copy(arena, db_row_text(rows, at, texts[i].column), texts[i].to));
    }
    return ERR_OK;
}

enum err
report_load_row(const struct db_rows *rows, size_t at, struct arena *arena, struct report_row *out)
{
    *out = (struct report_row){
        .seq = db_row_i64(rows, at, "seq"),
        .line_no = db_row_i64(rows, at, "line_no"),
        .early_no = db_row_i64(rows, at, "early_no"),
        .face_fen = db_row_i64(rows, at, "face_fen"),
        .b_fen = db_row_i64(rows, at, "b_fen"),
        .p_fen = db_row_i64(rows, at, "p_fen"),
        .delta_fen = db_row_i64(rows, at, "delta_fen"),
        .fee_fen = db_row_i64(rows, at, "fee_fen"),
        .order_fen = db_row_i64(rows, at, "order_fen"),
        .invoiced_fen = db_row_i64(rows, at, "invoiced_fen"),
        .billed_at = db_row_time(rows, at, "billed_at"),
        .paid_at = db_row_time(rows, at, "paid_at"),
        .carry_out = db_row_bool(rows, at, "carry_out"),
        .flow_no = db_row_i64(rows, at, "flow_no"),
        .flow_fen = db_row_i64(rows, at, "flow_fen"),
        .fee_judged = db_row_bool(rows, at, "fee_judged"),
        .fee_due_fen = db_row_i64(rows, at, "fee_due_fen"),
    };
    if (finding_decode(db_row_text(rows, at, "primary_code"), &out->primary) != ERR_OK) {
        return ERR_DB_ROWS;
    }
    TRY(take_findings(db_row_text(rows, at, "findings"), out));
    return take_texts(rows, at, arena, out);
}

static enum err
load_results(struct db_session *session, int64_t run_id, struct arena *arena, struct report *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    void *room = NULL;
    db_params_init(&params, arena);
    db_i64(&params, run_id);
    TRY(db_session_run(session, STATEMENT_report_results, &params, &rows));
    size_t count = db_rows_count(rows);
    TRY(arena_array(arena, count, sizeof(struct report_row), &room));
    struct report_row *results = room;
    for (size_t i = 0; i < count; i++) {
        TRY(report_load_row(rows, i, arena, &results[i]));
    }
    out->rows = results;
    out->row_count = count;
    return ERR_OK;
}

enum err
report_load_codes(struct buf *out)
{
    char before = '{';
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        struct report_row row = { .primary = (enum finding)i };
        if (report_row_differs(&row)) {
            TRY(buf_printf(out, "%c%s", before, finding_name(row.primary)));
            before = ',';
        }
    }
    return buf_byte(out, '}');
}

enum err
report_load_story(const struct db_rows *rows, size_t at, struct arena *arena,
                  struct report_story *out)
{
    *out = (struct report_story){
        .amount_fen = db_row_i64(rows, at, "amount_fen"),
        .at = db_row_time(rows, at, "at"),
        .counted = db_row_bool(rows, at, "counted"),
        .carried_in = db_row_bool(rows, at, "carried_in"),
    };
    const struct {
        const char *column;
        struct span *to;
    } texts[] = {
        { "owner", &out->owner },
        { "order_no", &out->order_no },
        { "attempt_no", &out->attempt_no },
        { "refund_no", &out->refund_no },
        { "provider_trade_no", &out->provider_trade_no },
        { "state", &out->state },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(arena_copy(arena, db_row_text(rows, at, texts[i].column), texts[i].to));
    }
    return ERR_OK;
}

static enum err
load_stories(struct db_session *session, int64_t run_id, struct arena *arena, struct report *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(buf_fini) struct buf codes = BUF_MAX(CODES_MAX);
    struct db_params params;
    void *room = NULL;
    TRY(report_load_codes(&codes));
    db_params_init(&params, arena);
    db_i64(&params, run_id);
    db_text(&params, buf_span(&codes));
    TRY(db_session_run(session, STATEMENT_report_story, &params, &rows));
    size_t count = db_rows_count(rows);
    TRY(arena_array(arena, count, sizeof(struct report_story), &room));
    struct report_story *stories = room;
    for (size_t i = 0; i < count; i++) {
        TRY(report_load_story(rows, i, arena, &stories[i]));
    }
    out->stories = stories;
    out->story_count = count;
    return ERR_OK;
}

static enum err
load_items(struct db_session *session, int64_t run_id, struct arena *arena, struct report *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    void *room = NULL;
    db_params_init(&params, arena);
    db_i64(&params, run_id);
    TRY(db_session_run(session, STATEMENT_report_items, &params, &rows));
    size_t count = db_rows_count(rows);
    TRY(arena_array(arena, count, sizeof(struct report_item), &room));
    struct report_item *items = room;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct report_item){ .number = db_row_i64(rows, i, "number"),
                                         .net_fen = db_row_i64(rows, i, "net_fen"),
                                         .tax_fen = db_row_i64(rows, i, "tax_fen"),
                                         .off_fen = db_row_i64(rows, i, "off_fen") };
        TRY(arena_copy(arena, db_row_text(rows, i, "owner"), &items[i].owner));
        TRY(arena_copy(arena, db_row_text(rows, i, "order_no"), &items[i].order_no));
        TRY(arena_copy(arena, db_row_text(rows, i, "invoice_id"), &items[i].invoice_id));
        TRY(arena_copy(arena, db_row_text(rows, i, "name"), &items[i].name));
    }
    out->items = items;
    out->item_count = count;
    return ERR_OK;
}

static enum err
load_settlement(struct db_session *session, int64_t run_id, struct arena *arena,
                struct settlement *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, run_id);
    TRY(db_session_run(session, STATEMENT_report_settlement, &params, &rows));
    const struct {
        const char *count;
        const char *fen;
        struct recon_cell *to;
    } cells[] = {
        { "opening_count", "opening_fen", &out->opening },
        { "paid_count", "paid_fen", &out->paid },
        { "banked_count", "banked_fen", &out->banked },
        { "closing_count", "closing_fen", &out->closing },
        { "loose_in_count", "loose_in_fen", &out->loose_in },
        { "lines_count", "lines_fen", &out->lines },
        { "transfers_count", "transfers_fen", &out->transfers },
        { "loose_out_count", "loose_out_fen", &out->loose_out },
        { "fee_count", "fee_fen", &out->fee },
    };
    if (db_rows_count(rows) != 1) {
        return ERR_DB_ROWS;
    }
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        cells[i].to->count = db_row_i64(rows, 0, cells[i].count);
        cells[i].to->fen = db_row_i64(rows, 0, cells[i].fen);
    }
    return ERR_OK;
}

static enum err
load(struct db_session *session, struct span account, int64_t version, struct arena *arena,
     struct report *out)
{
    int64_t run_id = 0;
    TRY(arena_copy(arena, account, &out->account));
    TRY(load_run(session, version, arena, out, &run_id));
    TRY(out->of_settlement ? load_settlement(session, run_id, arena, &out->settlement)
                           : load_flow(session, run_id, arena, &out->sheet.flow));
    TRY(load_results(session, run_id, arena, out));
    TRY(load_items(session, run_id, arena, out));
    return load_stories(session, run_id, arena, out);
}

enum err
report_load(struct db_session *session, struct span account, struct day day, int64_t version,
            struct arena *arena, struct report *out)
{
    struct report report = { .day = day };
    TRY(load(session, account, version, arena, &report));
    *out = report;
    return ERR_OK;
}

enum err
report_load_settlement(struct db_session *session, struct span account, struct day day,
                       int64_t version, struct arena *arena, struct report *out)
{
    struct report report = { .day = day, .of_settlement = true };
    TRY(load(session, account, version, arena, &report));
    *out = report;
    return ERR_OK;
}
