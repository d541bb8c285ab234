/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_OUTCOME_H
#define TALLYGATE_PROC_FLOW_OUTCOME_H

/* A statement that decides says so in one word, its column "outcome"; each call has a table of the words that its statement says. */

#include <stddef.h>

#include "err.h"
#include "span.h"

struct outcome {
    const char *word;
    enum err err;
};

/* What the word stands for; DB_ROWS when the table has not got it. */
MUST_USE enum err outcome_err(const struct outcome *table, size_t count, struct span word);

#define OUTCOME_ERR(table, word) outcome_err((table), sizeof(table) / sizeof((table)[0]), (word))

#endif
