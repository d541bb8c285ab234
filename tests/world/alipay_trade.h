/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_TRADE_H
#define TALLYGATE_WORLD_ALIPAY_TRADE_H

/* The table of trades and what may happen to one. A step that the rules refuse names its reason in
 * *sub_code (3.9) and changes nothing; otherwise *sub_code is NULL. */

#include "alipay_world.h"

/* What a merchant asks for. Strings are borrowed, NULL when absent. */
struct alipay_order {
    const struct alipay_app *app;
    enum alipay_product product;
    const char *out_trade_no;
    const char *subject;
    const char *body;
    const char *passback;
    const char *notify_url;
    const char *return_url;
    const char *quit_url;
    struct money total;
    struct wall_time expires;
};

/* The trade with this number; `app` NULL looks at every application. An unpaid trade whose time is
 * over is closed on the way. */
struct alipay_trade *alipay_trade_find(struct alipay *alipay, const struct alipay_app *app,
                                       const char *out_trade_no);
struct alipay_trade *alipay_trade_by_number(struct alipay *alipay, const struct alipay_app *app,
                                            const char *trade_no);
struct alipay_trade *alipay_trade_by_code(struct alipay *alipay, const char *qr_code);
struct alipay_trade *alipay_trade_by_cashier(struct alipay *alipay, const char *cashier);

/* Keeps an order, or finds the same one again (3.1). The trade does not exist for queries yet. */
MUST_USE enum err alipay_trade_place(struct alipay *alipay, const struct alipay_order *order,
                                     struct alipay_trade **out, const char **sub_code);

/* Gives a QR order a living code (3.3). */
MUST_USE enum err alipay_trade_code(struct alipay *alipay, struct alipay_trade *trade);

/* The payer logs in or scans: the trade comes into being. */
void alipay_trade_open(struct alipay *alipay, struct alipay_trade *trade, const char **sub_code);

/* The payer confirms; `at` 0 means now. A genuine notice follows. */
MUST_USE enum err alipay_trade_pay(struct alipay *alipay, struct alipay_trade *trade,
                                   struct wall_time at, const char **sub_code);

/* The payer's confirmation crossed the closing, and the money stands: what was closed unpaid can be paid now. */
void alipay_trade_cross(struct alipay_trade *trade);

/* 3.5. */
MUST_USE enum err alipay_trade_close(struct alipay *alipay, struct alipay_trade *trade,
                                     const char **sub_code);

/* 7.1: idempotent by request_no; *moved tells whether money moved now. */
MUST_USE enum err alipay_trade_refund(struct alipay *alipay, struct alipay_trade *trade,
                                      const char *request_no, struct money amount,
                                      const char *reason, bool *moved, const char **sub_code);
const struct alipay_refund *alipay_trade_refund_find(const struct alipay_trade *trade,
                                                     const char *request_no);

/* Closes every unpaid trade whose time is over, with the notices this gives (5.7). */
MUST_USE enum err alipay_trade_expire(struct alipay *alipay);

const char *alipay_trade_status(const struct alipay_trade *trade); /* "WAIT_BUYER_PAY", … */
void alipay_trade_free_all(struct alipay *alipay);

#endif
