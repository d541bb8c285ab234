/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_CONTROL_H
#define TALLYGATE_WORLD_WECHATPAY_CONTROL_H

/* What a play can ask of the played WeChat Pay; README.md describes the calls. */

#include "wechatpay_world.h"

void wechatpay_control_add(struct wechatpay *wechatpay);

/* wechatpay_control_pay.c: the payer's side. Each answers its call. */
void wechatpay_control_scan(void *self, struct control_call *call, const struct json_t *in);
void wechatpay_control_open(void *self, struct control_call *call, const struct json_t *in);
void wechatpay_control_jsapi(void *self, struct control_call *call, const struct json_t *in);
void wechatpay_control_pay(void *self, struct control_call *call, const struct json_t *in);

/* Ends a call: what was built, or why it could not be. Takes `out` over. `refusal` wins when it is
 * not NULL. */
void wechatpay_control_finish(struct control_call *call, enum err err, const char *refusal,
                              struct json_t *out);

/* An absent member leaves *out as it is. */
MUST_USE enum err wechatpay_control_text(const struct json_t *in, const char *name,
                                         struct span *out);

/* The order whose out_trade_no stands in `in`. Errors: FIELD_*. */
MUST_USE enum err wechatpay_control_order(struct wechatpay *wechatpay, const struct json_t *in,
                                          struct wechatpay_order **out);

MUST_USE enum err wechatpay_control_put_money(struct json_t *out, const char *name,
                                              struct money amount);
MUST_USE enum err wechatpay_control_put_wall(struct json_t *out, const char *name,
                                             struct wall_time t); /* null when not set */

#endif
