/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_export.h"

#include "bill_store.h"
#include "pack_day.h"
#include "pack_folder.h"
#include "progress.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024)

/* Behind the run itself stand its files. */
static enum err
take_sums(const struct db_rows *rows, struct arena *arena, struct pack_sums *out, bool *kept,
          int64_t *version)
{
    size_t count = db_rows_count(rows);
    *kept = false;
    *out = (struct pack_sums){ .count = 0 };
    if (count == 0) {
        return ERR_RUN_UNKNOWN;
    }
    if (count > PACK_FILES_MAX) {
        return ERR_DB_ROWS;
    }
    *version = db_row_i64(rows, 0, "version");
    for (size_t i = 1; i < count; i++) {
        struct pack_sum *sum = &out->list[out->count++];
        TRY(arena_copy(arena, db_row_text(rows, i, "name"), &sum->name));
        TRY(arena_copy(arena, db_row_text(rows, i, "sha256"), &sum->sha256));
        *kept = *kept || span_eq_cstr(sum->name, PACK_DAY_FILE);
    }
    return ERR_OK;
}

static enum err
give_all(const char *archive_dir, const struct pack_sums *sums, bool kept, pack_export_file take,
         void *context)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PACK_SUMS_MAX_BYTES);
    for (size_t i = 0; i < sums->count; i++) {
        DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES);
        TRY(bill_store_load(archive_dir, sums->list[i].sha256, &bytes));
        TRY(take(context, sums->list[i].name, buf_span(&bytes)));
    }
    if (!kept) {
        return ERR_OK;
    }
    TRY(pack_folder_sums_text(sums, &text));
    return take(context, SPAN_LIT(PACK_SUMS_FILE), buf_span(&text));
}

static enum err
find(struct db_session *session, const struct pack_export *run, struct arena *arena,
     struct pack_sums *out, bool *kept, int64_t *told)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, arena);
    db_text(&params, run->account);
    db_day(&params, run->day);
    db_i64(&params, run->version);
    db_bool(&params, run->of_settlement);
    TRY(db_session_run(session, STATEMENT_recon_files, &params, &rows));
    return take_sums(rows, arena, out, kept, told);
}

enum err
pack_export_each(struct db_session *session, const struct pack_export *run, pack_export_file take,
                 void *context)
{
    struct pack_sums sums;
    bool kept = false;
    int64_t told = 0;
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    TRY(find(session, run, arena, &sums, &kept, &told));
    return give_all(run->archive_dir, &sums, kept, take, context);
}

struct saving {
    const char *dir;
    struct progress *progress;
};

static enum err
save(void *context, struct span name, struct span bytes)
{
    const struct saving *saving = context;
    TRY(pack_folder_save(saving->dir, name, bytes));
    progress_add(saving->progress, 1);
    return ERR_OK;
}

enum err
pack_export(struct db_session *session, const struct pack_export *run, const char *dir,
            int64_t *told)
{
    struct pack_sums sums;
    bool kept = false;
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    TRY(find(session, run, arena, &sums, &kept, told));
    if (!kept) {
        return ERR_RUN_FILES;
    }
    TRY(pack_folder_make(dir));
    struct saving saving = { .dir = dir, .progress = run->progress };
    progress_begin(run->progress, PROGRESS_EXPORT, (int64_t)sums.count + 1);
    enum err err = give_all(run->archive_dir, &sums, true, save, &saving);
    if (err == ERR_OK) {
        err = pack_folder_end(dir);
    }
    if (err != ERR_OK) {
        pack_folder_discard(dir, &sums);
    }
    return err;
}
