/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_NOTIFY_H
#define TALLYGATE_WORLD_ALIPAY_NOTIFY_H

/* Asynchronous notices: their fields, their delivery, their resends, and the record of all that (5). */

#include "alipay_world.h"

/* Makes the genuine notice of the trade's present state and sends it as the faults of the play let
 * it. `refund` names what gave it, or is NULL. A trade without notify_url sends nothing. */
MUST_USE enum err alipay_notify_trade(struct alipay *alipay, const struct alipay_trade *trade,
                                      const struct alipay_refund *refund);

/* A notice out of order: forged by another key, signed by our name under a foreign root, with another
 * amount (NULL: the true one), or the last genuine one again. */
struct alipay_notice_wish {
    const struct alipay_trade *trade;
    bool forged;
    bool foreign;
    bool resend;
    const struct money *total;
};

/* Sends it now and answers `call` with the receiver's reply. Errors: FIELD_VALUE when there is
 * nothing to send or nowhere to send it; then `call` is not answered. */
MUST_USE enum err alipay_notify_now(struct alipay *alipay, const struct alipay_notice_wish *wish,
                                    struct control_call *call);

/* Sends what is held and what is due by the world's clock, in the order in which it was made or the
 * other way round, at most `max` of it. */
size_t alipay_notify_release(struct alipay *alipay, bool newest_first, size_t max);

/* Answers `call` when no notice is under way. Errors: NO_MEMORY. */
MUST_USE enum err alipay_notify_idle(struct alipay *alipay, struct control_call *call);

/* The record, as the elements of an array. */
MUST_USE enum err alipay_notify_list(const struct alipay *alipay, struct json_t *array);

void alipay_notify_free_all(struct alipay *alipay);

#endif
