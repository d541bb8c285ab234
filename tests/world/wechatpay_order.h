/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_ORDER_H
#define TALLYGATE_WORLD_WECHATPAY_ORDER_H

/* The table of orders and what may happen to one. A step that the rules refuse names its reason in
 * *refusal (4.8) and changes nothing; otherwise *refusal is NULL. */

#include "wechatpay_world.h"

/* What a merchant asks for; borrowed. */
struct wechatpay_wish {
    const struct wechatpay_merchant *merchant;
    enum wechatpay_product product;
    struct json_t *request; /* the whole body */
    struct span out_trade_no;
    struct span description;
    struct span attach;
    struct span notify_url;
    struct span openid; /* empty: the world's payer */
    struct money total;
    struct wall_time expires; /* 0: the default */
};

/* The order with this number; `merchant` NULL looks at every merchant. An unpaid one whose time is
 * over is closed on the way. */
struct wechatpay_order *wechatpay_order_find(struct wechatpay *wechatpay,
                                             const struct wechatpay_merchant *merchant,
                                             struct span out_trade_no);
struct wechatpay_order *wechatpay_order_by_transaction(struct wechatpay *wechatpay,
                                                       const struct wechatpay_merchant *merchant,
                                                       struct span transaction_id);

/* Keeps an order, or finds the same one again (4.2). */
MUST_USE enum err wechatpay_order_place(struct wechatpay *wechatpay,
                                        const struct wechatpay_wish *wish,
                                        struct wechatpay_order **out, const char **refusal);

/* A fresh code_url, or prepay_id for the other products; lives in the table of codes. */
MUST_USE enum err wechatpay_order_code(struct wechatpay *wechatpay, struct wechatpay_order *order,
                                       const char **out);

/* The order that a living code of `product` stands for. */
struct wechatpay_order *wechatpay_order_by_code(struct wechatpay *wechatpay,
                                                enum wechatpay_product product, struct span code,
                                                const char **refusal);

/* The payer has the order before them. */
void wechatpay_order_open(struct wechatpay *wechatpay, struct wechatpay_order *order,
                          const char **refusal);

/* The payer confirms; `at` 0 means now. The callback follows. */
MUST_USE enum err wechatpay_order_pay(struct wechatpay *wechatpay, struct wechatpay_order *order,
                                      struct wall_time at, const char **refusal);

/* The payer's confirmation crossed the closing, and the money stands: what was closed can be paid now. */
void wechatpay_order_cross(struct wechatpay *wechatpay, struct wechatpay_order *order);

void wechatpay_order_close(struct wechatpay_order *order, const char **refusal);

const char *wechatpay_order_trade_state(const struct wechatpay_order *order); /* 4.3 */
const char *wechatpay_order_trade_type(const struct wechatpay_order *order);  /* 4.4 */

/* wechatpay_transaction.c: the members that a query and a callback have in common (4.4, 5.4).
 * `unpaid` and `total` may stand against the truth. */
struct wechatpay_transaction_facts {
    const struct wechatpay_order *order;
    bool unpaid;
    struct money total;
    struct wall_time paid;
};
MUST_USE enum err wechatpay_transaction_put(const struct wechatpay_transaction_facts *facts,
                                            struct json_t *out);

void wechatpay_order_free_all(struct wechatpay *wechatpay);

#endif
