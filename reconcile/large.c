/* SPDX-License-Identifier: Apache-2.0 */
#include "large.h"

#include <stdlib.h>

#include "crypto.h"
#include "file.h"
#include "large_parts.h"
#include "number.h"
#include "run_parts.h"

#define BIN_BYTES \
    ((size_t)1200000) /* what a bin holds of a list's text: its rows fit the caches then */

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
our_order(struct crypto_stream *sha256, struct span owner, struct span order_no, size_t *slot)
{
    int found = 0;
    TRY(number_slot_by(sha256, owner, order_no, &found));
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
    large->bins = routes->slots;
    TRY(crypto_random((unsigned char *)&large->seed, sizeof(large->seed)));
    TRY(large_feed_new(large, &taken));
    *out = large;
    large = NULL;
    return ERR_OK;
}

void
large_expect(struct large *large, size_t bytes)
{
    size_t worth = bytes / BIN_BYTES + 1;
    large->bins = worth < large->routes->slots ? worth : large->routes->slots;
}

static void
feed_free(struct large_feed *feed)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        spill_free(&feed->rows[kind]);
    }
    spill_free(&feed->keys);
    large_set_fini(&feed->loose);
    large_places_free(&feed->places);
    crypto_stream_free(&feed->sha256);
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
    struct large_source *source = (*large)->sources;
    while (source != NULL) {
        struct large_source *next = source->next;
        file_unmap(&source->bytes);
        free(source);
        source = next;
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
    TRY(crypto_sha256_open(&(*end)->sha256));
    *out = *end;
    return ERR_OK;
}

enum err
large_source_new(struct large *large, const char *path, struct large_source **out)
{
    struct large_source *source = calloc(1, sizeof(*source));
    if (source == NULL) {
        return ERR_NO_MEMORY;
    }
    source->next = large->sources;
    large->sources = source;
    *out = source;
    return file_map(path, &source->bytes);
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

/* By what a row finds its slot, and what else it is known by. */
struct ids {
    struct span numbers[2]; /* of attempts and refunds; none: by owner and order */
    size_t number_count;
    struct span owner;
    struct span order_no;
    struct span trade_no;
};

/* *has is false for a row that has no slot. An order's number of the form of an attempt's could be taken for one on the
 * bill. */
static enum err
route(struct large_feed *feed, const struct ids *ids, size_t *slot, bool *has)
{
    const struct large *large = feed->large;
    size_t other = 0;
    *has = !large->routes->number(ids->order_no, &other);
    if (*has && ids->number_count == 0) {
        TRY(large->routes->order(feed->sha256, ids->owner, ids->order_no, slot));
    } else if (*has) {
        *has = slot_of_numbers(large, ids->numbers, ids->number_count, slot);
    }
    *slot = *slot * large->bins / large->routes->slots;
    if (*has && !span_empty(ids->trade_no)) {
        TRY(large_key_put(feed, ids->trade_no, *slot));
    }
    return *has && !span_empty(ids->order_no) ? large_key_put(feed, ids->order_no, *slot) : ERR_OK;
}

/* A row without a slot waits for the end, with everything that shares a number with it. */
static enum err
put(struct large_feed *feed, enum large_kind kind, const struct ids *ids, const void *row)
{
    size_t slot = 0;
    bool has = false;
    TRY(route(feed, ids, &slot, &has));
    if (!has) {
        TRY(large_loosen(feed->large, kind, row, &feed->loose));
        slot = feed->large->bins;
    }
    return large_keep(feed, kind, slot, row);
}

enum err
large_put_line(struct large_feed *feed, const struct recon_line *line)
{
    bool back = line->kind == BILL_LINE_REFUND && !span_empty(line->refund_no);
    const struct ids ids = { .numbers = { line->merchant_order_no, line->refund_no },
                             .number_count = back ? 2 : 1,
                             .trade_no = line->provider_trade_no };
    if (line->number <= feed->last_line) {
        return ERR_FIELD_VALUE;
    }
    feed->last_line = line->number;
    return put(feed, LARGE_LINE, &ids, line);
}

static enum err
put_member(struct large_feed *feed, const struct recon_member *member)
{
    const struct ids ids = { .numbers = { member->attempt_no },
                             .number_count = 1,
                             .order_no = member->order_no,
                             .trade_no = member->provider_trade_no };
    return put(feed, LARGE_MEMBER, &ids, member);
}

static enum err
put_refund(struct large_feed *feed, const struct recon_refund *refund)
{
    const struct ids ids = { .numbers = { refund->refund_no, refund->attempt_no },
                             .number_count = 2,
                             .order_no = refund->order_no };
    return put(feed, LARGE_REFUND, &ids, refund);
}

static enum err
put_payment(struct large_feed *feed, const struct recon_payment *payment)
{
    const struct ids ids = { .numbers = { payment->attempt_no },
                             .number_count = 1,
                             .order_no = payment->order_no };
    return put(feed, LARGE_PAYMENT, &ids, payment);
}

static enum err
put_of_order(struct large_feed *feed, enum large_kind kind, struct span owner, const void *row)
{
    const struct ids ids = { .owner = owner, .order_no = large_order_no(kind, row) };
    return put(feed, kind, &ids, row);
}

/* A document of several orders has what stands on it with one of them. */
static enum err
put_invoice(struct large_feed *feed, const struct recon_invoice *invoice)
{
    struct recon_invoice bare = *invoice;
    const struct ids ids = { .owner = invoice->owner,
                             .order_no = invoice->order_no,
                             .trade_no = invoice->reported_under };
    bare.items = NULL;
    bare.item_count = 0;
    return put(feed, LARGE_INVOICE, &ids, &bare);
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

static enum large_kind
kind_of(enum pack_list list)
{
    return list == PACK_BOOKS      ? LARGE_MEMBER
           : list == PACK_ORDERS   ? LARGE_ORDER
           : list == PACK_PAYMENTS ? LARGE_PAYMENT
                                   : LARGE_KIND_COUNT;
}

/* By the first cells of a row, as its columns stand in pack_columns.def. */
static inline struct ids
ids_of(enum large_kind kind, const struct span keys[PACK_ROWS_KEYS])
{
    if (kind == LARGE_MEMBER) {
        return (struct ids){
            .numbers = { keys[0] }, .number_count = 1, .trade_no = keys[1], .order_no = keys[3]
        };
    }
    if (kind == LARGE_ORDER) {
        return (struct ids){ .owner = keys[0], .order_no = keys[1] };
    }
    return (struct ids){ .numbers = { keys[2] }, .number_count = 1, .order_no = keys[1] };
}

bool
large_has_places(enum pack_list list)
{
    return kind_of(list) != LARGE_KIND_COUNT;
}

enum err
large_put_place(struct large_feed *feed, const struct pack_rows *rows, struct pack_range range,
                const struct span keys[PACK_ROWS_KEYS], bool *kept)
{
    enum large_kind kind = kind_of(rows->list);
    size_t slot = 0;
    *kept = false;
    if (kind == LARGE_KIND_COUNT) {
        return ERR_INTERNAL;
    }
    const struct ids ids = ids_of(kind, keys);
    TRY(route(feed, &ids, &slot, kept));
    return *kept ? large_place_put(feed, kind, rows, slot, range) : ERR_OK;
}
