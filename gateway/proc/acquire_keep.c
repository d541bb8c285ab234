/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "acquire.h"

#define ARENA_BYTES ((size_t)64 * 1024)

static void
target_params(const struct acquire_target *target, struct arena *arena, struct db_params *params)
{
    db_params_init(params, arena);
    db_cstr(params, target->account->name);
    db_cstr(params, target->bill->kind);
    db_day(params, target->day);
}

enum err
acquire_record(const struct acquire *acquire, const struct acquire_target *target,
               const struct acquire_try *attempt)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_BYTES, &arena));
    target_params(target, arena, &params);
    db_time(&params, clock_wall());
    db_cstr(&params, attempt->outcome);
    db_cstr(&params, attempt->sha256);
    if (attempt->sha256 == NULL) {
        db_null(&params);
    } else {
        db_i64(&params, (int64_t)attempt->bytes);
    }
    db_cstr(&params, attempt->detail);
    return db_session_run(acquire->session, STATEMENT_bill_fetch_insert, &params, NULL);
}

static enum err
join_codes(struct acquire_kept *kept)
{
    const char *text = NULL;
    DEFER(buf_fini) struct buf codes = BUF_MAX(ACQUIRE_CODES_BYTES - 1);
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        if (kept->file.found[i]) {
            TRY(buf_text(&codes, codes.len == 0 ? "" : " "));
            TRY(buf_text(&codes, finding_name((enum finding)i)));
        }
    }
    TRY(buf_cstr(&codes, &text));
    memcpy(kept->codes, text, codes.len + 1);
    return ERR_OK;
}

static enum err
insert_file(const struct acquire *acquire, const struct acquire_target *target,
            enum acquire_source source, const char *sha256, size_t bytes, struct arena *arena,
            bool *inserted)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    target_params(target, arena, &params);
    db_cstr(&params, sha256);
    db_i64(&params, (int64_t)bytes);
    db_cstr(&params, source == ACQUIRE_DOWNLOADED ? "download" : "upload");
    db_time(&params, clock_wall());
    TRY(db_session_run(acquire->session, STATEMENT_bill_file_insert, &params, &rows));
    *inserted = db_rows_count(rows) == 1;
    return ERR_OK;
}

static enum err
find_place(const struct acquire *acquire, const struct acquire_target *target, const char *sha256,
           struct arena *arena, enum acquire_place *out)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    target_params(target, arena, &params);
    TRY(db_session_run(acquire->session, STATEMENT_bill_file_find, &params, &rows));
    if (db_rows_count(rows) == 0) {
        *out = ACQUIRE_FIRST;
    } else {
        bool same = span_eq_cstr(db_row_text(rows, 0, "sha256"), sha256);
        *out = same ? ACQUIRE_SAME : ACQUIRE_REISSUED;
    }
    return ERR_OK;
}

static enum err
keep_file(const struct acquire *acquire, const struct acquire_target *target,
          enum acquire_source source, struct span bytes, struct acquire_kept *out)
{
    bool known = false;
    bool inserted = false;
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(ARENA_BYTES, &arena));
    TRY(bill_store_put(config_text(acquire->config, CONFIG_archive_dir, 0), bytes, out->sha256,
                       &known));
    TRY(find_place(acquire, target, out->sha256, arena, &out->place));
    TRY(insert_file(acquire, target, source, out->sha256, bytes.len, arena, &inserted));
    const struct acquire_try attempt = { .outcome = inserted ? "stored" : "known",
                                         .sha256 = out->sha256,
                                         .bytes = bytes.len,
                                         .detail = out->codes };
    TRY(acquire_record(acquire, target, &attempt));
    out->kept = true;
    return ERR_OK;
}

enum err
acquire_keep(const struct acquire *acquire, const struct acquire_target *target,
             enum acquire_source source, struct span bytes, struct acquire_kept *out)
{
    *out = (struct acquire_kept){ .kept = false };
    TRY(acquire_tell(acquire, ACQUIRE_CHECK));
    TRY(bill_file_read(target->bill, bytes, target->account, target->day, NULL, NULL, &out->file));
    TRY(join_codes(out));
    if (!out->file.accepted && source == ACQUIRE_HANDED_IN) {
        const struct acquire_try attempt = { .outcome = "refused", .detail = out->codes };
        return acquire_record(acquire, target, &attempt);
    }
    return keep_file(acquire, target, source, bytes, out);
}
