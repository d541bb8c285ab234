/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_REFUND_H
#define TALLYGATE_WORLD_WECHATPAY_REFUND_H

/* Refunds: accepted first, done later (4.6). A step that the rules refuse names its reason in
 * *refusal and changes nothing; otherwise *refusal is NULL. */

#include "wechatpay_world.h"

struct wechatpay_refund_wish {
    struct span out_refund_no;
    struct span notify_url; /* empty: none */
    struct money amount;
    struct money total; /* the order's, as the merchant sees it */
};

struct wechatpay_refund *wechatpay_refund_find(struct wechatpay *wechatpay,
                                               const struct wechatpay_merchant *merchant,
                                               struct span out_refund_no);

/* Accepts a refund, or finds the same one again. */
MUST_USE enum err wechatpay_refund_ask(struct wechatpay *wechatpay, struct wechatpay_order *order,
                                       const struct wechatpay_refund_wish *wish,
                                       struct wechatpay_refund **out, const char **refusal);

/* Ends a refund that is under way; the callback follows. */
MUST_USE enum err wechatpay_refund_end(struct wechatpay *wechatpay, struct wechatpay_refund *refund,
                                       enum wechatpay_refund_status status, const char **refusal);

/* Ends with SUCCESS what was accepted a minute ago and is not held. */
MUST_USE enum err wechatpay_refund_settle(struct wechatpay *wechatpay);

const char *wechatpay_refund_status_name(enum wechatpay_refund_status status);

/* wechatpay_call_refund.c: the members of an answer, and those of a callback (5.4). */
MUST_USE enum err wechatpay_refund_put(const struct wechatpay_refund *refund, struct json_t *out);
MUST_USE enum err wechatpay_refund_put_notice(const struct wechatpay_refund *refund,
                                              enum wechatpay_refund_status status,
                                              struct json_t *out);

#endif
