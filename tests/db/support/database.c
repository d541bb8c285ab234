/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "crypto.h"
#include "migrate.h"

static void
must(bool held, const char *what, const char *detail)
{
    if (!held) {
        (void)fprintf(stderr, "database: %s: %s\n", what, detail);
        abort();
    }
}

static void
run(const char *conninfo, const char *sql)
{
    PGconn *conn = PQconnectdb(conninfo);
    must(PQstatus(conn) == CONNECTION_OK, conninfo, PQerrorMessage(conn));
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    must(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
}

static void
read_text(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "re");
    must(file != NULL, "cannot open", path);
    size_t len = fread(out, 1, size - 1, file);
    out[len] = 0;
    (void)fclose(file);
}

void
database_open(struct database *database)
{
    char path[512];
    char server[160] = { 0 };
    const char *build = getenv("TALLYGATE_BINARY_DIR");
    const char *source = getenv("TALLYGATE_SOURCE_DIR");
    must(build != NULL && source != NULL, "run by ctest", "TALLYGATE_BINARY_DIR is not set");
    (void)snprintf(path, sizeof(path), "%s/cluster/conninfo", build);
    read_text(path, server, sizeof(server));
    server[strcspn(server, "\n")] = 0;
    uint32_t salt = 0;
    must(crypto_random((unsigned char *)&salt, sizeof(salt)) == ERR_OK, "random bytes", "none");
    (void)snprintf(database->name, sizeof(database->name), "t%d_%lu", (int)getpid(),
                   (unsigned long)salt);
    char sql[16384];
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s", database->name);
    char maintenance[256];
    (void)snprintf(maintenance, sizeof(maintenance), "%s dbname=postgres", server);
    run(maintenance, sql);
    (void)snprintf(database->superuser, sizeof(database->superuser), "%s dbname=%s", server,
                   database->name);
    server[strcspn(server, "u")] = 0; /* without its user, who stands last */
    (void)snprintf(database->app, sizeof(database->app), "%s dbname=%s user=tallygate_app", server,
                   database->name);
    (void)snprintf(path, sizeof(path), "%s/sql/roles/roles.sql", source);
    read_text(path, sql, sizeof(sql));
    run(database->superuser, sql);
    int applied = 0;
    must(arena_new((size_t)16 * 1024 * 1024, &database->arena) == ERR_OK, "arena", "");
    must(db_session_open(database->superuser, &database->session) == ERR_OK, "session", "");
    enum err err = migrate_up(database->session, NULL, &applied);
    must(err == ERR_OK, err_name(err), db_session_trouble(database->session));
}

void
database_close(struct database *database)
{
    char maintenance[256];
    char sql[128];
    db_session_close(&database->session);
    arena_free(&database->arena);
    (void)snprintf(maintenance, sizeof(maintenance), "%s", database->superuser);
    char *name = strstr(maintenance, "dbname=");
    (void)snprintf(name, 32, "dbname=postgres");
    (void)snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", database->name);
    run(maintenance, sql);
}

void
database_sql(struct database *database, const char *sql)
{
    enum err err = db_session_script(database->session, sql);
    must(err == ERR_OK, sql, db_session_trouble(database->session));
}

int64_t
database_number(struct database *database, const char *sql)
{
    PGconn *conn = PQconnectdb(database->superuser);
    char full[16384];
    int len = snprintf(full, sizeof(full), "SET search_path = tallygate; %s", sql);
    must(len > 0 && (size_t)len < sizeof(full), "too long", sql);
    PGresult *result = PQexec(conn, full);
    must(PQresultStatus(result) == PGRES_TUPLES_OK, sql, PQerrorMessage(conn));
    int64_t value = 0;
    must(span_to_i64(span_of(PQgetvalue(result, 0, 0)), INT64_MIN, INT64_MAX, &value) == ERR_OK,
         "not a number", sql);
    PQclear(result);
    PQfinish(conn);
    return value;
}

const char *
database_refusal(const char *conninfo, const char *sql)
{
    static char state[8];
    char full[4096];
    PGconn *conn = PQconnectdb(conninfo);
    must(PQstatus(conn) == CONNECTION_OK, conninfo, PQerrorMessage(conn));
    (void)snprintf(full, sizeof(full), "SET search_path = tallygate; %s", sql);
    PGresult *result = PQexec(conn, full);
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    (void)snprintf(state, sizeof(state), "%s", code == NULL ? "" : code);
    PQclear(result);
    PQfinish(conn);
    return state;
}

int64_t
database_count(struct database *database, const char *table, const char *column, const char *value)
{
    char sql[512];
    if (column == NULL) {
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    } else if (value == NULL) {
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE %s IS NULL", table, column);
    } else {
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE %s = '%s'", table, column,
                       value);
    }
    return database_number(database, sql);
}

int64_t
database_value(struct database *database, const char *table, const char *column)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM %s", column, table);
    must(database_count(database, table, NULL, NULL) == 1, "not one row", table);
    return database_number(database, sql);
}

void
database_set(struct database *database, const char *table, const char *column, const char *value,
             const char *key, const char *of)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "UPDATE %s SET %s = '%s' WHERE %s%s%s%s", table, column, value,
                   key == NULL ? "true" : key, key == NULL ? "" : " = '", key == NULL ? "" : of,
                   key == NULL ? "" : "'");
    database_sql(database, sql);
}

void
database_attempts(struct database *database, const char *state)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE attempt SET state = '%s', paid_at = CASE WHEN s.paid THEN now() END, "
                   "bill_day = CASE WHEN s.paid THEN date '2026-03-10' END "
                   "FROM (SELECT '%s' IN ('paid', 'late_paid') AS paid) s",
                   state, state);
    database_sql(database, sql);
}

void
database_endpoint(struct database *database, const char *id, const char *owner)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO webhook_endpoint (id, owner, url, generation, created_at) VALUES "
                   "('%s', '%s', 'https://portal.example.cn/hooks', 1, now())",
                   id, owner);
    database_sql(database, sql);
}

void
database_payment(struct database *database, int slot, const char *payment_no, const char *order_no,
                 int attempts)
{
    char sql[2048];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO ca_order (slot, owner, order_no, kind, applicant, unit_name, uscc, "
                   "quantity, unit_fee_fen, amount_fen, currency, invoice_profile, content_hash, "
                   "status_at, created_at) VALUES (%d, 'portal', '%s', 'new', 'supplier', 'u', "
                   "'c', 2, 28000, 56000, 'CNY', '{}', '\\x00', now(), now()) "
                   "ON CONFLICT DO NOTHING; INSERT INTO payment (slot, payment_no, owner, "
                   "order_no, amount_fen, currency, return_url, checkout_token, created_at, "
                   "expires_at, attempt_count) VALUES (%d, '%s', 'portal', '%s', 56000, 'CNY', "
                   "'', '%s', now(), now() + interval '1 hour', %d)",
                   slot, order_no, slot, payment_no, order_no, payment_no, attempts);
    database_sql(database, sql);
    for (int i = 1; i <= attempts; i++) {
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO attempt (slot, attempt_no, payment_no, provider, account, "
                       "application, merchant, method, amount_fen, currency, expires_at, "
                       "created_at) VALUES (%d, '%s%02d', '%s', 'alipay', 'main', 'app', "
                       "'mer', 'page', 56000, 'CNY', now() + interval '1 hour', now())",
                       slot, payment_no, i, payment_no);
        database_sql(database, sql);
    }
}
