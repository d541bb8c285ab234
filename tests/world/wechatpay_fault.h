/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_FAULT_H
#define TALLYGATE_WORLD_WECHATPAY_FAULT_H

/* What a play wants to go wrong: each fault waits for the next event that fits it. README.md
 * describes the kinds. */

#include "wechatpay_world.h"

enum wechatpay_fault_kind {
    WECHATPAY_NOTIFY_DROP,
    WECHATPAY_NOTIFY_HOLD,
    WECHATPAY_NOTIFY_TWICE,
    WECHATPAY_NOTIFY_PROBE,
    WECHATPAY_ANSWER_HANG,
    WECHATPAY_ANSWER_ERROR,
    WECHATPAY_ANSWER_HTML,
    WECHATPAY_ANSWER_CUT,
    WECHATPAY_ANSWER_FORGED,
    WECHATPAY_ANSWER_UNPAID,
    WECHATPAY_ANSWER_SERIAL,
    WECHATPAY_ANSWER_PROBE,
    WECHATPAY_ANSWER_RATE,
    WECHATPAY_ANSWER_AMOUNT,
    WECHATPAY_ANSWER_SKEW,
    WECHATPAY_ANSWER_SLOW,
    WECHATPAY_REFUND_POOR,
    WECHATPAY_REFUND_HOLD,
    WECHATPAY_FAULT_COUNT
};

/* `out_trade_no` empty fits every event; `times` 0 is for ever. Errors: FIELD_VALUE for an unknown
 * kind or a wrong number, NO_MEMORY. */
MUST_USE enum err wechatpay_fault_add(struct wechatpay *wechatpay, struct span kind,
                                      struct span out_trade_no, int64_t times);

/* Whether this event shows the fault, which then is used up once. */
bool wechatpay_fault_take(struct wechatpay *wechatpay, enum wechatpay_fault_kind kind,
                          const char *out_trade_no);

void wechatpay_fault_clear(struct wechatpay *wechatpay);

#endif
