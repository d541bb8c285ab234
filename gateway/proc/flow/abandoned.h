/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_ABANDONED_H
#define TALLYGATE_PROC_FLOW_ABANDONED_H

/* Idempotency keys whose owner died before it answered. Each is completed with the answer that its request would have had,
 * made from what is committed, or given back when nothing is, so that the same request can be sent again. Claimed by lease:
 * safe on any number of nodes. */

#include "services.h"

/* One batch; more in the next round. */
void chore_abandoned(struct services *services);

#endif
