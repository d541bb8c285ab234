/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "db_internal.h"

size_t
db_rows_count(const struct db_rows *rows)
{
    return (size_t)PQntuples(rows->result);
}

size_t
db_rows_affected(const struct db_rows *rows)
{
    uint64_t count = 0;
    /* PQcmdTuples wants a writable result and only reads it. */
    if (span_to_u64(span_of(PQcmdTuples(rows->result)), 0, SIZE_MAX, &count) != ERR_OK) {
        return 0;
    }
    return (size_t)count;
}

static int
column_of(const struct db_rows *rows, const char *column)
{
    int at = PQfnumber(rows->result, column);
    if (at < 0) {
        abort(); /* the statement file and its reader disagree */
    }
    return at;
}

bool
db_row_null(const struct db_rows *rows, size_t row, const char *column)
{
    return PQgetisnull(rows->result, (int)row, column_of(rows, column)) == 1;
}

struct span
db_row_text(const struct db_rows *rows, size_t row, const char *column)
{
    int at = column_of(rows, column);
    return span_make(PQgetvalue(rows->result, (int)row, at),
                     (size_t)PQgetlength(rows->result, (int)row, at));
}

int64_t
db_row_i64(const struct db_rows *rows, size_t row, const char *column)
{
    int64_t value = 0;
    struct span text = db_row_text(rows, row, column);
    if (text.len > 0 && span_to_i64(text, INT64_MIN, INT64_MAX, &value) != ERR_OK) {
        abort(); /* not a whole number: the wrong column is read */
    }
    return value;
}

bool
db_row_bool(const struct db_rows *rows, size_t row, const char *column)
{
    return span_eq_cstr(db_row_text(rows, row, column), "t");
}

/* "2026-03-10 02:00:00.123456+00": our sessions speak UTC. */
struct wall_time
db_row_time(const struct db_rows *rows, size_t row, const char *column)
{
    struct span text = db_row_text(rows, row, column);
    struct wall_time time = { .us = 0 };
    if (text.len < 22) {
        return time;
    }
    char plain[40] = { 0 };
    size_t head = text.len - 3 < sizeof(plain) - 2 ? text.len - 3 : sizeof(plain) - 2;
    memcpy(plain, text.at, head);
    plain[10] = 'T';
    plain[head] = 'Z';
    if (wall_parse(span_of(plain), &time) != ERR_OK) {
        abort(); /* not a timestamptz: the wrong column is read */
    }
    return time;
}

enum err
db_row_bytes(const struct db_rows *rows, size_t row, const char *column, struct arena *arena,
             struct span *out)
{
    struct span text = db_row_text(rows, row, column);
    if (text.len == 0) {
        *out = (struct span){ .at = NULL, .len = 0 };
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf bytes = BUF_MAX(text.len);
    if (!span_starts(text, SPAN_LIT("\\x"))) {
        return ERR_DB_ROWS;
    }
    TRY(crypto_hex_decode(span_sub(text, 2, text.len), &bytes));
    return arena_copy(arena, buf_span(&bytes), out);
}

void
db_rows_free(struct db_rows **rows)
{
    if (rows == NULL || *rows == NULL) {
        return;
    }
    PQclear((*rows)->result);
    free(*rows);
    *rows = NULL;
}
