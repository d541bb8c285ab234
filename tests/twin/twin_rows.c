/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the twin behind the functions of db.h that read rows. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "twin_internal.h"

#define ANSWER_MAX ((size_t)64 * 1024 * 1024)

struct db_rows *
twin_rows_new(void)
{
    struct db_rows *rows = calloc(1, sizeof(*rows));
    assert(rows != NULL);
    enum err err = arena_new(ANSWER_MAX, &rows->arena);
    assert(err == ERR_OK);
    (void)err;
    return rows;
}

void
db_rows_free(struct db_rows **rows)
{
    if (rows == NULL || *rows == NULL) {
        return;
    }
    arena_free(&(*rows)->arena);
    free((*rows)->values);
    free(*rows);
    *rows = NULL;
}

void
twin_rows_begin(struct db_rows *rows)
{
    if (rows->row_count == rows->room) {
        rows->room = rows->room * 2 + 4;
        rows->values =
            reallocarray(rows->values, rows->room * TWIN_ANSWER_COLUMNS, sizeof(rows->values[0]));
        assert(rows->values != NULL);
    }
    memset(&rows->values[rows->row_count * TWIN_ANSWER_COLUMNS], 0,
           TWIN_ANSWER_COLUMNS * sizeof(rows->values[0]));
    rows->row_count++;
    rows->affected++;
}

static size_t
column_of(const struct db_rows *rows, const char *name)
{
    size_t at = 0;
    while (at < rows->column_count && strcmp(rows->names[at], name) != 0) {
        at++;
    }
    return at;
}

void
twin_rows_put(struct db_rows *rows, const char *name, struct twin_value value)
{
    size_t at = column_of(rows, name);
    assert(at < TWIN_ANSWER_COLUMNS && rows->row_count > 0);
    if (at == rows->column_count) {
        rows->names[rows->column_count++] = name;
    }
    enum err err = arena_copy(rows->arena, value.bytes, &value.bytes);
    assert(err == ERR_OK);
    (void)err;
    rows->values[(rows->row_count - 1) * TWIN_ANSWER_COLUMNS + at] = value;
}

void
twin_rows_change(struct db_rows *rows, size_t row, const char *name, struct twin_value value)
{
    size_t at = column_of(rows, name);
    assert(at < rows->column_count && row < rows->row_count);
    rows->values[row * TWIN_ANSWER_COLUMNS + at] = value;
}

/* Which row comes first; texts only. */
static bool
is_behind(const struct db_rows *rows, size_t a, size_t b, const char *first, const char *second)
{
    int apart = span_cmp(db_row_text(rows, a, first), db_row_text(rows, b, first));
    if (apart == 0 && second != NULL) {
        apart = span_cmp(db_row_text(rows, a, second), db_row_text(rows, b, second));
    }
    return apart > 0;
}

static void
swap_rows(struct db_rows *rows, size_t a, size_t b)
{
    for (size_t i = 0; i < TWIN_ANSWER_COLUMNS; i++) {
        struct twin_value kept = rows->values[a * TWIN_ANSWER_COLUMNS + i];
        rows->values[a * TWIN_ANSWER_COLUMNS + i] = rows->values[b * TWIN_ANSWER_COLUMNS + i];
        rows->values[b * TWIN_ANSWER_COLUMNS + i] = kept;
    }
}

void
twin_rows_sort(struct db_rows *rows, const char *first, const char *second)
{
    for (size_t i = 1; i < rows->row_count; i++) {
        for (size_t j = i; j > 0 && is_behind(rows, j - 1, j, first, second); j--) {
            swap_rows(rows, j - 1, j);
        }
    }
}

void
twin_rows_put_row(struct db_rows *rows, const struct twin_row *row)
{
    enum twin_column first = twin_column_first(row->table);
    for (size_t i = 0; i < twin_column_count(row->table); i++) {
        twin_rows_put(rows, twin_column_name((enum twin_column)(first + i)), row->values[i]);
    }
}

size_t
db_rows_count(const struct db_rows *rows)
{
    return rows->row_count;
}

size_t
db_rows_affected(const struct db_rows *rows)
{
    return rows->affected;
}

static const struct twin_value *
value_at(const struct db_rows *rows, size_t row, const char *column)
{
    size_t at = column_of(rows, column);
    if (at == rows->column_count || row >= rows->row_count) {
        (void)fprintf(stderr, "twin: no column %s\n", column);
        abort(); /* the twin and the reader of its answer disagree */
    }
    return &rows->values[row * TWIN_ANSWER_COLUMNS + at];
}

bool
db_row_null(const struct db_rows *rows, size_t row, const char *column)
{
    return value_at(rows, row, column)->type == TWIN_NULL;
}

/* bytea as PostgreSQL prints it: it came so with the answer. */
static struct span
printed(const struct db_rows *rows, struct span bytes)
{
    twin_border_cross(twin_offered(), true);
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * bytes.len + 2);
    struct span kept;
    enum err err = buf_text(&text, "\\x");
    assert(err == ERR_OK);
    err = crypto_hex_encode(bytes, &text);
    assert(err == ERR_OK);
    err = arena_copy(rows->arena, buf_span(&text), &kept);
    assert(err == ERR_OK);
    (void)err;
    twin_border_cross(twin_offered(), false);
    return kept;
}

struct span
db_row_text(const struct db_rows *rows, size_t row, const char *column)
{
    const struct twin_value *value = value_at(rows, row, column);
    assert(value->type == TWIN_NULL || value->type == TWIN_TEXT || value->type == TWIN_BYTES);
    return value->type == TWIN_BYTES ? printed(rows, value->bytes) : value->bytes;
}

int64_t
db_row_i64(const struct db_rows *rows, size_t row, const char *column)
{
    const struct twin_value *value = value_at(rows, row, column);
    assert(value->type == TWIN_NULL || value->type == TWIN_I64);
    return value->number;
}

bool
db_row_bool(const struct db_rows *rows, size_t row, const char *column)
{
    const struct twin_value *value = value_at(rows, row, column);
    assert(value->type == TWIN_NULL || value->type == TWIN_BOOL);
    return value->number != 0;
}

struct wall_time
db_row_time(const struct db_rows *rows, size_t row, const char *column)
{
    const struct twin_value *value = value_at(rows, row, column);
    assert(value->type == TWIN_NULL || value->type == TWIN_TIME);
    return (struct wall_time){ .us = value->number };
}

enum err
db_row_bytes(const struct db_rows *rows, size_t row, const char *column, struct arena *arena,
             struct span *out)
{
    const struct twin_value *value = value_at(rows, row, column);
    assert(value->type == TWIN_NULL || value->type == TWIN_BYTES);
    return arena_copy(arena, value->bytes, out);
}
