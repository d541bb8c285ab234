/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_RUN_CALLS_H
#define TALLYGATE_PROC_FLOW_RUN_CALLS_H

/* What the calls share by which finance and auditors read of runs. All comes from the rows of the run. */

#include "flow.h"

struct run_call {
    struct flow flow;
    struct faults faults;
    struct span account;
    struct span kind; /* of bill */
    struct span state;
    struct day day; /* year 0: any */
    int64_t after;
    int64_t limit;
    bool differs;
    int64_t run_id;
    int64_t seq;
    struct span owner; /* and order of the result */
    struct span order_no;
    struct span text; /* of the view, while its other parts are read */
};

/* A value of the query: true when it is there; a fault is noted. */
bool run_calls_has(struct run_call *call, const char *name, struct span *out);
void run_calls_limit(struct run_call *call);

/* True when nothing is wrong with the query, or the run in the path; else the call is refused. */
bool run_calls_ok(struct run_call *call);
bool run_calls_id(struct run_call *call);

/* Answers with the view that `make` makes of the rows. */
typedef enum err (*run_calls_view)(const struct run_call *call, const struct db_rows *rows,
                                   struct json_t **out);
void run_calls_answer(struct run_call *call, const struct db_answer *answer, run_calls_view make);

/* Takes a view over and keeps it as text in call->text, which the request's memory holds. Errors: BUF_FULL, NO_MEMORY, ARENA_FULL. */
MUST_USE enum err run_calls_keep(struct run_call *call, struct json_t *made);

#endif
