/* SPDX-License-Identifier: Apache-2.0 */
#include "migrate.h"

#include "crypto.h"
#include "migration_files.h"
#include "progress.h"

#define MIGRATE_ARENA_MAX ((size_t)64 * 1024)

/* 0000 is the registry itself. Its transaction holds a lock that a second migrating program waits
 * for; this is not the payment path. */
#define FIRST_MIGRATION 1

static int
version_of(int index)
{
    uint64_t version = 0;
    struct span digits = span_sub(span_of(migration_files[index].name), 0, 4);
    return span_to_u64(digits, 0, 9999, &version) == ERR_OK ? (int)version : -1;
}

static enum err
hash_of(int index, unsigned char out[SHA256_BYTES])
{
    return crypto_sha256(span_make(migration_files[index].at, migration_files[index].len), out);
}

/* *known tells whether the migration is applied; another text under its number is refused. */
static enum err
check_one(const struct db_rows *applied, int index, struct arena *arena, bool *known)
{
    unsigned char hash[SHA256_BYTES];
    TRY(hash_of(index, hash));
    *known = false;
    for (size_t row = 0; row < db_rows_count(applied); row++) {
        if (db_row_i64(applied, row, "version") != version_of(index)) {
            continue;
        }
        struct span stored;
        TRY(db_row_bytes(applied, row, "sha256", arena, &stored));
        if (!span_eq(stored, span_make(hash, sizeof(hash)))) {
            return ERR_DB_SCHEMA;
        }
        *known = true;
    }
    return ERR_OK;
}

static enum err
apply_one(struct db_session *session, int index, struct arena *arena)
{
    unsigned char hash[SHA256_BYTES];
    TRY(hash_of(index, hash));
    TRY(db_session_script(session, (const char *)migration_files[index].at));
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, version_of(index));
    db_cstr(&params, migration_files[index].name);
    db_bytes(&params, span_make(hash, sizeof(hash)));
    db_time(&params, clock_wall());
    return db_session_run(session, STATEMENT_migration_register, &params, NULL);
}

/* One migration in its own transaction, behind the lock, after looking again. */
static enum err
step(struct db_session *session, int index, struct arena *arena, int *applied)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    bool known = false;
    TRY(db_session_script(session, "LOCK TABLE tallygate.schema_migration IN EXCLUSIVE MODE"));
    TRY(db_session_run(session, STATEMENT_migration_list, NULL, &rows));
    TRY(check_one(rows, index, arena, &known));
    if (known) {
        return ERR_OK;
    }
    TRY(apply_one(session, index, arena));
    (*applied)++;
    return ERR_OK;
}

static void
free_arena(struct arena **arena)
{
    arena_free(arena);
}

static enum err
apply_missing(struct db_session *session, struct arena *arena, struct progress *progress,
              int *applied)
{
    progress_begin(progress, PROGRESS_MIGRATE, MIGRATION_COUNT - FIRST_MIGRATION);
    TRY(db_session_script(session, (const char *)migration_files[0].at));
    for (int i = FIRST_MIGRATION; i < MIGRATION_COUNT; i++) {
        TRY(db_session_begin(session, false));
        enum err err = step(session, i, arena, applied);
        if (err != ERR_OK) {
            db_session_rollback(session);
            return err;
        }
        TRY(db_session_commit(session));
        progress_add(progress, 1);
    }
    return ERR_OK;
}

enum err
migrate_up(struct db_session *session, struct progress *progress, int *applied)
{
    DEFER(free_arena) struct arena *arena = NULL;
    TRY(arena_new(MIGRATE_ARENA_MAX, &arena));
    int count = 0;
    db_session_limit(session, DB_SESSION_LONG_MS);
    enum err err = apply_missing(session, arena, progress, &count);
    db_session_limit(session, DB_SESSION_MS);
    TRY(err);
    *applied = count;
    return ERR_OK;
}

enum err
migrate_check(struct db_session *session)
{
    DEFER(free_arena) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(arena_new(MIGRATE_ARENA_MAX, &arena));
    if (db_session_run(session, STATEMENT_migration_list, NULL, &rows) != ERR_OK
        || db_rows_count(rows) != MIGRATION_COUNT - FIRST_MIGRATION) {
        return ERR_DB_SCHEMA;
    }
    for (int i = FIRST_MIGRATION; i < MIGRATION_COUNT; i++) {
        bool known = false;
        TRY(check_one(rows, i, arena, &known));
        if (!known) {
            return ERR_DB_SCHEMA;
        }
    }
    return ERR_OK;
}
