/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_TXN_H
#define TALLYGATE_WORLD_UNIONPAY_TXN_H

/* Transactions: payments, refunds and cancels, and what may be done to each (3). A refusal is told by
 * a respCode that is not "00"; an error means the world itself failed. */

#include "unionpay_world.h"

#define UNIONPAY_REFUND_AFTER_MS (INT64_C(5) * 24 * 60 * 60 * 1000) /* 3.1: about five days */

/* What a request asks for; borrowed texts, NULL when absent. */
struct unionpay_order {
    const struct unionpay_merchant *merchant;
    struct unionpay_txn *orig;
    enum unionpay_kind kind;
    const char *order_id;
    const char *txn_time;
    const char *biz_type;
    const char *channel_type;
    const char *encoding;
    const char *back_url;
    const char *front_url;
    const char *front_fail_url;
    const char *req_reserved;
    struct money amount;
    struct wall_time pay_timeout;
};

/* How the payer pays. */
struct unionpay_payment {
    struct wall_time at;     /* 0: now */
    const char *resp_code;   /* "00", "A6", or what the bank declines with */
    const char *late_as;     /* "42" or "00": what late money of a net-bank reads as */
    int64_t refund_after_ms; /* when late money is given back */
};

/* `merchant` NULL: any; `txn_time` NULL: the last one of that number. */
struct unionpay_txn *unionpay_txn_find(struct unionpay *unionpay,
                                       const struct unionpay_merchant *merchant,
                                       const char *order_id, const char *txn_time);
struct unionpay_txn *unionpay_txn_by_query_id(struct unionpay *unionpay,
                                              const struct unionpay_merchant *merchant,
                                              const char *query_id);
struct unionpay_txn *unionpay_txn_by_code(struct unionpay *unionpay, const char *qr_code);
struct unionpay_txn *unionpay_txn_by_cashier(struct unionpay *unionpay, const char *cashier);

/* The respCode of the transaction itself: a query's origRespCode. */
const char *unionpay_txn_code(const struct unionpay *unionpay, const struct unionpay_txn *txn);
bool unionpay_txn_is_payment(const struct unionpay_txn *txn);
bool unionpay_txn_is_bank(const struct unionpay_txn *txn); /* company net-bank, 3.2 */
const char *unionpay_txn_type(const struct unionpay_txn *txn);
const char *unionpay_txn_sub_type(const struct unionpay_txn *txn);

/* "12" when the number and time are in use. */
MUST_USE enum err unionpay_txn_place(struct unionpay *unionpay, const struct unionpay_order *order,
                                     struct unionpay_txn **out, const char **code);

MUST_USE enum err unionpay_txn_pay(struct unionpay *unionpay, struct unionpay_txn *txn,
                                   const struct unionpay_payment *how, const char **code);

/* unionpay_txn_back.c: takes a refund or cancel on and, unless a play wants it otherwise, completes
 * it at once. */
MUST_USE enum err unionpay_txn_give_back(struct unionpay *unionpay,
                                         const struct unionpay_order *order,
                                         struct unionpay_txn **out, const char **code);

/* The result of the refund or cancel `order_id`: of the one that waits, or of the one to come. "35"
 * when it has its result already. */
MUST_USE enum err unionpay_txn_result(struct unionpay *unionpay, struct span order_id,
                                      struct span resp_code, const char **code);

/* Gives back late money that is due by the world's clock (3.1). */
MUST_USE enum err unionpay_txn_expire(struct unionpay *unionpay);

void unionpay_txn_free_all(struct unionpay *unionpay);
void unionpay_txn_forget_wishes(struct unionpay *unionpay);

#endif
