/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_IMPORT_IMPORT_FEED_H
#define TALLYGATE_PROC_IMPORT_IMPORT_FEED_H

/* Any number of lines, taken in batches over a session of a program without a loop. Memory is that of
 * one batch. */

#include <stdio.h>

#include "import.h"

/* Told of each batch that was stored. */
typedef enum err (*import_told)(void *context, const struct import_batch *batch);

struct progress;

struct import_feed {
    struct db_session *session; /* the caller's, as everything until the blank line */
    const struct import_kind *kind;
    struct span owner;
    import_told told;
    void *context;
    struct progress
        *progress; /* counts bytes of a file, or lines of a view; NULL: nobody watches */

    struct arena *arena;
    struct import_batch batch;
    size_t bytes; /* of its lines */
    int64_t tallies[IMPORT_VERDICT_COUNT];
};

MUST_USE enum err import_feed_open(struct import_feed *feed);
void import_feed_close(struct import_feed *feed); /* accepts one that was never opened */

/* Takes a line, or with `wrong` one that could not be read; stores when the batch is full. Errors: those of the
 * statement, of `told`, ARENA_FULL, NO_MEMORY. What was stored before stays. */
MUST_USE enum err import_feed_line(struct import_feed *feed, int64_t number, struct span line,
                                   enum err wrong);
MUST_USE enum err import_feed_end(struct import_feed *feed); /* stores the rest */

/* How many lines had a verdict. */
int64_t import_feed_count(const struct import_feed *feed);

/* A file, from its beginning: JSON lines. Errors: FILE_READ, IMPORT_EMPTY when there is none, and those of a line. */
MUST_USE enum err import_feed_lines(struct import_feed *feed, FILE *file);

/* CSV. Errors: IMPORT_HEADER, IMPORT_CSV, IMPORT_EMPTY without a header (a header alone is no error), and the same; `where` says at
 * which column or record. */
MUST_USE enum err import_feed_csv(struct import_feed *feed, FILE *file, struct buf *where);

/* A reading of the portal's own database. */
struct import_view {
    struct wall_time since;        /* what changed from then on */
    bool (*enough)(void *context); /* asked after each batch: leave the rest? NULL: never */
    void *context;

    struct wall_time reached; /* newest change of what was stored; 0: nothing with a time */
};

/* Those of the portal's own database, as the view gives them (portal_order_open.sql, portal_invoice_open.sql), the
 * oldest change first. */
MUST_USE enum err import_feed_view(struct import_feed *feed, struct import_view *view);

#endif
