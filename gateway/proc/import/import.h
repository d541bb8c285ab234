/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_IMPORT_IMPORT_H
#define TALLYGATE_PROC_IMPORT_IMPORT_H

/* Orders and invoices in batches, a JSON object a line, from the API, a file or the portal's own
 * database. Each line gets a verdict of its own and is taken whole or not at all; one that is refused
 * does not hold up its neighbours, and a batch that comes again changes nothing. */

#include "body.h"
#include "clock.h"
#include "db.h"
#include "fault.h"
#include "json.h"

#define IMPORT_LINES_MAX ((size_t)500)
#define IMPORT_FAULTS_MAX \
    ((size_t)5) /* of a line that are told: the answer for lines that are all wrong has to have room in one request */

enum import_verdict {
    IMPORT_REFUSED,
    IMPORT_CREATED,
    IMPORT_UPDATED,
    IMPORT_UNCHANGED,
    IMPORT_VERDICT_COUNT
};

const char *import_verdict_code(enum import_verdict verdict);

struct import_batch;

/* What comes in batches. Reading a line adds faults, and members to the row that its statement takes
 * and `n`, `slot` and the key already stand in for; what it needs memory for is the batch's `scratch`; `key` is the number by which people know it. */
struct import_kind {
    const char *name;     /* "orders" */
    const char *key_name; /* "order_no" */
    enum statement statement;
    enum statement portal; /* opens the view in the portal's own database */
    enum err (*read)(const struct import_batch *batch, struct body *body, struct json_t *row,
                     struct span *key);
    enum err (*edges)(struct buf *out); /* which status may become which: "draft>paid draft>…" */
};

extern const struct import_kind import_orders;
extern const struct import_kind import_invoices;

struct import_line {
    int64_t number;  /* where it stood, from 1 */
    struct span key; /* empty when the line could not be read so far */
    enum import_verdict verdict;
    enum err err;               /* why it was refused */
    const struct fault *faults; /* of a VALIDATION or JSON, the first of them */
    size_t fault_count;
};

struct import_batch {
    const struct import_kind *kind;
    struct arena *arena;
    struct arena *scratch; /* of the line that is being read */
    struct span owner;     /* the client whose they are */
    struct wall_time now;
    struct json_t *rows; /* the good lines, until the parameters are made of them */
    size_t good;
    struct import_line *lines;
    size_t count;
};

/* `owner` is borrowed; everything else lives in the arena but for `rows` and `scratch`. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err import_batch_open(const struct import_kind *kind, struct span owner,
                                    struct wall_time now, struct arena *arena,
                                    struct import_batch *out);
void import_batch_close(struct import_batch *batch); /* accepts a zeroed one */

/* Reads one line; a blank one is passed over. What is wrong with it becomes its verdict. Errors:
 * IMPORT_LINES when the batch is full; ARENA_FULL, NO_MEMORY. */
MUST_USE enum err import_batch_add(struct import_batch *batch, int64_t number, struct span line);

/* One that came otherwise and is good: takes over *row, with the members that the statement wants but for `n`. */
MUST_USE enum err import_batch_row(struct import_batch *batch, int64_t number, struct span key,
                                   struct json_t **row);

/* A line that could not even be read: `why` is its verdict. Errors: IMPORT_LINES. */
MUST_USE enum err import_batch_refuse(struct import_batch *batch, int64_t number, enum err why);

/* When at least one line was good the statement must be run, with these parameters; they are made once. */
MUST_USE enum err import_batch_params(struct import_batch *batch, struct db_params *params);

/* The statement's rows become verdicts. Errors: INTERNAL when a line has no row; ARENA_FULL. */
MUST_USE enum err import_batch_take(struct import_batch *batch, const struct db_rows *rows);

/* {"line", the key, "verdict"} and of a refused line {"code", "detail", "errors"} as in a problem. */
MUST_USE enum err import_line_view(const struct import_batch *batch, const struct import_line *line,
                                   enum language language, struct json_t **out);
size_t import_batch_tally(const struct import_batch *batch, enum import_verdict verdict);

#endif
