/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"
#include "session_internal.h"

#define COPY_LINE_MAX   ((size_t)1024 * 1024)
#define COPY_UNSENT_MAX ((size_t)64 * 1024) /* libpq keeps what the network did not take yet */

enum err
db_copy_open(struct db_session *session, enum statement statement)
{
    session->unsent_bytes = 0;
    return db_session_script(session, (const char *)statement_files[statement].at);
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

static enum err
copy_send(struct db_session *session, struct span line)
{
    TRY(session_standing(session));
    if (session->unsent_bytes + line.len > COPY_UNSENT_MAX) {
        TRY(session_flush(session));
        session->unsent_bytes = 0;
    }
    session->unsent_bytes += line.len;
    return PQputCopyData(session->conn, (const char *)line.at, (int)line.len) == 1 ? ERR_OK
                                                                                   : ERR_DB_AWAY;
}

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
    return copy_send(session, buf_span(&line));
}

enum err
db_copy_close(struct db_session *session, size_t *rows)
{
    TRY(session_standing(session));
    TRY(session_flush(session));
    if (PQputCopyEnd(session->conn, NULL) != 1) {
        return ERR_DB_AWAY;
    }
    PGresult *result = NULL;
    enum err err = session_answer(session, true, &result);
    struct db_rows wrapped = { .result = result };
    if (err == ERR_OK && rows != NULL) {
        *rows = db_rows_affected(&wrapped);
    }
    PQclear(result);
    return err;
}
