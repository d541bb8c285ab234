/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <stdlib.h>

#include "log.h"

struct batch *
batch_new(struct services *services, size_t arena_max)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch != NULL && arena_new(arena_max, &batch->arena) != ERR_OK) {
        free(batch);
        return NULL;
    }
    if (batch != NULL) {
        batch->services = services;
        batch->open = 1;
    }
    return batch;
}

void
batch_done(struct batch *batch)
{
    if (--batch->open == 0) {
        arena_free(&batch->arena);
        free(batch);
    }
}

void
batch_claimed(struct batch *batch, const char *statement, const struct db_answer *answer,
              batch_take take)
{
    batch_trouble(statement, answer->err);
    for (size_t i = 0; answer->err == ERR_OK && i < db_rows_count(answer->rows); i++) {
        batch_trouble(statement, take(batch, answer->rows, i));
    }
    batch_done(batch);
}

void
batch_trouble(const char *statement, enum err err)
{
    if (err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", statement), LOG_ERR(err));
    }
}
