/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_PAYMENT_READ_H
#define TALLYGATE_PROC_FLOW_PAYMENT_READ_H

/* A payment with its attempts, read in two statements. */

#include "payment_store.h"
#include "services.h"

/* err: PAYMENT_UNKNOWN, DB_*. What is given lives in the arena. */
typedef void (*payment_read_done)(void *context, enum err err, const struct payment *payment,
                                  const struct attempt *attempts, size_t count);

/* `done` is called once; from inside the call only when the arena is full. */
void payment_read(const struct services *services, struct arena *arena, int slot,
                  struct span payment_no, payment_read_done done, void *context);

/* The same by the portal's order number, or by the token of a pay page. */
void payment_read_by_order(const struct services *services, struct arena *arena, struct span owner,
                           struct span order_no, payment_read_done done, void *context);
void payment_read_by_token(const struct services *services, struct arena *arena, struct span token,
                           payment_read_done done, void *context);

/* Only if the owner is this one. */
void payment_read_owned(const struct services *services, struct arena *arena, int slot,
                        struct span payment_no, struct span owner, payment_read_done done,
                        void *context);

#endif
