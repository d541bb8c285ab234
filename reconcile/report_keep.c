/* SPDX-License-Identifier: Apache-2.0 */
#include "report_keep.h"

#include <stdio.h>

#include "bill_store.h"
#include "db.h"
#include "report_parts.h"

#define ARRAY_MAX   ((size_t)16 * 1024)
#define ARENA_MAX   ((size_t)64 * 1024)
#define NUMBER_SIZE 24

/* Columns as PostgreSQL's text form of an array; names and hashes need no quotes. */
struct columns {
    struct buf names;
    struct buf hashes;
    struct buf sizes;
    struct buf left_out; /* names */
};

static void
columns_fini(struct columns *columns)
{
    buf_fini(&columns->names);
    buf_fini(&columns->hashes);
    buf_fini(&columns->sizes);
    buf_fini(&columns->left_out);
}

static enum err
add(struct buf *column, const char *value)
{
    TRY(buf_byte(column, column->len == 0 ? '{' : ','));
    return buf_text(column, value);
}

static enum err
end(struct buf *column)
{
    return buf_text(column, column->len == 0 ? "{}" : "}");
}

static enum err
keep_file(const char *archive_dir, struct span where, const char *name, struct columns *columns)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(REPORT_MAX_BYTES + 1); /* as file_read wants it */
    DEFER(buf_fini) struct buf path = BUF_MAX(REPORT_PATH_MAX);
    const char *text = NULL;
    char hash[BILL_STORE_NAME_BYTES];
    char size[NUMBER_SIZE];
    bool known = false;
    TRY(buf_append(&path, where));
    TRY(buf_byte(&path, '/'));
    TRY(buf_text(&path, name));
    TRY(buf_cstr(&path, &text));
    TRY(report_file_read(text, &bytes));
    TRY(bill_store_put(archive_dir, buf_span(&bytes), hash, &known));
    (void)snprintf(size, sizeof(size), "%zu", bytes.len);
    TRY(add(&columns->names, name));
    TRY(add(&columns->hashes, hash));
    return add(&columns->sizes, size);
}

static enum err
name_files(struct db_session *session, const struct report *report, struct columns *columns)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(end(&columns->names));
    TRY(end(&columns->hashes));
    TRY(end(&columns->sizes));
    TRY(end(&columns->left_out));
    TRY(arena_new(ARENA_MAX, &arena));
    db_params_init(&params, arena);
    db_text(&params, report->account);
    db_day(&params, report->day);
    db_i64(&params, report->version);
    db_text(&params, buf_span(&columns->names));
    db_text(&params, buf_span(&columns->hashes));
    db_text(&params, buf_span(&columns->sizes));
    db_bool(&params, report->of_settlement);
    db_text(&params, buf_span(&columns->left_out));
    TRY(db_session_run(session, STATEMENT_recon_report_keep, &params, &rows));
    return db_row_i64(rows, 0, "others") == 0 ? ERR_OK : ERR_REPORT_DIFFERS;
}

#define NO_COLUMNS                                                                              \
    {                                                                                           \
        .names = BUF_MAX(ARRAY_MAX), .hashes = BUF_MAX(ARRAY_MAX), .sizes = BUF_MAX(ARRAY_MAX), \
        .left_out = BUF_MAX(ARRAY_MAX),                                                         \
    }

/* Into the archive first: what the database tells of is there. */
enum err
report_keep(struct db_session *session, const char *archive_dir, const struct report *report,
            struct span where)
{
    DEFER(columns_fini) struct columns columns = NO_COLUMNS;
    for (size_t i = 0; i < report_file_count(); i++) {
        const char *name = report_file_name(i);
        if (report_file_left_out(report, i)) {
            TRY(add(&columns.left_out, name));
        } else if (report_file_has(report, i)) {
            TRY(keep_file(archive_dir, where, name, &columns));
        }
    }
    return name_files(session, report, &columns);
}

enum err
report_keep_none(struct db_session *session, const struct report *report, size_t *count)
{
    size_t named = 0;
    DEFER(columns_fini) struct columns columns = NO_COLUMNS;
    for (size_t i = 0; i < report_file_count(); i++) {
        if (report_file_has(report, i)) {
            TRY(add(&columns.left_out, report_file_name(i)));
            named++;
        }
    }
    TRY(name_files(session, report, &columns));
    *count = named;
    return ERR_OK;
}

enum err
report_keep_find(struct db_session *session, const char *archive_dir, struct arena *arena,
                 struct report *report)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    void *room = NULL;
    db_params_init(&params, arena);
    db_text(&params, report->account);
    db_day(&params, report->day);
    db_i64(&params, report->version);
    db_bool(&params, report->of_settlement);
    TRY(db_session_run(session, STATEMENT_recon_reports, &params, &rows));
    TRY(arena_array(arena, db_rows_count(rows) + 1, sizeof(struct report_kept), &room));
    struct report_kept *kept = room;
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(arena_copy(arena, db_row_text(rows, i, "name"), &kept[i].name));
        TRY(arena_copy(arena, db_row_text(rows, i, "sha256"), &kept[i].sha256));
    }
    report->kept = kept;
    report->kept_count = db_rows_count(rows);
    report->archive_dir = archive_dir;
    return ERR_OK;
}
