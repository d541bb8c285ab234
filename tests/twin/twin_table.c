/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "twin_internal.h"

#define KEY_COLUMNS 5

static const struct {
    enum twin_table table;
    const char *name;
    enum twin_type type;
    bool required;
} columns[TWIN_COLUMNS] = {
#define TABLE(name)
#define COLUMN(table, name, type, required) \
    [TWIN_COLUMN_##table##_##name] = { TWIN_##table, #name, TWIN_##type, required },
#define UNIQUE(table, constraint, ...)
#define REFERENCES(table, constraint, other, ...)
#include "twin_tables.def"
#undef TABLE
#undef COLUMN
#undef UNIQUE
#undef REFERENCES
};

static const char *const tables[TWIN_TABLES] = {
#define TABLE(name) [TWIN_##name] = #name,
#define COLUMN(table, name, type, required)
#define UNIQUE(table, constraint, ...)
#define REFERENCES(table, constraint, other, ...)
#include "twin_tables.def"
#undef TABLE
#undef UNIQUE
#undef REFERENCES
};

/* Keys and references: `other` is the table itself for a key. */
static const struct {
    enum twin_table table;
    enum twin_table other;
    const char *constraint;
    const char *columns[KEY_COLUMNS];
} rules[] = {
#define TABLE(name)
#define UNIQUE(table, constraint, ...) { TWIN_##table, TWIN_##table, #constraint, { __VA_ARGS__ } },
#define REFERENCES(table, constraint, other, ...) \
    { TWIN_##table, TWIN_##other, #constraint, { __VA_ARGS__ } },
#include "twin_tables.def"
#undef TABLE
#undef COLUMN
#undef UNIQUE
#undef REFERENCES
};

/* Where each table's columns begin; the table behind the last is the end. */
static enum twin_column starts[TWIN_TABLES + 1];

static void
find_starts(void)
{
    starts[TWIN_TABLES] = TWIN_COLUMNS;
    for (int at = TWIN_COLUMNS - 1; at >= 0; at--) {
        starts[columns[at].table] = (enum twin_column)at;
    }
}

enum twin_column
twin_column_first(enum twin_table table)
{
    if (starts[TWIN_TABLES] == 0) {
        find_starts();
    }
    return starts[table];
}

size_t
twin_column_count(enum twin_table table)
{
    enum twin_column first = twin_column_first(table);
    return (size_t)(starts[table + 1] - first);
}

const char *
twin_table_name(enum twin_table table)
{
    return tables[table];
}

enum twin_table
twin_table_named(const char *name)
{
    int at = 0;
    while (at < TWIN_TABLES && strcmp(tables[at], name) != 0) {
        at++;
    }
    return (enum twin_table)at;
}

enum twin_column
twin_column_named(enum twin_table table, const char *name)
{
    int at = 0;
    while (at < TWIN_COLUMNS
           && (columns[at].table != table || strcmp(columns[at].name, name) != 0)) {
        at++;
    }
    return (enum twin_column)at;
}

const char *
twin_column_name(enum twin_column column)
{
    return columns[column].name;
}

enum twin_type
twin_column_type(enum twin_column column)
{
    return columns[column].type;
}

const struct twin_value *
twin_at(const struct twin_row *row, enum twin_column column)
{
    assert(columns[column].table == row->table);
    return &row->values[column - twin_column_first(row->table)];
}

struct twin_row *
twin_next(struct twin *twin, enum twin_table table, size_t *at)
{
    const struct twin_list *list = &twin->tables[table];
    while (*at < list->count) {
        struct twin_row *row = list->rows[(*at)++];
        if (!row->gone) {
            return row;
        }
    }
    return NULL;
}

struct twin_row *
twin_find(struct twin *twin, enum twin_table table, const struct twin_key *keys, size_t count)
{
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, table, &at)) != NULL;) {
        size_t same = 0;
        while (same < count && twin_eq(*twin_at(row, keys[same].column), keys[same].value)) {
            same++;
        }
        if (same == count) {
            return row;
        }
    }
    return NULL;
}

static void *
take(struct twin *twin, size_t count, size_t size)
{
    void *at = NULL;
    enum err err = arena_array(twin->arena, count, size, &at);
    assert(err == ERR_OK);
    (void)err;
    return at;
}

static void
remember(struct twin *twin, struct twin_row *row, bool made)
{
    if (twin->change_count == twin->change_room) {
        twin->change_room = twin->change_room * 2 + 64;
        twin->changes = reallocarray(twin->changes, twin->change_room, sizeof(twin->changes[0]));
        assert(twin->changes != NULL);
    }
    struct twin_change *change = &twin->changes[twin->change_count++];
    size_t count = twin_column_count(row->table);
    *change = (struct twin_change){ .row = row, .gone = row->gone };
    if (!made) {
        change->before = take(twin, count, sizeof(struct twin_value));
        memcpy(change->before, row->values, count * sizeof(struct twin_value));
    }
}

static struct twin_value
keep(struct twin *twin, struct twin_value value)
{
    enum err err = arena_copy(twin->arena, value.bytes, &value.bytes);
    assert(err == ERR_OK);
    (void)err;
    return value;
}

void
twin_set(struct twin *twin, struct twin_row *row, enum twin_column column, struct twin_value value)
{
    assert(columns[column].table == row->table);
    assert(value.type == TWIN_NULL || value.type == columns[column].type);
    struct twin_value *at = &row->values[column - twin_column_first(row->table)];
    if (!twin_same(*at, value)) {
        remember(twin, row, false);
        *at = keep(twin, value);
    }
}

void
twin_delete(struct twin *twin, struct twin_row *row)
{
    remember(twin, row, false);
    row->gone = true;
}

struct twin_row *
twin_insert(struct twin *twin, enum twin_table table, const struct twin_key *keys, size_t count)
{
    struct twin_list *list = &twin->tables[table];
    if (list->count == list->room) {
        list->room = list->room * 2 + 16;
        list->rows = reallocarray(list->rows, list->room, sizeof(list->rows[0]));
        assert(list->rows != NULL);
    }
    struct twin_row *row = take(twin, 1, sizeof(*row));
    row->table = table;
    row->values = take(twin, twin_column_count(table), sizeof(struct twin_value));
    for (size_t i = 0; i < count; i++) {
        enum twin_column column = keys[i].column;
        assert(columns[column].table == table);
        assert(keys[i].value.type == TWIN_NULL || keys[i].value.type == columns[column].type);
        row->values[column - twin_column_first(table)] = keep(twin, keys[i].value);
    }
    list->rows[list->count++] = row;
    remember(twin, row, true);
    return row;
}

/* How many rows of `other` have what the row has in the columns of the rule; -1 when one of them is NULL. */
static int
matches(struct twin *twin, size_t rule, const struct twin_row *row)
{
    int count = 0;
    struct twin_row *other;
    for (size_t at = 0; (other = twin_next(twin, rules[rule].other, &at)) != NULL;) {
        bool same = true;
        for (size_t i = 0; i < KEY_COLUMNS && rules[rule].columns[i] != NULL; i++) {
            const char *name = rules[rule].columns[i];
            const struct twin_value *mine = twin_at(row, twin_column_named(row->table, name));
            if (mine->type == TWIN_NULL) {
                return -1;
            }
            same =
                same && twin_eq(*mine, *twin_at(other, twin_column_named(rules[rule].other, name)));
        }
        count += same;
    }
    return count;
}

static const char *
broken(struct twin *twin, const struct twin_row *row)
{
    enum twin_column first = twin_column_first(row->table);
    for (size_t i = 0; i < twin_column_count(row->table); i++) {
        if (columns[first + i].required && row->values[i].type == TWIN_NULL) {
            return "";
        }
    }
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].table != row->table) {
            continue;
        }
        int count = matches(twin, i, row);
        bool key = rules[i].other == rules[i].table;
        if ((key && count > 1) || (!key && count == 0)) {
            return rules[i].constraint;
        }
    }
    return twin_check(twin, row);
}

enum err
twin_commit(struct twin *twin, const char **constraint)
{
    for (size_t i = 0; i < twin->change_count; i++) {
        const struct twin_row *row = twin->changes[i].row;
        const char *name = row->gone ? NULL : broken(twin, row);
        if (name != NULL) {
            twin_rollback(twin);
            *constraint = name;
            return ERR_DB_CONSTRAINT;
        }
    }
    twin->change_count = 0;
    return ERR_OK;
}

void
twin_rollback(struct twin *twin)
{
    while (twin->change_count > 0) {
        const struct twin_change *change = &twin->changes[--twin->change_count];
        struct twin_row *row = change->row;
        if (change->before == NULL) {
            row->gone = true;
        } else {
            row->gone = change->gone;
            memcpy(row->values, change->before,
                   twin_column_count(row->table) * sizeof(struct twin_value));
        }
    }
}
