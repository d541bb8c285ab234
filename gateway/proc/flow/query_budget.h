/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_QUERY_BUDGET_H
#define TALLYGATE_PROC_FLOW_QUERY_BUDGET_H

/* How many queries a minute this process may put to each account: a bucket that fills evenly. */

#include "account.h"
#include "clock.h"

struct query_budget;

MUST_USE enum err query_budget_new(const struct config *config, struct query_budget **out);
void query_budget_free(struct query_budget **budget);

/* Takes one query of the account. 0 when it may be sent, else the seconds after which one will be
 * free again. */
int query_budget_take(struct query_budget *budget, struct span account, struct mono_time now);

#endif
