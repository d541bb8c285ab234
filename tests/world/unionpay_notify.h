/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_NOTIFY_H
#define TALLYGATE_WORLD_UNIONPAY_NOTIFY_H

/* Notifications: their fields, their delivery, their resends, and the record of all that (4). */

#include "unionpay_world.h"

/* Makes the genuine notification of the transaction's result and sends it as the faults of the play
 * let it. A transaction without backUrl tells nobody. */
MUST_USE enum err unionpay_notify_txn(struct unionpay *unionpay, const struct unionpay_txn *txn);

/* A notification out of order: sealed by a liar, with another amount (NULL: the true one), or the last
 * genuine one again. */
struct unionpay_notice_wish {
    const struct unionpay_txn *txn;
    enum unionpay_seal seal;
    bool resend;
    const struct money *amount;
};

/* Sends it now and answers `call` with the receiver's reply. Errors: FIELD_VALUE when there is
 * nothing to send or nowhere to send it; then `call` is not answered. */
MUST_USE enum err unionpay_notify_now(struct unionpay *unionpay,
                                      const struct unionpay_notice_wish *wish,
                                      struct control_call *call);

/* Sends what is held and what is due by the world's clock. */
size_t unionpay_notify_release(struct unionpay *unionpay);

/* Answers `call` when no notification is under way. Errors: NO_MEMORY. */
MUST_USE enum err unionpay_notify_idle(struct unionpay *unionpay, struct control_call *call);

/* The record, as the elements of an array. */
MUST_USE enum err unionpay_notify_list(const struct unionpay *unionpay, struct json_t *array);

void unionpay_notify_free_all(struct unionpay *unionpay);

/* unionpay_notice.c: what a notification, a return to the merchant and a query say of it. */
struct unionpay_notice_facts {
    const struct unionpay_txn *txn;
    const char *resp_code;
    struct money amount;
    struct wall_time done; /* 0: no money moved */
};

/* queryId, traceNo, traceTime and, when money moved, what was settled and how it was paid. */
MUST_USE enum err unionpay_notice_put_result(const struct unionpay_notice_facts *facts,
                                             struct unionpay_fields *fields);

/* A whole notification, sealed. */
MUST_USE enum err unionpay_notice_build(const struct unionpay *unionpay,
                                        const struct unionpay_notice_facts *facts,
                                        enum unionpay_seal seal, struct unionpay_fields *fields);

/* The sentence of a respCode with its inner code in brackets (5). */
const char *unionpay_notice_message(const char *resp_code);

#endif
