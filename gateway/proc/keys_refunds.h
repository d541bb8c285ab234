/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_REFUNDS_H
#define TALLYGATE_PROC_KEYS_REFUNDS_H

/* How much of an account's money may go back in a day. The keys process counts what it has signed itself, so
 * that whoever asks cannot talk it out of the limit. A repeat under the same number is the same refund and
 * counts once; the same number with another amount is never signed. It counts from its start: a process that
 * is started anew knows nothing of what it signed before (docs/decisions/0012). */

#include "adapter.h"
#include "clock.h"
#include "err.h"

#define KEYS_REFUNDS_MAX 4096 /* refunds of an account and day; one more is refused */

struct keys_refunds;

MUST_USE enum err keys_refunds_new(struct keys_refunds **out);
void keys_refunds_free(struct keys_refunds **refunds);

/* Counts what the facts give back; what gives nothing back passes. Errors: KEYS_REFUND_DAY above
 * refund_daily_max, KEYS_POLICY for a number with another amount, CRYPTO. */
MUST_USE enum err keys_refunds_judge(struct keys_refunds *refunds,
                                     const struct adapter_account *account,
                                     const struct adapter_sign_facts *facts, struct wall_time now);

#endif
