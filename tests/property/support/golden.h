/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_GOLDEN_H
#define TALLYGATE_PROPERTY_GOLDEN_H

/* A day of each provider with every kind of line, on which everything agrees. Each unit has an order of its own, so that
 * what is changed in one shows in that one alone:
 *   1 a payment with its invoice            5 a part refund under way on both sides, its invoice asked for
 *   2 one less a coupon of ours, its        6 a bank transfer with its invoice
 *     invoice being for 7 too
 *   3 a part refund with its red letter     7 a payment of two seconds before the day, carried in
 *   4 a payment reversed on both sides      8 a refund that failed on both sides, a red letter
 *                                           being asked for
 *   9 a line of another business           10 a payment of one fen
 *  11 a payment of the day's first second that the bill of the day before had, its line carried in
 * Line 10 + n, attempt An, provider number Tn, refund Rn, order On, invoice In (red: Jn), transfer Mn belong to unit n. */

#include <stddef.h>

#include "recon.h"

enum golden_provider { GOLDEN_ALIPAY, GOLDEN_WECHATPAY, GOLDEN_UNIONPAY, GOLDEN_COUNT };

#define GOLDEN_DAY_S   INT64_C(1795363200) /* 2026-11-23T00:00:00+08:00, from `date -d ... +%s` */
#define GOLDEN_US(s)   ((GOLDEN_DAY_S + (s)) * 1000000)
#define GOLDEN_NOON    43200
#define GOLDEN_MOST    12
#define GOLDEN_SAY_MAX 8192

struct golden {
    struct recon_line lines[GOLDEN_MOST];
    struct recon_member members[GOLDEN_MOST];
    struct recon_refund refunds[GOLDEN_MOST];
    struct recon_order orders[GOLDEN_MOST];
    struct recon_payment payments[GOLDEN_MOST];
    struct recon_invoice invoices[GOLDEN_MOST];
    struct recon_invoice_item items[2]; /* of the first invoice */
    struct recon_manual manuals[GOLDEN_MOST];
    struct recon_tariff tariffs[2];
    struct fee_contract fees[2];
    struct recon_input in;
};

void golden_make(struct golden *g, enum golden_provider provider);
const char *golden_name(enum golden_provider provider);

/* One line for each result: what it is about, its class, findings, and delta where there is one; or why it was refused. */
void golden_say(const struct golden *g, char out[GOLDEN_SAY_MAX]);

/* The lines of `now` that are not among those of `before`, and "KEY gone" for what stands in `before` alone. */
void golden_changed(const char *before, const char *now, char out[GOLDEN_SAY_MAX]);

#endif
