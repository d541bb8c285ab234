/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_CONTROL_H
#define TALLYGATE_WORLD_ALIPAY_CONTROL_H

/* What a play can ask of the played Alipay; README.md describes the calls. */

#include "alipay_world.h"

void alipay_control_add(struct alipay *alipay);

/* Ends a call: what was built, or why it could not be. Takes `out` over. */
void alipay_control_finish(struct control_call *call, enum err err, struct json_t *out);

/* RFC 3339, or null for 0. */
MUST_USE enum err alipay_control_put_wall(struct json_t *out, const char *name, struct wall_time t);

/* The trade that "out_trade_no" names. Errors: FIELD_*. */
MUST_USE enum err alipay_control_trade(struct alipay *alipay, const struct json_t *in,
                                       struct alipay_trade **out);

/* alipay_control_refund.c */
void alipay_control_refund(void *self, struct control_call *call, const struct json_t *in);
void alipay_control_refunds(void *self, struct control_call *call, const struct json_t *in);

#endif
