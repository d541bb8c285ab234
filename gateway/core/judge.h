/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_JUDGE_H
#define TALLYGATE_CORE_JUDGE_H

/* Compares a verified statement with our books before it counts, and names the event it is. */

#include "attempt.h"
#include "evidence.h"

/* What our books say about the attempt. */
struct judge_books {
    struct span provider;
    struct span account;
    struct span application;
    struct span merchant;
    struct span merchant_order_no;
    struct span provider_trade_no; /* empty if not known yet */
    struct money amount;
};

enum judge_difference {
    JUDGE_SAME,
    JUDGE_PROVIDER,
    JUDGE_ACCOUNT,
    JUDGE_APPLICATION,
    JUDGE_MERCHANT,
    JUDGE_ORDER_NO,
    JUDGE_TRADE_NO,
    JUDGE_CURRENCY,
    JUDGE_AMOUNT,
    JUDGE_REFUND_NO,
    JUDGE_REFUNDED,
    JUDGE_DIFFERENCE_COUNT
};

struct judge_verdict {
    enum attempt_event event;         /* MISMATCH when something differs */
    enum judge_difference difference; /* the first difference in the order above */
};

/* A statement about money (PAID, REFUNDED) must name amount and order number; other statements are
 * compared on what they name. REFUNDED judges as PAID. Errors: PROVIDER_PROTOCOL when the statement
 * has no verdict, or is about money and names no amount or number. */
MUST_USE enum err judge(const struct evidence *evidence, const struct judge_books *books,
                        struct judge_verdict *out);

/* The first difference between a statement about a refund and our books, compared on what the statement
 * names; what it says has moved of a refund that is done must be the whole of it. `books` has the attempt, and
 * as its amount what the provider took in all. */
enum judge_difference judge_refund(const struct evidence *evidence, const struct judge_books *books,
                                   struct span refund_no, struct money refund);

const char *judge_difference_code(enum judge_difference difference); /* "amount" */

#endif
