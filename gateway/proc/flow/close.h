/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_CLOSE_H
#define TALLYGATE_PROC_FLOW_CLOSE_H

/* Ends a payment: each attempt is queried, closed at the provider, and queried again, since money
 * may cross the closing. The payment is closed only when no attempt can be paid any more. */

#include "ask.h"
#include "services.h"

/* err: ERR_OK when every step went through (the payment may still be open: then watching goes on);
 * PAYMENT_UNKNOWN, DB_*, or the first provider trouble; REFRESH_BUDGET: the rest is left to the
 * schedule. */
typedef void (*close_done)(void *context, enum err err);

/* The same for one attempt, which must live until `done`; whether its payment closed with it is stored. err of
 * the result as above; its state is the attempt's afterwards. */
void close_attempt(struct services *services, struct attempt *attempt, enum query_by by,
                   ask_done done, void *context);

/* Nothing of the caller's must outlive the call but `context`. */
void close_payment(struct services *services, int slot, struct span payment_no, enum query_by by,
                   close_done done, void *context);

#endif
