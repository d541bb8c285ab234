/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_FAULT_H
#define TALLYGATE_WORLD_UNIONPAY_FAULT_H

/* What a play wants to go wrong: each fault waits for the next event that fits it. README.md
 * describes the kinds. */

#include "unionpay_world.h"

enum unionpay_fault_kind {
    UNIONPAY_NOTIFY_DROP,
    UNIONPAY_NOTIFY_HOLD,
    UNIONPAY_NOTIFY_TWICE,
    UNIONPAY_ANSWER_HANG,
    UNIONPAY_ANSWER_SLOW,
    UNIONPAY_ANSWER_ERROR,
    UNIONPAY_ANSWER_500,
    UNIONPAY_ANSWER_HTML,
    UNIONPAY_ANSWER_CUT,
    UNIONPAY_ANSWER_FORGED,
    UNIONPAY_ANSWER_FOREIGN,
    UNIONPAY_ANSWER_MERCHANT,
    UNIONPAY_ANSWER_EXPIRED,
    UNIONPAY_ANSWER_UNPAID,
    UNIONPAY_ANSWER_ORIG_MISSING,
    UNIONPAY_ANSWER_AMOUNT,
    UNIONPAY_ANSWER_RATE,
    UNIONPAY_FAULT_COUNT
};

/* `order_id` empty fits every event; `times` 0 is for ever. Errors: FIELD_VALUE for an unknown
 * kind or a wrong number, NO_MEMORY. */
MUST_USE enum err unionpay_fault_add(struct unionpay *unionpay, struct span kind,
                                     struct span order_id, int64_t times);

/* Whether this event shows the fault, which then is used up once. `order_id` may be NULL. */
bool unionpay_fault_take(struct unionpay *unionpay, enum unionpay_fault_kind kind,
                         const char *order_id);

void unionpay_fault_clear(struct unionpay *unionpay);

#endif
