/* SPDX-License-Identifier: Apache-2.0 */
#include "real_wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "db_internal.h"

struct real_wire {
    PGconn *conn;
    bool prepared[STATEMENT_COUNT];
    char constraint[DB_CONSTRAINT_NAME_MAX];
};

enum err
real_wire_open(const char *conninfo, struct real_wire **out)
{
    struct db_keywords keywords;
    struct real_wire *wire = calloc(1, sizeof(*wire));
    if (wire == NULL) {
        return ERR_NO_MEMORY;
    }
    db_keywords_fill(conninfo, &keywords);
    wire->conn = PQconnectdbParams(keywords.names, keywords.values, 1);
    if (PQstatus(wire->conn) != CONNECTION_OK) {
        (void)fputs(PQerrorMessage(wire->conn), stderr);
        real_wire_close(&wire);
        return ERR_DB_AWAY;
    }
    *out = wire;
    return ERR_OK;
}

void
real_wire_close(struct real_wire **wire)
{
    if (wire == NULL || *wire == NULL) {
        return;
    }
    PQfinish((*wire)->conn);
    free(*wire);
    *wire = NULL;
}

static void
must(const struct real_wire *wire, const PGresult *result, const char *what)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "%s: %s", what, PQerrorMessage(wire->conn));
        abort();
    }
}

PGresult *
real_wire_sql(struct real_wire *wire, const char *sql)
{
    PGresult *result = PQexec(wire->conn, sql);
    must(wire, result, sql);
    return result;
}

static void
prepare(struct real_wire *wire, enum statement statement)
{
    const struct statement_file *file = &statement_files[statement];
    if (!wire->prepared[statement]) {
        PGresult *result = PQprepare(wire->conn, file->name, (const char *)file->at, 0, NULL);
        must(wire, result, file->name);
        PQclear(result);
        wire->prepared[statement] = true;
    }
}

enum err
real_wire_run(struct real_wire *wire, enum statement statement, const struct db_params *params,
              PGresult **out, const char **constraint)
{
    static const struct db_params none;
    const struct db_params *p = params == NULL ? &none : params;
    prepare(wire, statement);
    *out = PQexecPrepared(wire->conn, statement_files[statement].name, p->count, p->values,
                          p->lengths, p->formats, 0);
    enum err err = db_classify(*out, true, wire->constraint);
    *constraint = wire->constraint;
    if (err != ERR_OK && err != ERR_DB_CONSTRAINT) {
        (void)fprintf(stderr, "%s: %s", statement_files[statement].name,
                      PQerrorMessage(wire->conn));
    }
    return err;
}
