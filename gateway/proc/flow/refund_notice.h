/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFUND_NOTICE_H
#define TALLYGATE_PROC_FLOW_REFUND_NOTICE_H

/* A provider's notice about a refund of ours is kept as evidence and moves nothing: it makes us ask, and the
 * answer decides. */

#include "evidence.h"
#include "services.h"

/* `ours`: there is such a refund, and the notice is stored. The query that it triggers is not waited for. */
typedef void (*refund_notice_done)(void *context, enum err err, bool ours);

/* `evidence` names the refund and lives until `done`, which is called once, later. */
void refund_notice(struct services *services, struct arena *arena, int slot,
                   const struct evidence *evidence, refund_notice_done done, void *context);

#endif
