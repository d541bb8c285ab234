/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate audit export: the whole trail as lines of JSON on standard output, for somebody who verifies it without our
 * database. tallygate(8) describes the lines. */
#include <string.h>

#include "audit.h"
#include "cli.h"
#include "json.h"

#define ARENA_MAX_BYTES ((size_t)1024 * 1024)
#define LINE_MAX_BYTES  ((size_t)4 * 1024 * 1024)
#define PAGE_ROWS       10000
#define CHECKPOINT_ROWS 100
#define NUMBER_CHARS    32

struct export
{
    struct cli *cli;
    struct db_session *session;
    struct arena *arena;
    struct buf text; /* lines that are not written yet */
    int64_t checkpoints;
    int64_t events;

    /* The last row that was read. */
    int64_t number;
    int64_t slot;
    char payment_no[NUMBER_CHARS + 1];
    int64_t seq;
};

/* What a line takes from a row: columns in the order of its members. */
struct column {
    const char *name;
    bool is_number;
};

static const struct column checkpoint_columns[] = {
    { "number", true }, { "previous", false }, { "sealed_at", true },  { "heads", false },
    { "hash", false },  { "key_id", false },   { "signature", false },
};

static const struct column event_columns[] = {
    { "slot", true },
    { "payment_no", false },
    { "seq", true },
    { "attempt_no", false },
    { "refund_no", false },
    { "machine", false },
    { "from_state", false },
    { "event", false },
    { "to_state", false },
    { "effect", false },
    { "evidence_digest", false },
    { "actor", false },
    { "at", true },
    { "hash", false },
};

static enum err
put_columns(struct json_t *object, const struct column *columns, size_t count,
            const struct db_rows *rows, size_t row)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = columns[i].name;
        if (columns[i].is_number) {
            TRY(json_put_i64(object, name, db_row_i64(rows, row, name)));
        } else if (!db_row_null(rows, row, name)) {
            TRY(json_put_string(object, name, db_row_text(rows, row, name)));
        }
    }
    return ERR_OK;
}

static enum err
flush(struct export *export)
{
    if (cli_put(export->cli, buf_span(&export->text)) != EXIT_YES) {
        return ERR_FILE_WRITE;
    }
    buf_reset(&export->text);
    return ERR_OK;
}

static enum err
put_line(struct export *export, const struct json_t *object)
{
    TRY(json_encode(object, &export->text));
    return buf_byte(&export->text, '\n');
}

static enum err
put_row(struct export *export, const char *kind, const struct column *columns, size_t count,
        const struct db_rows *rows, size_t row)
{
    DEFER(json_free) struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put_text(object, "kind", kind));
    TRY(put_columns(object, columns, count, rows, row));
    return put_line(export, object);
}

static enum err
page_of_checkpoints(struct export *export, size_t *count)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    arena_reset(export->arena);
    db_params_init(&params, export->arena);
    db_i64(&params, export->number);
    db_i64(&params, CHECKPOINT_ROWS);
    TRY(db_session_run(export->session, STATEMENT_audit_export_checkpoints, &params, &rows));
    *count = db_rows_count(rows);
    for (size_t i = 0; i < *count; i++) {
        TRY(put_row(export, "checkpoint", checkpoint_columns,
                    sizeof(checkpoint_columns) / sizeof(checkpoint_columns[0]), rows, i));
        TRY(flush(export));
        export->number = db_row_i64(rows, i, "number");
        export->checkpoints++;
    }
    return ERR_OK;
}

static enum err
remember(struct export *export, const struct db_rows *rows, size_t row)
{
    struct span payment_no = db_row_text(rows, row, "payment_no");
    if (payment_no.len > NUMBER_CHARS) {
        return ERR_DB_ROWS;
    }
    export->slot = db_row_i64(rows, row, "slot");
    export->seq = db_row_i64(rows, row, "seq");
    memcpy(export->payment_no, payment_no.at, payment_no.len);
    export->payment_no[payment_no.len] = 0;
    return ERR_OK;
}

static enum err
page_of_events(struct export *export, enum statement statement, size_t *count)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    arena_reset(export->arena);
    db_params_init(&params, export->arena);
    if (statement == STATEMENT_audit_export_events) {
        db_i64(&params, export->slot);
    }
    db_cstr(&params, export->payment_no);
    db_i64(&params, export->seq);
    db_i64(&params, PAGE_ROWS);
    TRY(db_session_run(export->session, statement, &params, &rows));
    *count = db_rows_count(rows);
    for (size_t i = 0; i < *count; i++) {
        TRY(put_row(export, "event", event_columns,
                    sizeof(event_columns) / sizeof(event_columns[0]), rows, i));
        export->events++;
        progress_add(cli_watch(export->cli), 1);
        if (export->text.len > LINE_MAX_BYTES / 2) {
            TRY(flush(export));
        }
    }
    return *count > 0 ? remember(export, rows, *count - 1) : ERR_OK;
}

static enum err
put_end(struct export *export)
{
    DEFER(json_free) struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put_text(object, "kind", "end"));
    TRY(json_put_i64(object, "checkpoints", export->checkpoints));
    TRY(json_put_i64(object, "events", export->events));
    TRY(put_line(export, object));
    return flush(export);
}

/* All in one snapshot, checkpoints first: each names events that are there. */
static enum err
run(struct export *export)
{
    size_t count = 0;
    progress_begin(cli_watch(export->cli), PROGRESS_EXPORT, 0);
    TRY(db_session_begin(export->session, true));
    do {
        TRY(page_of_checkpoints(export, &count));
    } while (count > 0);
    do {
        TRY(page_of_events(export, STATEMENT_audit_export_events, &count));
    } while (count > 0);
    export->payment_no[0] = 0;
    export->seq = 0;
    do {
        TRY(page_of_events(export, STATEMENT_audit_export_differences, &count));
    } while (count > 0);
    TRY(db_session_commit(export->session));
    return put_end(export);
}

int
command_audit_export(struct cli *cli, int argc, char **argv)
{
    struct export export = { .cli = cli, .slot = -1 };
    if (!cli_options(cli, argc, argv, NULL, 0, NULL)
        || cli_session(cli, &export.session) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    buf_init(&export.text, LINE_MAX_BYTES);
    enum err err = arena_new(ARENA_MAX_BYTES, &export.arena);
    if (err == ERR_OK) {
        err = run(&export);
    }
    if (err != ERR_OK) {
        db_session_rollback(export.session);
    }
    arena_free(&export.arena);
    buf_fini(&export.text);
    return err == ERR_OK ? EXIT_YES : cli_trouble(cli, err, "导出审计链", "export the audit trail");
}
