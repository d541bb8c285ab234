/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_RUN_VIEW_H
#define TALLYGATE_PROC_FLOW_RUN_VIEW_H

/* A run of reconciliation as finance sees it: made from its rows alone. */

#include "db.h"
#include "json.h"
#include "report.h"

/* "run_7". Errors: RUN_UNKNOWN for anything else than such a text. */
MUST_USE enum err run_view_of_id(struct span id, int64_t *run_id);
MUST_USE enum err run_view_id(struct json_t *view, const char *name, int64_t run_id);

/* A row of run_columns.part into an object. Errors: DB_ROWS, NO_MEMORY, ENCODING, like those below. */
MUST_USE enum err run_view_put(struct json_t *view, const struct db_rows *rows, size_t row);

/* The same with "sheet": every cell of it, and the balances of the account. */
MUST_USE enum err run_view_whole(struct json_t *view, const struct db_rows *rows, size_t row);

/* "inputs": [...], "reports": [...] and "left_out": [...] from the rows of run_files. */
MUST_USE enum err run_view_files(struct json_t *view, const struct db_rows *rows);

/* Of a printed file, by its name: "text/csv; charset=utf-8", "zh-CN". */
const char *run_view_media_type(struct span file);
const char *run_view_language(struct span file);

/* A result into an object; with the line of the bill when it is `whole`. */
MUST_USE enum err run_view_result(struct json_t *view, const struct report_row *row,
                                  enum language language, bool whole);

/* "invoices": [...] from the rows of run_invoices, or null when the run keeps none of an order like this: it is from before they were kept, or
 * nothing `differs` about the order. */
MUST_USE enum err run_view_invoices(struct json_t *view, const struct db_rows *rows, bool differs);

/* "story": [...] from the rows of run_story; `arena` holds intermediate text. */
MUST_USE enum err run_view_story(struct json_t *view, const struct db_rows *rows,
                                 struct arena *arena);

#endif
