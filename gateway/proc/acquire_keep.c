/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "acquire.h"

#define ARENA_BYTES ((size_t)64 * 1024)
#define FORMS_BYTES ((size_t)1024 * 1024)

void
acquire_params(const struct acquire_target *target, struct arena *arena, struct db_params *params)
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
    acquire_params(target, arena, &params);
    db_time(&params, clock_wall());
    db_cstr(&params, attempt->outcome);
    db_cstr(&params, attempt->sha256);
    if (attempt->sha256 == NULL) {
        db_null(&params);
    } else {
        db_i64(&params, (int64_t)attempt->bytes);
    }
    db_cstr(&params, attempt->detail);
    db_cstr(&params, attempt->provider_sha1 == NULL ? "" : attempt->provider_sha1);
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
insert_file(const struct acquire *acquire, const struct acquire_target *target, const char *sha256,
            size_t bytes, struct arena *arena, bool *inserted)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    acquire_params(target, arena, &params);
    db_cstr(&params, sha256);
    db_i64(&params, (int64_t)bytes);
    db_time(&params, clock_wall());
    TRY(db_session_run(acquire->session, STATEMENT_bill_file_insert, &params, &rows));
    *inserted = db_rows_count(rows) == 1;
    return ERR_OK;
}

/* What the provider gives counts by itself, also where the same bytes count that a person brought. */
static enum err
find_place(const struct acquire *acquire, const struct acquire_target *target, const char *sha256,
           struct arena *arena, enum acquire_place *out)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    acquire_params(target, arena, &params);
    TRY(db_session_run(acquire->session, STATEMENT_bill_file_find, &params, &rows));
    *out = ACQUIRE_FIRST;
    if (db_rows_count(rows) == 0) {
        return ERR_OK;
    }
    if (!span_eq_cstr(db_row_text(rows, 0, "sha256"), sha256)) {
        *out = ACQUIRE_REISSUED;
    } else if (span_eq_cstr(db_row_text(rows, 0, "origin"), "download")) {
        *out = ACQUIRE_SAME;
    }
    return ERR_OK;
}

enum err
acquire_read(const struct acquire *acquire, const struct acquire_target *target, struct span bytes,
             const struct bill_form *more, struct acquire_kept *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct bill_forms forms;
    const struct bill_wish wish = { .bill = target->bill,
                                    .account = target->account,
                                    .day = target->day,
                                    .forms = &forms,
                                    .progress = acquire->progress };
    *out = (struct acquire_kept){ .place = ACQUIRE_FIRST };
    TRY(arena_new(FORMS_BYTES, &arena));
    TRY(acquire_tell(acquire, PROGRESS_CHECK_BILL));
    TRY(bill_form_load(acquire->session, target->account->name, arena, &forms));
    if (more != NULL) {
        if (forms.count == BILL_FORMS_MAX) {
            return ERR_BUF_FULL;
        }
        forms.list[forms.count++] = *more;
    }
    TRY(bill_file_read_by(&wish, bytes, NULL, NULL, &out->file));
    return join_codes(out);
}

enum err
acquire_archive(const struct acquire *acquire, const struct acquire_target *target,
                struct span bytes, struct arena *arena, struct acquire_kept *out)
{
    bool known = false;
    TRY(bill_store_put(config_text(acquire->config, CONFIG_archive_dir, 0), bytes, out->sha256,
                       &known));
    return find_place(acquire, target, out->sha256, arena, &out->place);
}

static enum err
put_away(const struct acquire *acquire, const struct acquire_target *target, struct span bytes,
         struct acquire_kept *out, bool *inserted)
{
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(ARENA_BYTES, &arena));
    TRY(acquire_read(acquire, target, bytes, NULL, out));
    TRY(acquire_archive(acquire, target, bytes, arena, out));
    return insert_file(acquire, target, out->sha256, bytes.len, arena, inserted);
}

/* A try that brought a bill which could not be kept: else what was said before it, that there is no bill perhaps, would stay the last
 * word about the day. The first failure is the one to tell. */
static void
record_lost(const struct acquire *acquire, const struct acquire_target *target, enum err why)
{
    const struct acquire_try attempt = { .outcome = acquire_outcome(why, false, false),
                                         .detail = err_name(why) };
    enum err recorded = acquire_record(acquire, target, &attempt);
    (void)recorded;
}

enum err
acquire_keep(const struct acquire *acquire, const struct acquire_target *target, struct span bytes,
             struct acquire_kept *out)
{
    bool inserted = false;
    enum err err = put_away(acquire, target, bytes, out, &inserted);
    if (err != ERR_OK) {
        record_lost(acquire, target, err);
        return err;
    }
    const struct acquire_try attempt = { .outcome = inserted ? "stored" : "known",
                                         .sha256 = out->sha256,
                                         .bytes = bytes.len,
                                         .detail = out->codes };
    return acquire_record(acquire, target, &attempt);
}
