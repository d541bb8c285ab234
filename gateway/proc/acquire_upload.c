/* SPDX-License-Identifier: Apache-2.0 */
#include "acquire.h"

#define ARENA_BYTES ((size_t)64 * 1024)

/* True when the bytes are those whose hash the provider signed at a try that brought no bill. */
static enum err
find_proof(const struct acquire *acquire, const struct acquire_target *target, struct span bytes,
           struct arena *arena, bool *proved)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    acquire_params(target, arena, &params);
    TRY(db_session_run(acquire->session, STATEMENT_bill_hash_last, &params, &rows));
    struct bill_file file = { .accepted = db_rows_count(rows) == 1 };
    if (file.accepted) {
        TRY(bill_file_check_hash(target->bill, bytes, db_row_text(rows, 0, "provider_sha1"),
                                 &file));
    }
    *proved = file.accepted;
    return ERR_OK;
}

static void
put_totals(const struct bill_totals *totals, struct db_params *params)
{
    db_i64(params, (int64_t)totals->pay_count);
    db_i64(params, totals->pay_fen);
    db_i64(params, (int64_t)totals->refund_count);
    db_i64(params, totals->refund_fen);
}

static enum err
add(const struct acquire *acquire, const struct acquire_target *target,
    const struct acquire_upload *upload, struct arena *arena, struct acquire_waiting *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    acquire_params(target, arena, &params);
    db_cstr(&params, out->kept.sha256);
    db_i64(&params, (int64_t)upload->bytes.len);
    db_bool(&params, out->proved);
    put_totals(&out->kept.file.by_lines, &params);
    db_cstr(&params, upload->reason);
    db_cstr(&params, upload->client);
    db_time(&params, clock_wall());
    TRY(db_session_run(acquire->session, STATEMENT_bill_upload_add, &params, &rows));
    out->before = span_eq_cstr(db_row_text(rows, 0, "outcome"), "waiting");
    out->number = db_row_i64(rows, 0, "number");
    out->proved = db_row_bool(rows, 0, "proved");
    return out->number > 0 ? ERR_OK : ERR_LOST_RACE;
}

enum err
acquire_upload(const struct acquire *acquire, const struct acquire_target *target,
               const struct acquire_upload *upload, struct acquire_waiting *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    *out = (struct acquire_waiting){ .number = 0 };
    TRY(arena_new(ARENA_BYTES, &arena));
    TRY(acquire_read(acquire, target, upload->bytes, &out->kept));
    if (!out->kept.file.accepted) {
        return ERR_OK;
    }
    TRY(acquire_archive(acquire, target, upload->bytes, arena, &out->kept));
    if (out->kept.place == ACQUIRE_SAME) {
        return ERR_OK;
    }
    TRY(find_proof(acquire, target, upload->bytes, arena, &out->proved));
    return add(acquire, target, upload, arena, out);
}
