/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_export.h"

#include "bill_store.h"
#include "pack_day.h"
#include "pack_folder.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024)

/* Behind the run itself stand its files. */
static enum err
take_sums(const struct db_rows *rows, struct arena *arena, struct pack_sums *out, int64_t *version)
{
    size_t count = db_rows_count(rows);
    bool kept = false;
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
        kept = kept || span_eq_cstr(sum->name, PACK_DAY_FILE);
    }
    return kept ? ERR_OK : ERR_RUN_FILES;
}

static enum err
save_all(const char *archive_dir, const struct pack_sums *sums, const char *dir)
{
    for (size_t i = 0; i < sums->count; i++) {
        DEFER(buf_fini) struct buf bytes = BUF_MAX(PACK_FILE_MAX_BYTES);
        TRY(bill_store_load(archive_dir, sums->list[i].sha256, &bytes));
        TRY(pack_folder_save(dir, sums->list[i].name, buf_span(&bytes)));
    }
    return pack_folder_end(dir, sums);
}

enum err
pack_export(struct db_session *session, const char *archive_dir, struct span account,
            struct day day, int64_t version, const char *dir, int64_t *told)
{
    struct pack_sums sums;
    struct db_params params;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(arena_new(ARENA_MAX_BYTES, &arena));
    db_params_init(&params, arena);
    db_text(&params, account);
    db_day(&params, day);
    db_i64(&params, version);
    TRY(db_session_run(session, STATEMENT_recon_files, &params, &rows));
    TRY(take_sums(rows, arena, &sums, told));
    TRY(pack_folder_make(dir));
    enum err err = save_all(archive_dir, &sums, dir);
    if (err != ERR_OK) {
        pack_folder_discard(dir, &sums);
    }
    return err;
}
