/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_QUERY_BUDGET_H
#define TALLYGATE_PROC_FLOW_QUERY_BUDGET_H

/* How many queries a minute may be put to each account, by all processes of all nodes together: a
 * bucket in the database that fills evenly. A process takes from it by the block, small ones at first,
 * and what it does not use within six seconds is lost. The schedule leaves a part of the bucket to
 * people who wait for an answer. See docs/decisions/0018-query-budget.md. */

#include "account.h"
#include "db.h"

struct query_budget;

/* For whom a provider is asked. */
enum query_by {
    QUERY_BY_PERSON, /* somebody waits: the whole bucket */
    QUERY_BY_SCHEDULE,
    QUERY_BY_COUNT
};

/* `db` must outlive it; DB answers still under way at the end are not delivered. */
MUST_USE enum err query_budget_new(const struct config *config, struct db *db,
                                   struct query_budget **out);
void query_budget_free(struct query_budget **budget);

/* err: ERR_OK one query may be sent; REFRESH_BUDGET, then after `wait_ms` one will be free again;
 * NO_MEMORY, DB_*: it is not known whether. */
typedef void (*query_budget_done)(void *context, enum err err, int64_t wait_ms);

/* Takes one query of the account; an account that is not configured has no budget to exceed. `done`
 * is called once, at once when the process has some left or knows that there are none. */
void query_budget_take(struct query_budget *budget, struct span account, enum query_by by,
                       query_budget_done done, void *context);

/* The queries of a bucket that the schedule leaves to people. */
int64_t query_budget_reserve(int64_t per_minute);

#endif
