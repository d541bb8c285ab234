/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_TWIN_TWIN_TABLE_H
#define TALLYGATE_TESTS_TWIN_TWIN_TABLE_H

/* Tables in memory: rows of typed values, changed inside a statement that counts as a whole or not at all.
 * The constraints of twin_tables.def and twin_check.c are judged at the end of the statement. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "span.h"

enum twin_type { TWIN_NULL, TWIN_I64, TWIN_BOOL, TWIN_TIME, TWIN_DAY, TWIN_TEXT, TWIN_BYTES };

/* A zeroed value is NULL. TIME counts microseconds since 1970, DAY is yyyymmdd as a number. */
struct twin_value {
    enum twin_type type;
    int64_t number;
    struct span bytes;
};

struct twin_value twin_i64(int64_t value);
struct twin_value twin_bool(bool value);
struct twin_value twin_time(struct wall_time value);       /* 0 is NULL */
struct twin_value twin_day_in_china(struct twin_value at); /* the day that a time falls on there */
struct twin_value twin_text(const char *value);            /* NULL is NULL */
struct twin_value twin_span(struct span value);
struct twin_value twin_bytes(const unsigned char *at, size_t len);
bool twin_eq(struct twin_value a, struct twin_value b);   /* NULL equals nothing */
bool twin_same(struct twin_value a, struct twin_value b); /* NULL is the same as NULL */
bool twin_is(struct twin_value value, const char *text);
bool twin_some(struct twin_value value);                                          /* not NULL */
struct twin_value twin_either(struct twin_value first, struct twin_value second); /* coalesce */

enum twin_table {
#define TABLE(name) TWIN_##name,
#define COLUMN(table, name, type, required)
#define UNIQUE(table, constraint, ...)
#define REFERENCES(table, constraint, other, ...)
#include "twin_tables.def"
#undef TABLE
#undef COLUMN
    TWIN_TABLES
};

/* The number of a column of any table; TWIN_COLUMN_<table>_<column>. */
enum twin_column {
#define TABLE(name)
#define COLUMN(table, name, type, required) TWIN_COLUMN_##table##_##name,
#include "twin_tables.def"
#undef TABLE
#undef COLUMN
#undef UNIQUE
#undef REFERENCES
    TWIN_COLUMNS
};

struct twin_row {
    enum twin_table table;
    bool gone;
    struct twin_value *values;
};

/* The value of a column in a row of its table, to read. */
#define OF(row, table, column) (*twin_at((row), TWIN_COLUMN_##table##_##column))

struct twin;

const struct twin_value *twin_at(const struct twin_row *row, enum twin_column column);

/* Rows that are there, in the order of their making: *at is 0 at first. NULL after the last. */
struct twin_row *twin_next(struct twin *twin, enum twin_table table, size_t *at);

/* The row whose columns have these values; NULL when there is none. */
struct twin_key {
    enum twin_column column;
    struct twin_value value;
};
struct twin_row *twin_find(struct twin *twin, enum twin_table table, const struct twin_key *keys,
                           size_t count);

/* Names of tables and columns. twin_column_named gives TWIN_COLUMNS when the table has none such. */
const char *twin_table_name(enum twin_table table);
enum twin_table twin_table_named(const char *name);
enum twin_column twin_column_named(enum twin_table table, const char *name);
enum twin_column twin_column_first(enum twin_table table);
size_t twin_column_count(enum twin_table table);
const char *twin_column_name(enum twin_column column);
enum twin_type twin_column_type(enum twin_column column);

/* Changes within the statement under way; memory is the twin's. They abort without memory. */
void twin_set(struct twin *twin, struct twin_row *row, enum twin_column column,
              struct twin_value value);
void twin_delete(struct twin *twin, struct twin_row *row);
/* `keys` are the columns that are not NULL. */
struct twin_row *twin_insert(struct twin *twin, enum twin_table table, const struct twin_key *keys,
                             size_t count);
#define TWIN_INSERT(twin, table, ...)                                           \
    twin_insert((twin), TWIN_##table, (const struct twin_key[]){ __VA_ARGS__ }, \
                sizeof((const struct twin_key[]){ __VA_ARGS__ }) / sizeof(struct twin_key))
#define TWIN_FIND(twin, table, ...)                                           \
    twin_find((twin), TWIN_##table, (const struct twin_key[]){ __VA_ARGS__ }, \
              sizeof((const struct twin_key[]){ __VA_ARGS__ }) / sizeof(struct twin_key))
#define IS(table, column, value)                \
    {                                           \
        TWIN_COLUMN_##table##_##column, (value) \
    }

/* Ends the statement: judges every touched row, keeps all or nothing. Errors: DB_CONSTRAINT with its name. */
MUST_USE enum err twin_commit(struct twin *twin, const char **constraint);
void twin_rollback(struct twin *twin);

/* twin_check.c: what CHECK constraints and the reference to the edges say of a row; NULL when all hold. */
const char *twin_check(struct twin *twin, const struct twin_row *row);

#endif
