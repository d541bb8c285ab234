/* SPDX-License-Identifier: Apache-2.0 */
#include "real_store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "real_wire.h"
#include "twin_internal.h"

#define SQL_MAX  ((size_t)8192)
#define TEXT_MAX ((size_t)1024 * 1024)

/* Types of columns, as pg_type numbers them. */
#define OID_BOOL        16
#define OID_BYTEA       17
#define OID_INT8        20
#define OID_INT2        21
#define OID_INT4        23
#define OID_DATE        1082
#define OID_TIMESTAMPTZ 1184

static struct {
    struct real_wire *owner; /* NULL: not open */
    struct real_wire *app;
} store;

static void
plain(struct real_wire *wire, const char *sql)
{
    PQclear(real_wire_sql(wire, sql));
}

enum err
real_store_open(const char *conninfo)
{
    char app[512];
    (void)snprintf(app, sizeof(app), "%s user=tallygate_app", conninfo);
    TRY(real_wire_open(conninfo, &store.owner));
    enum err err = real_wire_open(app, &store.app);
    if (err != ERR_OK) {
        real_wire_close(&store.owner);
        return err;
    }
    plain(store.app, "SET search_path = simulation, tallygate, pg_catalog");
    /* Time stands still meanwhile: how long a busy machine takes is no fault of anybody's. */
    plain(store.app, "SET statement_timeout = 0; SET lock_timeout = 0");
    return ERR_OK;
}

void
real_store_close(void)
{
    real_wire_close(&store.app);
    real_wire_close(&store.owner);
}

static void
must(enum err err)
{
    assert(err == ERR_OK);
    (void)err;
}

/* "2026-03-10 02:00:00.123456+00" becomes what twin_decode reads. */
static enum err
decode_time(struct span text, struct arena *arena, struct twin_value *out)
{
    DEFER(buf_fini) struct buf plain = BUF_MAX(64);
    assert(text.len > 3 && span_ends(text, SPAN_LIT("+00")));
    TRY(buf_append(&plain, span_sub(text, 0, text.len - 3)));
    TRY(buf_byte(&plain, 'Z'));
    return twin_decode(buf_span(&plain), TWIN_TIME, arena, out);
}

static enum err
decode_bytes(struct span text, struct arena *arena, struct twin_value *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(TEXT_MAX);
    assert(span_starts(text, SPAN_LIT("\\x")));
    TRY(crypto_hex_decode(span_sub(text, 2, text.len), &bytes));
    return twin_decode(buf_span(&bytes), TWIN_BYTES, arena, out);
}

static struct twin_value
value_of(const PGresult *result, int row, int column, enum twin_type type, struct arena *arena)
{
    struct twin_value value = { .type = TWIN_NULL };
    struct span text =
        span_make(PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
    if (PQgetisnull(result, row, column) == 1) {
        return value;
    }
    if (type == TWIN_BOOL) {
        return twin_bool(span_eq_cstr(text, "t"));
    }
    must(type == TWIN_TIME    ? decode_time(text, arena, &value)
         : type == TWIN_BYTES ? decode_bytes(text, arena, &value)
                              : twin_decode(text, type, arena, &value));
    return value;
}

static enum twin_type
type_of(const PGresult *result, int column)
{
    static const struct {
        Oid oid;
        enum twin_type type;
    } types[] = {
        { OID_BOOL, TWIN_BOOL },        { OID_BYTEA, TWIN_BYTES }, { OID_INT8, TWIN_I64 },
        { OID_INT2, TWIN_I64 },         { OID_INT4, TWIN_I64 },    { OID_DATE, TWIN_DAY },
        { OID_TIMESTAMPTZ, TWIN_TIME },
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (types[i].oid == PQftype(result, column)) {
            return types[i].type;
        }
    }
    return TWIN_TEXT;
}

/* The names must live as long as the rows. */
static const char *
name_of(const PGresult *result, int column, struct arena *arena)
{
    void *at = NULL;
    const char *name = PQfname(result, column);
    must(arena_alloc(arena, strlen(name) + 1, &at));
    memcpy(at, name, strlen(name) + 1);
    return at;
}

static void
take_rows(const PGresult *result, struct db_rows *rows)
{
    const char *names[TWIN_ANSWER_COLUMNS];
    uint64_t affected = 0;
    int columns = PQnfields(result);
    assert(columns <= TWIN_ANSWER_COLUMNS);
    for (int i = 0; i < columns; i++) {
        names[i] = name_of(result, i, rows->arena);
    }
    for (int row = 0; row < PQntuples(result); row++) {
        twin_rows_begin(rows);
        for (int i = 0; i < columns; i++) {
            twin_rows_put(rows, names[i],
                          value_of(result, row, i, type_of(result, i), rows->arena));
        }
    }
    /* PQcmdTuples wants a writable result and only reads it. */
    const char *count = PQcmdTuples((PGresult *)(uintptr_t)result);
    must(count[0] == 0 ? ERR_OK : span_to_u64(span_of(count), 0, SIZE_MAX, &affected));
    rows->affected = (size_t)affected;
}

/* What the loser of a race reads of a change that was his to make. */
static void
lose_race(struct db_rows *rows)
{
    static const struct twin_value none;
    static const char *const flags[] = { "duplicate", "late", "mismatch" };
    for (size_t i = 0; i < rows->row_count; i++) {
        if (!span_eq_cstr(db_row_text(rows, i, "outcome"), "applied")) {
            continue;
        }
        twin_rows_change(rows, i, "outcome", twin_text("lost_race"));
        twin_rows_change(rows, i, "state", twin_span(db_row_text(rows, i, "from_state")));
        twin_rows_change(rows, i, "effect", none);
        twin_rows_change(rows, i, "payment_state", none);
        for (size_t j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
            twin_rows_change(rows, i, flags[j], twin_bool(false));
        }
    }
}

/* simulation.statement_timestamp of postgres.sh stands before PostgreSQL's own. */
static void
set_clock(void)
{
    char sql[128];
    int64_t now_us = clock_wall().us;
    (void)snprintf(sql, sizeof(sql),
                   "SELECT set_config('simulation.now', (to_timestamp(%lld) + interval '%lld "
                   "microseconds')::text, false)",
                   (long long)(now_us / 1000000), (long long)(now_us % 1000000));
    plain(store.app, sql);
}

/* Another writer who comes first is a transaction that does not count. */
static enum err
run(enum statement statement, const struct db_params *params, bool overtaken, struct db_rows *rows,
    const char **constraint)
{
    PGresult *result = NULL;
    set_clock();
    if (overtaken) {
        plain(store.app, "BEGIN");
    }
    enum err err = real_wire_run(store.app, statement, params, &result, constraint);
    if (err == ERR_OK) {
        take_rows(result, rows);
    }
    PQclear(result);
    if (overtaken) {
        plain(store.app, "ROLLBACK");
        if (err == ERR_OK) {
            lose_race(rows);
        }
    }
    return err;
}

static void
put_text(struct buf *sql, const char *format, const char *text)
{
    must(buf_text(sql, format));
    must(buf_text(sql, text));
}

static void
put_endpoints(struct twin *twin)
{
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_webhook_endpoint, &at)) != NULL;) {
        DEFER(buf_fini) struct buf sql = BUF_MAX(SQL_MAX);
        const char *text = NULL;
        must(buf_printf(
            &sql,
            "INSERT INTO webhook_endpoint (id, owner, url, enabled, generation, created_at) VALUES "
            "('%.*s', '%.*s', '%.*s', true, %lld, to_timestamp(%lld))",
            SPAN_ARG(OF(row, webhook_endpoint, id).bytes),
            SPAN_ARG(OF(row, webhook_endpoint, owner).bytes),
            SPAN_ARG(OF(row, webhook_endpoint, url).bytes),
            (long long)OF(row, webhook_endpoint, generation).number,
            (long long)(OF(row, webhook_endpoint, created_at).number / 1000000)));
        must(buf_cstr(&sql, &text));
        plain(store.owner, text);
    }
}

void
real_store_begin(struct twin *twin)
{
    DEFER(buf_fini) struct buf sql = BUF_MAX(SQL_MAX);
    const char *text = NULL;
    if (store.owner == NULL) {
        return;
    }
    for (int table = 0; table < TWIN_TABLES; table++) {
        put_text(&sql, table == 0 ? "TRUNCATE " : ", ", twin_table_name((enum twin_table)table));
    }
    must(buf_text(&sql, " CASCADE; ALTER SEQUENCE payment_seq RESTART; "
                        "UPDATE webhook_feed SET place = 0"));
    must(buf_cstr(&sql, &text));
    plain(store.owner, text);
    plain(store.app, "DISCARD SEQUENCES");
    put_endpoints(twin);
    twin_store_set(twin, run);
}

static void
read_table(struct twin *twin, enum twin_table table)
{
    DEFER(buf_fini) struct buf sql = BUF_MAX(SQL_MAX);
    struct twin_key keys[TWIN_ANSWER_COLUMNS];
    const char *text = NULL;
    enum twin_column first = twin_column_first(table);
    size_t count = twin_column_count(table);
    assert(count <= TWIN_ANSWER_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        put_text(&sql, i == 0 ? "SELECT " : ", ", twin_column_name((enum twin_column)(first + i)));
    }
    put_text(&sql, " FROM ", twin_table_name(table));
    must(buf_text(&sql, " ORDER BY 1, 2, 3"));
    must(buf_cstr(&sql, &text));
    PGresult *result = real_wire_sql(store.owner, text);
    for (int row = 0; row < PQntuples(result); row++) {
        for (size_t i = 0; i < count; i++) {
            keys[i].column = (enum twin_column)(first + i);
            keys[i].value =
                value_of(result, row, (int)i, twin_column_type(keys[i].column), twin->arena);
        }
        (void)twin_insert(twin, table, keys, count);
    }
    PQclear(result);
}

void
real_store_read(struct twin *twin)
{
    const char *constraint = "";
    if (store.owner == NULL) {
        return;
    }
    twin_clear(twin);
    for (int table = 0; table < TWIN_TABLES; table++) {
        read_table(twin, (enum twin_table)table);
    }
    enum err err = twin_commit(twin, &constraint);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "PostgreSQL holds what the twin refuses: %s\n", constraint);
    }
    must(err);
}
