/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tangle.h"

size_t
tangle_size(const struct tangle *t)
{
    return t->in.line_count + t->in.member_count + t->in.refund_count + t->in.order_count
           + t->in.payment_count + t->in.invoice_count;
}

#define TAKE_AWAY(list, count, at)                                                       \
    do {                                                                                 \
        memmove(&(list)[at], &(list)[(at) + 1], ((count) - (at)-1) * sizeof((list)[0])); \
        (count)--;                                                                       \
    } while (0)

/* Without the n-th row of all. */
static void
take_away(struct tangle *t, size_t n)
{
    struct recon_input *in = &t->in;
    if (n < in->line_count) {
        TAKE_AWAY(t->lines, in->line_count, n);
        return;
    }
    n -= in->line_count;
    if (n < in->member_count) {
        TAKE_AWAY(t->members, in->member_count, n);
        return;
    }
    n -= in->member_count;
    if (n < in->refund_count) {
        TAKE_AWAY(t->refunds, in->refund_count, n);
        return;
    }
    n -= in->refund_count;
    if (n < in->order_count) {
        TAKE_AWAY(t->orders, in->order_count, n);
        return;
    }
    n -= in->order_count;
    if (n < in->payment_count) {
        TAKE_AWAY(t->payments, in->payment_count, n);
        return;
    }
    TAKE_AWAY(t->invoices, in->invoice_count, n - in->payment_count);
}

void
tangle_shrink(struct tangle *t, bool (*wanted)(const struct tangle *t))
{
    bool smaller = true;
    while (smaller) {
        smaller = false;
        for (size_t n = 0; n < tangle_size(t);) {
            struct tangle less = *t;
            take_away(&less, n);
            tangle_tie(&less);
            if (wanted(&less)) {
                *t = less;
                tangle_tie(t);
                smaller = true;
            } else {
                n++;
            }
        }
    }
}

void
tangle_print(const struct tangle *t)
{
    for (size_t i = 0; i < t->in.line_count; i++) {
        const struct recon_line *line = &t->lines[i];
        (void)fprintf(stderr,
                      "line %zu: number %zu kind %d trade '%.*s' merchant '%.*s' refund '%.*s' "
                      "application '%.*s' face %lld effective %lld at %lld%s%s%s%s\n",
                      i, line->number, (int)line->kind, SPAN_ARG(line->provider_trade_no),
                      SPAN_ARG(line->merchant_order_no), SPAN_ARG(line->refund_no),
                      SPAN_ARG(line->application), (long long)line->face_fen,
                      (long long)line->effective_fen, (long long)line->at.us,
                      line->pending ? " pending" : "", line->dispute ? " dispute" : "",
                      line->other_currency ? " currency" : "", line->carried_in ? " carried" : "");
    }
    for (size_t i = 0; i < t->in.member_count; i++) {
        const struct recon_member *member = &t->members[i];
        (void)fprintf(stderr,
                      "attempt %zu: '%.*s' trade '%.*s' order %.*s/%.*s state %d fen %lld paid "
                      "%lld%s%s%s\n",
                      i, SPAN_ARG(member->attempt_no), SPAN_ARG(member->provider_trade_no),
                      SPAN_ARG(member->owner), SPAN_ARG(member->order_no), (int)member->state,
                      (long long)member->amount_fen, (long long)member->paid_at.us,
                      member->counted ? " counted" : "", member->carried_in ? " carried" : "",
                      member->denied ? " denied" : "");
    }
    for (size_t i = 0; i < t->in.refund_count; i++) {
        const struct recon_refund *refund = &t->refunds[i];
        (void)fprintf(
            stderr, "refund %zu: '%.*s' order %.*s/%.*s state %d fen %lld taken %lld%s%s\n", i,
            SPAN_ARG(refund->refund_no), SPAN_ARG(refund->owner), SPAN_ARG(refund->order_no),
            (int)refund->state, (long long)refund->amount_fen, (long long)refund->taken_at.us,
            refund->counted ? " counted" : "", refund->carried_in ? " carried" : "");
    }
    for (size_t i = 0; i < t->in.order_count; i++) {
        const struct recon_order *order = &t->orders[i];
        (void)fprintf(stderr, "order %zu: %.*s/%.*s stage %d kind %.*s fen %lld said back %lld\n",
                      i, SPAN_ARG(order->owner), SPAN_ARG(order->order_no), (int)order->stage,
                      SPAN_ARG(order->kind), (long long)order->amount_fen,
                      (long long)order->said_refunded_fen);
    }
    for (size_t i = 0; i < t->in.payment_count; i++) {
        const struct recon_payment *payment = &t->payments[i];
        (void)fprintf(stderr, "payment %zu: '%.*s' order %.*s/%.*s account %.*s\n", i,
                      SPAN_ARG(payment->attempt_no), SPAN_ARG(payment->owner),
                      SPAN_ARG(payment->order_no), SPAN_ARG(payment->account));
    }
    for (size_t i = 0; i < t->in.invoice_count; i++) {
        const struct recon_invoice *invoice = &t->invoices[i];
        (void)fprintf(stderr, "invoice %zu: '%.*s' order %.*s/%.*s %.*s%s\n", i,
                      SPAN_ARG(invoice->invoice_id), SPAN_ARG(invoice->owner),
                      SPAN_ARG(invoice->order_no), SPAN_ARG(invoice->status),
                      invoice->red ? " red" : "");
    }
}
