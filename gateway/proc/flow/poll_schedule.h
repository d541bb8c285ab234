/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_POLL_SCHEDULE_H
#define TALLYGATE_PROC_FLOW_POLL_SCHEDULE_H

/* When an attempt is asked about next, by its provider's table (adapter.h) and its age: dense while the
 * payer is likely at it, then thinner, dense again when its time is over, until the schedule ends. */

#include "adapter.h"
#include "payment_store.h"

/* Milliseconds from `now` until the schedule asks again; 0 when it has ended. `adapter` may be NULL: the
 * usual schedule. */
int64_t poll_schedule_wait_ms(const struct adapter *adapter, const struct attempt *attempt,
                              struct wall_time now);

/* The same for an attempt that is being made. */
int64_t poll_schedule_first_ms(const struct adapter *adapter);

#endif
