/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_TWIN_TWIN_INTERNAL_H
#define TALLYGATE_TESTS_TWIN_TWIN_INTERNAL_H

/* What the files of this folder share. */

#include "db.h"
#include "twin.h"
#include "twin_table.h"

struct twin_list {
    struct twin_row **rows;
    size_t count;
    size_t room;
};

struct twin_change {
    struct twin_row *row;
    struct twin_value *before; /* NULL: it was not there */
    bool gone;
};

struct twin {
    struct arena *arena;
    struct twin_list tables[TWIN_TABLES];
    struct twin_change *changes;
    size_t change_count;
    size_t change_room;
    int64_t sequence;
    twin_store store; /* NULL: the twin itself */
    twin_fates fates;
    void *fates_context;
    twin_border border; /* NULL: nobody wants to know */
    enum twin_flaw flaw;
    bool overtaken; /* the statement under way finds its row moved */
};

/* An answer under construction: named columns, then values row by row. */
#define TWIN_ANSWER_COLUMNS 40
struct db_rows {
    struct arena *arena;
    const char *names[TWIN_ANSWER_COLUMNS];
    size_t column_count;
    struct twin_value *values;
    size_t row_count;
    size_t room;
    size_t affected;
};

MUST_USE struct db_rows *twin_rows_new(void);
/* Starts a row; every row names the same columns in the same order. */
void twin_rows_begin(struct db_rows *rows);
void twin_rows_put(struct db_rows *rows, const char *name, struct twin_value value);
/* Changes what was put. */
void twin_rows_change(struct db_rows *rows, size_t row, const char *name, struct twin_value value);
/* Orders the rows by one column, then by another (NULL: none). */
void twin_rows_sort(struct db_rows *rows, const char *first, const char *second);
/* Every column of the row. */
void twin_rows_put_row(struct db_rows *rows, const struct twin_row *row);

/* Parameters in order. What cannot be read as the type asked for fails the statement. */
struct twin_args {
    const struct db_params *params;
    int at;
    struct arena *arena; /* of the answer */
    enum err err;
};
struct twin_value twin_arg(struct twin_args *args, enum twin_type type);
MUST_USE enum err twin_decode(struct span text, enum twin_type type, struct arena *arena,
                              struct twin_value *out);

/* One statement; fills `rows`. */
typedef void (*twin_statement)(struct twin *twin, struct twin_args *args, struct db_rows *rows);

#define STATEMENT(name) \
    void twin_run_##name(struct twin *twin, struct twin_args *args, struct db_rows *rows);
#include "twin_statements.def"
#undef STATEMENT

/* Runs a statement as a whole. Errors: DB_CONSTRAINT with its name, DB_STATEMENT. */
MUST_USE enum err twin_run(struct twin *twin, enum statement statement,
                           const struct db_params *params, struct db_rows **rows,
                           const char **constraint);

/* The edge that the event takes an attempt along; false when there is none that is recorded. */
bool twin_edge(const struct twin *twin, struct span from, struct span event, const char **to,
               const char **effect);

/* The same for refunds, whose first state is "none". */
bool twin_refund_edge(struct span from, struct span event, const char **to, const char **effect);

/* Adds the next event of a payment: version, chain, row. Returns its number. */
struct twin_event {
    struct twin_value attempt_no;
    struct twin_value refund_no;
    struct twin_value actor;
    const char *machine;
    struct twin_value from_state;
    struct twin_value event;
    const char *to_state;
    const char *effect;
    struct twin_value digest;
    struct twin_value at;
};
int64_t twin_event_add(struct twin *twin, struct twin_row *payment, const struct twin_event *event);

/* Tells whoever wants to know that the store works for somebody, or no longer. */
void twin_border_cross(const struct twin *twin, bool inside);

struct twin *twin_offered(void);

#endif
