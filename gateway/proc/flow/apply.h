/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_APPLY_H
#define TALLYGATE_PROC_FLOW_APPLY_H

/* The one door to payment_apply for all flows of a process. A lone change commits at once by the
 * single statement. Changes that come while a transaction is in flight wait and go together in the
 * next one by the array form: no timer, and not one fsync each under load. A row that fails does not
 * fail its neighbours. */

#include "payment_store.h"
#include "services.h"

struct apply_queue;

#define APPLY_BATCH_MAX   64
#define APPLY_WAITING_MAX 4096
#define APPLY_TRIES_MAX   8

/* err: ERR_OK with a result; LOST_RACE when others kept coming first; DB_*, OVERLOADED. `result` is
 * NULL unless OK. */
typedef void (*apply_done)(void *context, enum err err, const struct payment_change_result *result);

MUST_USE enum err apply_queue_new(struct db *db, struct apply_queue **out);
void apply_queue_free(struct apply_queue **queue);

/* `change` and what it points to live until `done`, which is called exactly once: later, from the
 * loop, except for OVERLOADED, which is said at once. */
void apply_submit(struct apply_queue *queue, const struct payment_change *change, apply_done done,
                  void *context);

#endif
