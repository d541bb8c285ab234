/* SPDX-License-Identifier: Apache-2.0 */
#include "acquire.h"

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

static void
put_header(const struct acquire_waiting *waiting, struct db_params *params)
{
    if (waiting->by_form) {
        db_text(params, waiting->came);
        db_text(params, waiting->read_as);
    } else {
        db_null(params);
        db_null(params);
    }
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
    put_header(out, &params);
    TRY(db_session_run(acquire->session, STATEMENT_bill_upload_add, &params, &rows));
    out->before = span_eq_cstr(db_row_text(rows, 0, "outcome"), "waiting");
    out->other = span_eq_cstr(db_row_text(rows, 0, "outcome"), "other");
    out->number = db_row_i64(rows, 0, "number");
    out->proved = db_row_bool(rows, 0, "proved");
    return out->number > 0 ? ERR_OK : ERR_LOST_RACE;
}

/* The file read once more with what is said of its header. */
static enum err
read_by_header(const struct acquire *acquire, const struct acquire_target *target,
               const struct acquire_upload *upload, struct arena *arena,
               struct acquire_waiting *out)
{
    struct bill_form form;
    TRY(bill_form_make(target->bill, &out->kept.file.drift, span_of(upload->header), arena, &form,
                       &out->refused, &out->about));
    if (out->refused != BILL_FORM_FITS) {
        out->kept.file.accepted = false;
        return ERR_OK;
    }
    out->by_form = true;
    out->came = form.came;
    out->read_as = form.read_as;
    return acquire_read(acquire, target, upload->bytes, &form, &out->kept);
}

enum err
acquire_upload(const struct acquire *acquire, const struct acquire_target *target,
               const struct acquire_upload *upload, struct arena *arena,
               struct acquire_waiting *out)
{
    *out = (struct acquire_waiting){ .refused = BILL_FORM_FITS };
    TRY(acquire_read(acquire, target, upload->bytes, NULL, &out->kept));
    if (upload->header != NULL) {
        TRY(read_by_header(acquire, target, upload, arena, out));
    }
    if (!out->kept.file.accepted) {
        return ERR_OK;
    }
    TRY(acquire_archive(acquire, target, upload->bytes, arena, &out->kept));
    if (out->kept.place == ACQUIRE_SAME && !out->by_form) {
        return ERR_OK;
    }
    TRY(find_proof(acquire, target, upload->bytes, arena, &out->proved));
    return add(acquire, target, upload, arena, out);
}
