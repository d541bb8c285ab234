/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_internal.h"

#define TROUBLE_MAX 512

struct db_session {
    PGconn *conn;
    bool prepared[STATEMENT_COUNT];
    bool lost_wait;
    char trouble[TROUBLE_MAX];
};

static void
on_notice(void *context, const PGresult *notice)
{
    struct db_session *session = context;
    session->lost_wait = session->lost_wait || db_is_lost_wait(notice);
}

static enum err
judge(struct db_session *session, const PGresult *result)
{
    char constraint[DB_CONSTRAINT_NAME_MAX];
    enum err err = db_classify(result, true, constraint);
    if (err != ERR_OK) {
        (void)snprintf(session->trouble, sizeof(session->trouble), "%s",
                       PQerrorMessage(session->conn));
    }
    if (err == ERR_OK && session->lost_wait) {
        session->lost_wait = false;
        return ERR_DB_OUTCOME;
    }
    return err;
}

enum err
db_session_open(const char *conninfo, struct db_session **out)
{
    struct db_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return ERR_NO_MEMORY;
    }
    struct db_keywords keywords;
    db_keywords_fill(conninfo, &keywords);
    session->conn = PQconnectdbParams(keywords.names, keywords.values, 1);
    if (PQstatus(session->conn) != CONNECTION_OK) {
        (void)fprintf(stderr, "%s", PQerrorMessage(session->conn));
        db_session_close(&session);
        return ERR_DB_AWAY;
    }
    (void)PQsetNoticeReceiver(session->conn, on_notice, session);
    *out = session;
    return ERR_OK;
}

void
db_session_close(struct db_session **session)
{
    if (session == NULL || *session == NULL) {
        return;
    }
    PQfinish((*session)->conn);
    free(*session);
    *session = NULL;
}

const char *
db_session_trouble(const struct db_session *session)
{
    return session->trouble;
}

static enum err
plain(struct db_session *session, const char *text)
{
    PGresult *result = PQexec(session->conn, text);
    enum err err = judge(session, result);
    PQclear(result);
    return err;
}

enum err
db_session_begin(struct db_session *session, bool repeatable_read)
{
    return plain(session, repeatable_read ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN");
}

enum err
db_session_commit(struct db_session *session)
{
    return plain(session, "COMMIT");
}

enum err
db_session_rollback(struct db_session *session)
{
    return plain(session, "ROLLBACK");
}

enum err
db_session_script(struct db_session *session, const char *script)
{
    return plain(session, script);
}

static enum err
prepare(struct db_session *session, enum statement statement)
{
    if (session->prepared[statement]) {
        return ERR_OK;
    }
    const struct statement_file *file = &statement_files[statement];
    PGresult *result = PQprepare(session->conn, file->name, (const char *)file->at, 0, NULL);
    enum err err = judge(session, result);
    PQclear(result);
    session->prepared[statement] = err == ERR_OK;
    return err;
}

enum err
db_session_run(struct db_session *session, enum statement statement, const struct db_params *params,
               struct db_rows **rows)
{
    if (params != NULL && params->err != ERR_OK) {
        return params->err;
    }
    TRY(prepare(session, statement));
    PGresult *result = PQexecPrepared(
        session->conn, statement_files[statement].name, params == NULL ? 0 : params->count,
        params == NULL ? NULL : params->values, params == NULL ? NULL : params->lengths,
        params == NULL ? NULL : params->formats, 0);
    enum err err = judge(session, result);
    if (err != ERR_OK || rows == NULL) {
        PQclear(result);
        return err;
    }
    struct db_rows *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        PQclear(result);
        return ERR_NO_MEMORY;
    }
    made->result = result;
    *rows = made;
    return ERR_OK;
}

enum err
db_copy_open(struct db_session *session, enum statement statement)
{
    return plain(session, (const char *)statement_files[statement].at);
}

/* COPY text format: tab between columns, backslash escapes, \N for NULL. */
static enum err
copy_column(struct buf *line, struct span column)
{
    for (size_t i = 0; i < column.len; i++) {
        unsigned char c = column.at[i];
        const char *escaped = c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : NULL;
        if (c == '\\') {
            escaped = "\\\\";
        }
        if (escaped != NULL) {
            TRY(buf_text(line, escaped));
        } else {
            TRY(buf_byte(line, c));
        }
    }
    return ERR_OK;
}

#define COPY_LINE_MAX ((size_t)1024 * 1024)

enum err
db_copy_row(struct db_session *session, const struct span *columns, const bool *nulls, size_t count)
{
    DEFER(buf_fini) struct buf line = BUF_MAX(COPY_LINE_MAX);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            TRY(buf_byte(&line, '\t'));
        }
        if (nulls[i]) {
            TRY(buf_text(&line, "\\N"));
        } else {
            TRY(copy_column(&line, columns[i]));
        }
    }
    TRY(buf_byte(&line, '\n'));
    return PQputCopyData(session->conn, (const char *)line.at, (int)line.len) == 1 ? ERR_OK
                                                                                   : ERR_DB_AWAY;
}

enum err
db_copy_close(struct db_session *session, size_t *rows)
{
    if (PQputCopyEnd(session->conn, NULL) != 1) {
        return ERR_DB_AWAY;
    }
    PGresult *result = PQgetResult(session->conn);
    enum err err = judge(session, result);
    struct db_rows wrapped = { .result = result };
    if (err == ERR_OK && rows != NULL) {
        *rows = db_rows_affected(&wrapped);
    }
    PQclear(result);
    while ((result = PQgetResult(session->conn)) != NULL) {
        PQclear(result);
    }
    return err;
}
