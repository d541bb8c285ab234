/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_ANSWER_H
#define TALLYGATE_WORLD_WECHATPAY_ANSWER_H

/* What goes back for a call: body, headers, signature, and what the faults of the play do to them. */

#include "wechatpay_gateway.h"

MUST_USE enum err wechatpay_answer_call(struct wechatpay_call *call);

#endif
