/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_store.h"
#include "crypto.h"
#include "pack_day.h"
#include "run_parts.h"

/* What a run read, as files: made before it is known by their hashes, and kept in the archive with it. */

static enum err
hex_of(const unsigned char digest[SHA256_BYTES], struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf hex = BUF_MAX((size_t)2 * SHA256_BYTES);
    TRY(crypto_hex_encode(span_make(digest, SHA256_BYTES), &hex));
    return arena_copy(arena, buf_span(&hex), out);
}

static const void *
rows_of(const struct run *run, enum pack_list list, size_t *count)
{
    const struct {
        const void *rows;
        size_t count;
    } lists[PACK_EVERY_COUNT] = {
        [PACK_BOOKS] = { run->members, run->member_count },
        [PACK_REFUNDS] = { run->refunds, run->refund_count },
        [PACK_ORDERS] = { run->orders, run->order_count },
        [PACK_PAYMENTS] = { run->payments, run->payment_count },
        [PACK_INVOICES] = { run->invoices, run->invoice_count },
        [PACK_MANUALS] = { run->manuals, run->manual_count },
        [PACK_INVOICE_ITEMS] = { run->items, run->item_count },
        [PACK_EARLY] = { run->early, run->early_count },
        [PACK_PAYOUTS] = { run->deposits.payouts, run->deposits.payout_count },
        [PACK_DEPOSITS] = { run->deposits.entries, run->deposits.entry_count },
        [PACK_TRANSFERS] = { run->deposits.transfers, run->deposits.transfer_count },
    };
    *count = lists[list].count;
    return lists[list].rows;
}

bool
run_is_settlement(const struct run *run)
{
    return span_eq_cstr(run->request->kind, RECON_SETTLEMENT);
}

enum err
run_take_lists(struct run *run, void *const rows[PACK_EVERY_COUNT],
               const size_t counts[PACK_EVERY_COUNT])
{
    run->members = rows[PACK_BOOKS];
    run->member_count = counts[PACK_BOOKS];
    run->refunds = rows[PACK_REFUNDS];
    run->refund_count = counts[PACK_REFUNDS];
    run->orders = rows[PACK_ORDERS];
    run->order_count = counts[PACK_ORDERS];
    run->payments = rows[PACK_PAYMENTS];
    run->payment_count = counts[PACK_PAYMENTS];
    run->invoices = rows[PACK_INVOICES];
    run->invoice_count = counts[PACK_INVOICES];
    run->manuals = rows[PACK_MANUALS];
    run->manual_count = counts[PACK_MANUALS];
    run->items = rows[PACK_INVOICE_ITEMS];
    run->item_count = counts[PACK_INVOICE_ITEMS];
    run->early = rows[PACK_EARLY];
    run->early_count = counts[PACK_EARLY];
    run->deposits.payouts = rows[PACK_PAYOUTS];
    run->deposits.payout_count = counts[PACK_PAYOUTS];
    run->deposits.entries = rows[PACK_DEPOSITS];
    run->deposits.entry_count = counts[PACK_DEPOSITS];
    run->deposits.transfers = rows[PACK_TRANSFERS];
    run->deposits.transfer_count = counts[PACK_TRANSFERS];
    return run_give_items(run);
}

enum err
run_pack_make(struct run *run)
{
    int end = pack_day_end_list(run->request->kind);
    for (int i = pack_day_first_list(run->request->kind); i < end; i++) {
        enum pack_list list = (enum pack_list)i;
        unsigned char digest[SHA256_BYTES];
        size_t count = 0;
        const void *rows = rows_of(run, list, &count);
        if (count == 0 && pack_list_may_lack(list)) {
            continue;
        }
        buf_init(&run->files[list], PACK_FILE_MAX_BYTES);
        TRY(pack_list_write(list, rows, count, &run->files[list]));
        TRY(crypto_sha256(buf_span(&run->files[list]), digest));
        TRY(hex_of(digest, run->arena, &run->file_sha256[list]));
    }
    return ERR_OK;
}

enum err
run_hash_hex(const struct run *run, const struct bill_file *bill, struct span *input,
             struct span *result)
{
    unsigned char digest[SHA256_BYTES];
    TRY(run_hash(run, bill, digest));
    TRY(hex_of(digest, run->arena, input));
    TRY(run_hash_results(run, digest));
    return hex_of(digest, run->arena, result);
}

static enum err
day_of_run(const struct run *run, const struct bill_file *bill, int64_t version,
           struct pack_day *out)
{
    *out = (struct pack_day){
        .rules = RUN_RULES_VERSION,
        .request = *run->request,
        .form = REPORT_FORM,
        .version = version,
        .closed_days = run->closed_days,
        .late_bills = run->late_bills,
        .rounded_fen = run->rounded_fen,
        .edited = run->edited,
        .trend = run->trend,
        .trend_count = run->trend_count,
        .forms = run->forms,
        .before_known = run->flow.before_known,
        .before_fen = run->flow.before_fen,
        .bill_sha256 = run->sha256,
        .flow_sha256 = run->flow.sha256,
    };
    for (int i = 0; i < PACK_EVERY_COUNT; i++) {
        out->list_sha256[i] = run->file_sha256[i];
    }
    return run_hash_hex(run, bill, &out->input_hash, &out->result_hash);
}

struct columns {
    struct buf names;
    struct buf hashes;
};

static void
columns_fini(struct columns *columns)
{
    buf_fini(&columns->names);
    buf_fini(&columns->hashes);
}

/* Into the archive first: what the database tells of is there. */
static enum err
keep(const struct run *run, const char *name, struct span bytes, struct columns *columns)
{
    char hash[BILL_STORE_NAME_BYTES];
    bool known = false;
    TRY(bill_store_put(run->request->archive_dir, bytes, hash, &known));
    TRY(run_array_add(&columns->names, span_of(name)));
    return run_array_add(&columns->hashes, span_of(hash));
}

/* The run can be repeated from its files, and this one says how. */
static enum err
keep_day(const struct run *run, const struct bill_file *bill, int64_t version,
         struct columns *columns)
{
    struct pack_day day;
    DEFER(buf_fini) struct buf text = BUF_MAX(PACK_DAY_MAX_BYTES);
    TRY(day_of_run(run, bill, version, &day));
    TRY(pack_day_write(&day, &text));
    return keep(run, PACK_DAY_FILE, buf_span(&text), columns);
}

enum err
run_pack_keep(const struct run *run, const struct bill_file *bill, int64_t run_id, int64_t version)
{
    struct db_params params;
    DEFER(columns_fini)
    struct columns columns = { .names = BUF_MAX(PACK_DAY_MAX_BYTES),
                               .hashes = BUF_MAX(PACK_DAY_MAX_BYTES) };
    TRY(keep_day(run, bill, version, &columns));
    int end = pack_day_end_list(run->request->kind);
    for (int i = pack_day_first_list(run->request->kind); i < end; i++) {
        if (!span_empty(run->file_sha256[i])) {
            TRY(keep(run, pack_list_file((enum pack_list)i), buf_span(&run->files[i]), &columns));
        }
    }
    TRY(run_array_end(&columns.names));
    TRY(run_array_end(&columns.hashes));
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    db_text(&params, buf_span(&columns.names));
    db_text(&params, buf_span(&columns.hashes));
    return db_session_run(run->session, STATEMENT_recon_file_insert, &params, NULL);
}
