/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_NOTIFY_H
#define TALLYGATE_WORLD_WECHATPAY_NOTIFY_H

/* Callbacks: their delivery, their resends, and the record of all that (5). */

#include "wechatpay_world.h"

/* Makes the genuine callback of a payment, or of a refund that ended, and sends it as the faults of
 * the play let it. A refund without notify_url sends nothing. */
MUST_USE enum err wechatpay_notify_order(struct wechatpay *wechatpay,
                                         const struct wechatpay_order *order);
MUST_USE enum err wechatpay_notify_refund(struct wechatpay *wechatpay,
                                          const struct wechatpay_refund *refund);

/* A callback out of order: forged by another key, with another amount (NULL: the true one), with a
 * probing signature, or the last genuine one again. */
struct wechatpay_notice_wish {
    const struct wechatpay_order *order;
    const struct wechatpay_refund *refund; /* NULL: about the payment */
    bool forged;
    bool probe;
    bool resend;
    const struct money *total;
};

/* Sends it now and answers `call` with the receiver's reply. Errors: FIELD_VALUE when there is
 * nothing to send or nowhere to send it; then `call` is not answered. */
MUST_USE enum err wechatpay_notify_now(struct wechatpay *wechatpay,
                                       const struct wechatpay_notice_wish *wish,
                                       struct control_call *call);

/* Sends what is held and what is due by the world's clock. */
size_t wechatpay_notify_release(struct wechatpay *wechatpay);

/* Answers `call` when no callback is under way. Errors: NO_MEMORY. */
MUST_USE enum err wechatpay_notify_idle(struct wechatpay *wechatpay, struct control_call *call);

/* The record, as the elements of an array. */
MUST_USE enum err wechatpay_notify_list(const struct wechatpay *wechatpay, struct json_t *array);

void wechatpay_notify_free_all(struct wechatpay *wechatpay);

#endif
