/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_PERIOD_VIEW_H
#define TALLYGATE_PROC_FLOW_PERIOD_VIEW_H

/* The sign-off of a day as finance sees it. */

#include "db.h"
#include "fault.h"
#include "json.h"

struct period_subject {
    struct span account;
    struct day day;
    enum language language;
    bool whole; /* with the text itself */
};

/* From the row of period_find.sql. Errors: DB_ROWS, NO_MEMORY, ENCODING. */
MUST_USE enum err period_view(const struct period_subject *subject, const struct db_rows *rows,
                              struct json_t **out);

/* What hinders ("severe/ST_FALSE_SUCCESS bill/", as the statements tell it), as faults: each under the finding's name, or "day". */
void period_hindrances(struct span list, struct faults *out);

/* What the outcome of a statement is told as; `signs`: of the one that signs, for which "signed" is what was wished. Errors: the
 * one it is told as, DB_ROWS for an outcome that is none. */
MUST_USE enum err period_outcome(struct span outcome, bool signs);

#endif
