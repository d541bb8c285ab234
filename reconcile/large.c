/* SPDX-License-Identifier: Apache-2.0 */
#include "large.h"

#include <stdlib.h>

#include "crypto.h"
#include "large_parts.h"
#include "number.h"
#include "run_parts.h"

static bool
our_number(struct span number, size_t *slot)
{
    int found = 0;
    if (number_attempt_check(number, &found) != ERR_OK
        && number_refund_check(number, &found) != ERR_OK) {
        return false;
    }
    *slot = (size_t)found;
    return true;
}

static enum err
our_order(struct span owner, struct span order_no, size_t *slot)
{
    int found = 0;
    TRY(number_slot(owner, order_no, &found));
    *slot = (size_t)found;
    return ERR_OK;
}

const struct large_routes large_routes_ours = {
    .slots = NUMBER_SLOTS,
    .number = our_number,
    .order = our_order,
};

enum err
large_new(const struct recon_input *frame, const char *dir, const struct large_routes *routes,
          struct large **out)
{
    struct large_feed *taken = NULL;
    if (frame->has_flow || frame->movement_count > 0) {
        return ERR_INTERNAL;
    }
    DEFER(large_free) struct large *large = calloc(1, sizeof(*large));
    if (large == NULL) {
        return ERR_NO_MEMORY;
    }
    large->frame = frame;
    large->routes = routes;
    large->dir = dir;
    TRY(crypto_random((unsigned char *)&large->seed, sizeof(large->seed)));
    TRY(large_feed_new(large, &taken));
    *out = large;
    large = NULL;
    return ERR_OK;
}

static void
feed_free(struct large_feed *feed)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        spill_free(&feed->rows[kind]);
    }
    spill_free(&feed->keys);
    large_set_fini(&feed->loose);
    free(feed);
}

void
large_free(struct large **large)
{
    if (large == NULL || *large == NULL) {
        return;
    }
    struct large_feed *feed = (*large)->feeds;
    while (feed != NULL) {
        struct large_feed *next = feed->next;
        feed_free(feed);
        feed = next;
    }
    large_set_fini(&(*large)->scattered);
    free(*large);
    *large = NULL;
}

enum err
large_feed_new(struct large *large, struct large_feed **out)
{
    struct large_feed **end = &large->feeds;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = calloc(1, sizeof(**end));
    if (*end == NULL) {
        return ERR_NO_MEMORY;
    }
    (*end)->large = large;
    *out = *end;
    return ERR_OK;
}

/* False when the numbers of one row do not name one slot. */
static bool
slot_of_numbers(const struct large *large, const struct span *numbers, size_t count, size_t *slot)
{
    for (size_t i = 0; i < count; i++) {
        size_t other = 0;
        if (!large->routes->number(numbers[i], i == 0 ? slot : &other)
            || (i > 0 && other != *slot)) {
            return false;
        }
    }
    return count > 0;
}

/* A row without a slot waits for the end, with everything that shares a number with it. */
static enum err
keep_loose(struct large_feed *feed, enum large_kind kind, const void *row)
{
    TRY(large_loosen(feed->large, kind, row, &feed->loose));
    return large_keep(feed, kind, feed->large->routes->slots, row);
}

/* An order's number of the form of an attempt's could be taken for one on the bill. */
static enum err
keep(struct large_feed *feed, enum large_kind kind, size_t slot, const void *row)
{
    size_t other = 0;
    struct span order_no = large_order_no(kind, row);
    if (kind != LARGE_LINE && feed->large->routes->number(order_no, &other)) {
        return keep_loose(feed, kind, row);
    }
    if (!span_empty(order_no)) {
        TRY(large_key_put(feed, order_no, slot));
    }
    return large_keep(feed, kind, slot, row);
}

enum err
large_put_line(struct large_feed *feed, const struct recon_line *line)
{
    bool back = line->kind == BILL_LINE_REFUND && !span_empty(line->refund_no);
    const struct span numbers[] = { line->merchant_order_no, line->refund_no };
    size_t slot = 0;
    if (line->number <= feed->last_line) {
        return ERR_FIELD_VALUE;
    }
    feed->last_line = line->number;
    if (!slot_of_numbers(feed->large, numbers, back ? 2 : 1, &slot)) {
        return keep_loose(feed, LARGE_LINE, line);
    }
    if (!span_empty(line->provider_trade_no)) {
        TRY(large_key_put(feed, line->provider_trade_no, slot));
    }
    return keep(feed, LARGE_LINE, slot, line);
}

static enum err
put_member(struct large_feed *feed, const struct recon_member *member)
{
    size_t slot = 0;
    if (!slot_of_numbers(feed->large, &member->attempt_no, 1, &slot)) {
        return keep_loose(feed, LARGE_MEMBER, member);
    }
    if (!span_empty(member->provider_trade_no)) {
        TRY(large_key_put(feed, member->provider_trade_no, slot));
    }
    return keep(feed, LARGE_MEMBER, slot, member);
}

static enum err
put_refund(struct large_feed *feed, const struct recon_refund *refund)
{
    const struct span numbers[] = { refund->refund_no, refund->attempt_no };
    size_t slot = 0;
    if (!slot_of_numbers(feed->large, numbers, 2, &slot)) {
        return keep_loose(feed, LARGE_REFUND, refund);
    }
    return keep(feed, LARGE_REFUND, slot, refund);
}

static enum err
put_payment(struct large_feed *feed, const struct recon_payment *payment)
{
    size_t slot = 0;
    if (!slot_of_numbers(feed->large, &payment->attempt_no, 1, &slot)) {
        return keep_loose(feed, LARGE_PAYMENT, payment);
    }
    return keep(feed, LARGE_PAYMENT, slot, payment);
}

static enum err
put_of_order(struct large_feed *feed, enum large_kind kind, struct span owner, const void *row)
{
    size_t slot = 0;
    TRY(feed->large->routes->order(owner, large_order_no(kind, row), &slot));
    return keep(feed, kind, slot, row);
}

/* A document of several orders has what stands on it with one of them. */
static enum err
put_invoice(struct large_feed *feed, const struct recon_invoice *invoice)
{
    struct recon_invoice bare = *invoice;
    size_t slot = 0;
    bare.items = NULL;
    bare.item_count = 0;
    TRY(feed->large->routes->order(invoice->owner, invoice->order_no, &slot));
    if (!span_empty(invoice->reported_under)) {
        TRY(large_key_put(feed, invoice->reported_under, slot));
    }
    return keep(feed, LARGE_INVOICE, slot, &bare);
}

static enum err
put_early(struct large_feed *feed, const struct recon_early *early)
{
    const struct recon_line line = run_line_of_early(early);
    return large_put_line(feed, &line);
}

enum err
large_put(struct large_feed *feed, enum pack_list list, const void *row)
{
    switch (list) {
    case PACK_BOOKS:
        return put_member(feed, row);
    case PACK_REFUNDS:
        return put_refund(feed, row);
    case PACK_ORDERS:
        return put_of_order(feed, LARGE_ORDER, ((const struct recon_order *)row)->owner, row);
    case PACK_PAYMENTS:
        return put_payment(feed, row);
    case PACK_INVOICES:
        return put_invoice(feed, row);
    case PACK_INVOICE_ITEMS:
        return put_of_order(feed, LARGE_ITEM, ((const struct recon_invoice_item *)row)->owner, row);
    case PACK_MANUALS:
        return put_of_order(feed, LARGE_MANUAL, ((const struct recon_manual *)row)->owner, row);
    case PACK_EARLY:
        return put_early(feed, row);
    case PACK_PAYOUTS: /* those of settlement are no day of a bill's */
    case PACK_DEPOSITS:
    case PACK_TRANSFERS:
    case PACK_EVERY_COUNT:
    default:
        return ERR_INTERNAL;
    }
}
