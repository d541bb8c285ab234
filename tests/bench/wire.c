/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <stdio.h>

static enum err
told(PGconn *conn)
{
    (void)fprintf(stderr, "tallygate-bench: %s", PQerrorMessage(conn));
    return ERR_DB_STATEMENT;
}

/* Takes what the server still has to say. */
static enum err
finish(PGconn *conn, ExecStatusType want)
{
    enum err err = ERR_OK;
    PGresult *result = PQgetResult(conn);
    while (result != NULL) {
        ExecStatusType status = PQresultStatus(result);
        if (status != want && status != PGRES_TUPLES_OK) {
            err = told(conn);
        }
        PQclear(result);
        result = PQgetResult(conn);
    }
    return err;
}

PGconn *
wire_open(const char *conninfo)
{
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) == CONNECTION_OK
        && wire_run(conn, "SET search_path = tallygate; SET client_min_messages = warning")
               == ERR_OK) {
        return conn;
    }
    (void)told(conn);
    PQfinish(conn);
    return NULL;
}

enum err
wire_run(PGconn *conn, const char *sql)
{
    return PQsendQuery(conn, sql) == 1 ? finish(conn, PGRES_COMMAND_OK) : told(conn);
}

static enum err
begin_copy(PGconn *conn, const char *sql, ExecStatusType want)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == want ? ERR_OK : told(conn);
}

enum err
wire_copy_in(PGconn *conn, const char *sql)
{
    return begin_copy(conn, sql, PGRES_COPY_IN);
}

enum err
wire_put(PGconn *conn, const void *bytes, size_t len)
{
    return PQputCopyData(conn, bytes, (int)len) == 1 ? ERR_OK : told(conn);
}

enum err
wire_copy_end(PGconn *conn)
{
    return PQputCopyEnd(conn, NULL) == 1 ? finish(conn, PGRES_COMMAND_OK) : told(conn);
}

enum err
wire_copy_out(PGconn *conn, const char *sql, const char *path)
{
    char *bytes = NULL;
    FILE *file = path == NULL ? NULL : fopen(path, "we");
    if (path != NULL && file == NULL) {
        return ERR_FILE_WRITE;
    }
    enum err err = begin_copy(conn, sql, PGRES_COPY_OUT);
    int len = err == ERR_OK ? PQgetCopyData(conn, &bytes, 0) : 0;
    while (len > 0) {
        if (file != NULL) {
            (void)fwrite(bytes, 1, (size_t)len, file);
        }
        PQfreemem(bytes);
        len = PQgetCopyData(conn, &bytes, 0);
    }
    if (err == ERR_OK) {
        err = finish(conn, PGRES_COMMAND_OK);
    }
    if (file != NULL && fclose(file) != 0) {
        return ERR_FILE_WRITE;
    }
    return err;
}
