/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_NOTICE_H
#define TALLYGATE_WORLD_WECHATPAY_NOTICE_H

/* The body of a callback: an envelope around a sealed resource (5.1, 5.4). */

#include "wechatpay_world.h"

struct wechatpay_notice_facts {
    const struct wechatpay_order *order;
    const struct wechatpay_refund *refund; /* NULL: about the payment */
    enum wechatpay_refund_status status;   /* of the refund */
    struct money total;
    struct wall_time paid;
    struct wall_time now;
    const char *id;
};

MUST_USE enum err wechatpay_notice_encode(const struct wechatpay_notice_facts *facts,
                                          struct buf *out);

/* A fresh UUID. */
MUST_USE enum err wechatpay_notice_id(struct buf *out);

#endif
