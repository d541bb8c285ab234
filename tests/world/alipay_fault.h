/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_FAULT_H
#define TALLYGATE_WORLD_ALIPAY_FAULT_H

/* What a play wants to go wrong: each fault waits for the next event that fits it. README.md
 * describes the kinds. */

#include "alipay_world.h"

enum alipay_fault_kind {
    ALIPAY_NOTIFY_DROP,
    ALIPAY_NOTIFY_HOLD,
    ALIPAY_NOTIFY_TWICE,
    ALIPAY_ANSWER_HANG,
    ALIPAY_ANSWER_ERROR,
    ALIPAY_ANSWER_HTML,
    ALIPAY_ANSWER_CUT,
    ALIPAY_ANSWER_FORGED,
    ALIPAY_ANSWER_UNPAID,
    ALIPAY_ANSWER_SERIAL,
    ALIPAY_ANSWER_SLOW,
    ALIPAY_ANSWER_RATE,
    ALIPAY_ANSWER_SKEW,
    ALIPAY_ANSWER_AMOUNT,
    ALIPAY_ANSWER_FOREIGN,
    ALIPAY_ANSWER_GZIP,
    ALIPAY_ANSWER_DRIP,
    ALIPAY_FAULT_COUNT
};

/* `out_trade_no` empty fits every event; `times` 0 is for ever. Errors: FIELD_VALUE for an unknown
 * kind or a wrong number, NO_MEMORY. */
MUST_USE enum err alipay_fault_add(struct alipay *alipay, struct span kind,
                                   struct span out_trade_no, int64_t times);

/* Whether this event shows the fault, which then is used up once. `out_trade_no` may be NULL. */
bool alipay_fault_take(struct alipay *alipay, enum alipay_fault_kind kind,
                       const char *out_trade_no);

void alipay_fault_clear(struct alipay *alipay);

#endif
