/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_DIFFERENCE_VIEW_H
#define TALLYGATE_PROC_FLOW_DIFFERENCE_VIEW_H

/* A difference as finance sees it. */

#include "db.h"
#include "json.h"

/* A row of difference_columns.part into an object. Errors: DB_ROWS for a code that is none, those of json_put. */
MUST_USE enum err difference_view_put(struct json_t *view, const struct db_rows *rows, size_t row,
                                      enum language language);

/* "history": [...] from the rows of difference_history. Errors: DB_ROWS for a detail that is no JSON, those of json_put. */
MUST_USE enum err difference_view_history(struct json_t *view, const struct db_rows *rows);

/* "items_off": [...] from the rows of difference_items. Errors: those of json_put. */
MUST_USE enum err difference_view_items(struct json_t *view, const struct db_rows *rows);

/* "codes": [...] from "A,B"; and a number behind what its kind begins with ("rfd_"), null when it is empty. Errors: those of json_put. */
MUST_USE enum err difference_view_codes(struct json_t *view, struct span codes);
MUST_USE enum err difference_view_id(struct json_t *view, const char *name, const char *front,
                                     struct span number);

#endif
