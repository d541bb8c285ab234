/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_BATCH_H
#define TALLYGATE_PROC_FLOW_BATCH_H

/* A batch of claimed work with its memory, let go when its last piece is done. */

#include "db.h"
#include "services.h"

#define BATCH_MOST      50                        /* pieces that are claimed at once */
#define BATCH_ARENA_MAX ((size_t)4 * 1024 * 1024) /* enough for the rows of what is claimed */

struct batch {
    struct services *services;
    struct arena *arena;
    size_t open; /* pieces, and the claim itself */
};

/* With the claim as its one piece, and memory up to arena_max; NULL without any: then the next round does the work. */
struct batch *batch_new(struct services *services, size_t arena_max);
void batch_done(struct batch *batch); /* one piece */

/* What a claim came back with: each row is taken, and may become a piece; then the claim's own is done. A row that cannot be
 * taken is told of under the statement's name and keeps none from the others. */
typedef enum err (*batch_take)(struct batch *batch, const struct db_rows *rows, size_t row);
void batch_claimed(struct batch *batch, const char *statement, const struct db_answer *answer,
                   batch_take take);

/* Says that a statement of the batch's failed, if it did. */
void batch_trouble(const char *statement, enum err err);

#endif
