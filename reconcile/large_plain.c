/* SPDX-License-Identifier: Apache-2.0 */
/* Nearly all of a day is lines that have one attempt, one order and one payment, which agree. They leave their slot before the
 * engine sees it, counted. What shares a number with anything else stays. Numbers are told apart by their hashes alone:
 * two that only hash alike stay as well, which costs time and changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "large_parts.h"

#define PLACES_FIRST 64

/* Who has a number: of each kind of row at most one, else it is spoilt. */
enum holder { HOLDER_LINE, HOLDER_MEMBER, HOLDER_PAYMENT, HOLDER_COUNT };
#define HOLDER_ORDER HOLDER_LINE /* in the table of orders, where no line is */

/* Kept small: a table is to stay in the cache. */
struct entry {
    uint32_t tag;                /* of the number's hash; 0: free */
    uint32_t rows[HOLDER_COUNT]; /* 1 + the place of the row, SPOILT, or 0: none */
};
#define SPOILT UINT32_MAX

struct table {
    struct buf bytes;
    struct entry *entries;
    size_t mask;
    size_t count;
    struct entry beyond; /* stands for all that found no room */
};

/* The entries of a member's numbers. */
struct held {
    const struct entry *attempt;
    const struct entry *trade;
    const struct entry *order;
};

struct large_plain {
    struct large_terms terms;
    uint64_t seed;
    struct table attempts;
    struct table trades;
    struct table orders;
    struct buf held; /* struct held of each member */
    struct buf
        taken[LARGE_KIND_COUNT]; /* of each row, whether it left; empty for kinds that never do */
};

enum err
large_plain_new(const struct large *large, struct large_plain **out)
{
    struct large_plain *plain = calloc(1, sizeof(*plain));
    if (plain == NULL) {
        return ERR_NO_MEMORY;
    }
    large_terms_init(large->frame, &plain->terms);
    plain->seed = large->seed;
    buf_init(&plain->attempts.bytes, SIZE_MAX);
    buf_init(&plain->trades.bytes, SIZE_MAX);
    buf_init(&plain->orders.bytes, SIZE_MAX);
    buf_init(&plain->held, SIZE_MAX);
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        buf_init(&plain->taken[kind], SIZE_MAX);
    }
    *out = plain;
    return ERR_OK;
}

void
large_plain_free(struct large_plain **plain)
{
    if (plain == NULL || *plain == NULL) {
        return;
    }
    buf_fini(&(*plain)->attempts.bytes);
    buf_fini(&(*plain)->trades.bytes);
    buf_fini(&(*plain)->orders.bytes);
    buf_fini(&(*plain)->held);
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        buf_fini(&(*plain)->taken[kind]);
    }
    free(*plain);
    *plain = NULL;
}

/* Room for so many numbers, all of it free. */
static enum err
clear(struct table *table, size_t numbers)
{
    size_t places = PLACES_FIRST;
    unsigned char *room = NULL;
    while (places < 2 * numbers) {
        places *= 2;
    }
    buf_reset(&table->bytes);
    TRY(buf_reserve(&table->bytes, places * sizeof(struct entry), &room));
    memset(room, 0, places * sizeof(struct entry));
    table->entries = (struct entry *)(void *)room;
    table->mask = places - 1;
    table->count = 0;
    return ERR_OK;
}

static bool
is_full(const struct table *table)
{
    return 4 * table->count > 3 * table->mask;
}

static struct entry *
entry_of(struct table *table, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32) | 1U;
    size_t at = (size_t)hash & table->mask;
    while (table->entries[at].tag != 0 && table->entries[at].tag != tag) {
        at = (at + 1) & table->mask;
    }
    struct entry *entry = &table->entries[at];
    if (entry->tag == 0) {
        if (is_full(table)) {
            return &table->beyond;
        }
        entry->tag = tag;
        table->count++;
    }
    return entry;
}

static struct entry *
hold(struct table *table, uint64_t hash, enum holder holder, size_t row)
{
    struct entry *entry = entry_of(table, hash);
    entry->rows[holder] = entry->rows[holder] == 0 ? (uint32_t)row + 1 : SPOILT;
    return entry;
}

static void
spoil(struct table *table, uint64_t hash)
{
    struct entry *entry = entry_of(table, hash);
    for (int i = 0; i < HOLDER_COUNT; i++) {
        entry->rows[i] = SPOILT;
    }
}

static bool
is_spoilt(const struct entry *entry)
{
    return entry->rows[HOLDER_LINE] == SPOILT || entry->rows[HOLDER_MEMBER] == SPOILT
           || entry->rows[HOLDER_PAYMENT] == SPOILT;
}

static uint64_t
order_hash(const struct large_plain *plain, struct span owner, struct span order_no)
{
    return index_hash(index_hash(plain->seed, owner), order_no);
}

#define ROWS(lists, kind, type) ((const struct recon_##type *)(const void *)(lists)->rows[kind].at)

static void
hold_lines(struct large_plain *plain, const struct large_lists *lists)
{
    const struct recon_line *lines = ROWS(lists, LARGE_LINE, line);
    for (size_t i = 0; i < lists->count[LARGE_LINE]; i++) {
        (void)hold(&plain->attempts, index_hash(plain->seed, lines[i].merchant_order_no),
                   HOLDER_LINE, i);
        (void)hold(&plain->trades, index_hash(plain->seed, lines[i].provider_trade_no), HOLDER_LINE,
                   i);
    }
}

static void
hold_members(struct large_plain *plain, const struct large_lists *lists)
{
    const struct recon_member *members = ROWS(lists, LARGE_MEMBER, member);
    struct held *held = (struct held *)(void *)plain->held.at;
    for (size_t i = 0; i < lists->count[LARGE_MEMBER]; i++) {
        const struct recon_member *member = &members[i];
        held[i].attempt =
            hold(&plain->attempts, index_hash(plain->seed, member->attempt_no), HOLDER_MEMBER, i);
        held[i].trade = hold(&plain->trades, index_hash(plain->seed, member->provider_trade_no),
                             HOLDER_MEMBER, i);
        held[i].order = hold(&plain->orders, order_hash(plain, member->owner, member->order_no),
                             HOLDER_MEMBER, i);
    }
}

static void
hold_payments(struct large_plain *plain, const struct large_lists *lists)
{
    const struct recon_payment *payments = ROWS(lists, LARGE_PAYMENT, payment);
    for (size_t i = 0; i < lists->count[LARGE_PAYMENT]; i++) {
        const struct recon_payment *payment = &payments[i];
        (void)hold(&plain->attempts, index_hash(plain->seed, payment->attempt_no), HOLDER_PAYMENT,
                   i);
        (void)hold(&plain->orders, order_hash(plain, payment->owner, payment->order_no),
                   HOLDER_PAYMENT, i);
    }
}

static void
hold_orders(struct large_plain *plain, const struct large_lists *lists)
{
    const struct recon_order *orders = ROWS(lists, LARGE_ORDER, order);
    for (size_t i = 0; i < lists->count[LARGE_ORDER]; i++) {
        (void)hold(&plain->orders, order_hash(plain, orders[i].owner, orders[i].order_no),
                   HOLDER_ORDER, i);
    }
}

/* An order with a refund, an invoice or a bank transfer is for the engine; so is the payment that a refund names. */
static void
spoil_others(struct large_plain *plain, const struct large_lists *lists)
{
    const struct recon_refund *refunds = ROWS(lists, LARGE_REFUND, refund);
    const struct recon_invoice *invoices = ROWS(lists, LARGE_INVOICE, invoice);
    const struct recon_manual *manuals = ROWS(lists, LARGE_MANUAL, manual);
    for (size_t i = 0; i < lists->count[LARGE_REFUND]; i++) {
        spoil(&plain->attempts, index_hash(plain->seed, refunds[i].attempt_no));
        spoil(&plain->orders, order_hash(plain, refunds[i].owner, refunds[i].order_no));
    }
    for (size_t i = 0; i < lists->count[LARGE_INVOICE]; i++) {
        spoil(&plain->orders, order_hash(plain, invoices[i].owner, invoices[i].order_no));
    }
    for (size_t i = 0; i < lists->count[LARGE_MANUAL]; i++) {
        spoil(&plain->orders, order_hash(plain, manuals[i].owner, manuals[i].order_no));
    }
}

static enum err
clear_rows(struct large_plain *plain, const struct large_lists *lists)
{
    unsigned char *room = NULL;
    buf_reset(&plain->held);
    TRY(buf_reserve(&plain->held, (lists->count[LARGE_MEMBER] + 1) * sizeof(struct held), &room));
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        size_t count = lists->count[kind] + 1;
        buf_reset(&plain->taken[kind]);
        TRY(buf_reserve(&plain->taken[kind], count, &room));
        memset(room, 0, count);
    }
    return ERR_OK;
}

/* Nearly always each number of a member is a line's, a payment's and an order's too; then there are as many as there are of the most. */
static size_t
usual_numbers(const struct large_lists *lists)
{
    static const enum large_kind kinds[] = { LARGE_LINE, LARGE_PAYMENT, LARGE_ORDER,
                                             LARGE_INVOICE };
    size_t most = lists->count[LARGE_MEMBER];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        most = lists->count[kinds[i]] > most ? lists->count[kinds[i]] : most;
    }
    return most;
}

static enum err
hold_all(struct large_plain *plain, const struct large_lists *lists)
{
    size_t numbers = usual_numbers(lists);
    bool fits = false;
    while (!fits) {
        TRY(clear(&plain->attempts, numbers));
        TRY(clear(&plain->trades, numbers));
        TRY(clear(&plain->orders, numbers));
        hold_lines(plain, lists);
        hold_members(plain, lists);
        hold_payments(plain, lists);
        hold_orders(plain, lists);
        spoil_others(plain, lists);
        fits = !is_full(&plain->attempts) && !is_full(&plain->trades) && !is_full(&plain->orders);
        numbers = 2 * numbers + PLACES_FIRST;
    }
    return ERR_OK;
}

/* The rows that hang on a member, when each of its numbers has just these. */
static bool
unit_of(const struct large_plain *plain, const struct large_lists *lists, size_t i,
        size_t rows[LARGE_KIND_COUNT], struct large_unit *out)
{
    const struct recon_member *member = &ROWS(lists, LARGE_MEMBER, member)[i];
    const struct held *held = &((const struct held *)(const void *)plain->held.at)[i];
    const struct entry *attempt = held->attempt;
    const struct entry *trade = held->trade;
    const struct entry *order = held->order;
    bool alone = !is_spoilt(attempt) && !is_spoilt(trade) && !is_spoilt(order);
    bool whole = attempt->rows[HOLDER_LINE] != 0
                 && attempt->rows[HOLDER_LINE] == trade->rows[HOLDER_LINE]
                 && order->rows[HOLDER_ORDER] != 0
                 && attempt->rows[HOLDER_PAYMENT] == order->rows[HOLDER_PAYMENT];
    if (!alone || !whole) {
        return false;
    }
    rows[LARGE_LINE] = attempt->rows[HOLDER_LINE] - 1;
    rows[LARGE_MEMBER] = i;
    rows[LARGE_ORDER] = order->rows[HOLDER_ORDER] - 1;
    rows[LARGE_PAYMENT] = attempt->rows[HOLDER_PAYMENT] - (size_t)1;
    *out = (struct large_unit){ &ROWS(lists, LARGE_LINE, line)[rows[LARGE_LINE]], member,
                                &ROWS(lists, LARGE_ORDER, order)[rows[LARGE_ORDER]],
                                attempt->rows[HOLDER_PAYMENT] == 0
                                    ? NULL
                                    : &ROWS(lists, LARGE_PAYMENT, payment)[rows[LARGE_PAYMENT]] };
    return true;
}

static void
take_members(struct large_plain *plain, const struct large_lists *lists, struct recon_sheet *sheet)
{
    for (size_t i = 0; i < lists->count[LARGE_MEMBER]; i++) {
        struct large_unit unit;
        size_t rows[LARGE_KIND_COUNT];
        if (!unit_of(plain, lists, i, rows, &unit) || !large_agree(&plain->terms, &unit)) {
            continue;
        }
        large_agree_count(&unit, sheet);
        plain->taken[LARGE_LINE].at[rows[LARGE_LINE]] = 1;
        plain->taken[LARGE_MEMBER].at[i] = 1;
        plain->taken[LARGE_ORDER].at[rows[LARGE_ORDER]] = 1;
        if (unit.payment != NULL) {
            plain->taken[LARGE_PAYMENT].at[rows[LARGE_PAYMENT]] = 1;
        }
    }
}

/* What stays moves together. */
static void
close_up(const struct large_plain *plain, struct large_lists *lists)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        size_t size = large_row_size((enum large_kind)kind);
        unsigned char *rows = lists->rows[kind].at;
        size_t stay = 0;
        for (size_t i = 0; i < lists->count[kind]; i++) {
            if (plain->taken[kind].at[i] == 0) {
                memmove(rows + stay * size, rows + i * size, size);
                stay++;
            }
        }
        lists->count[kind] = stay;
    }
}

enum err
large_plain_take(struct large_plain *plain, struct large_lists *lists, struct recon_sheet *sheet)
{
    TRY(clear_rows(plain, lists));
    TRY(hold_all(plain, lists));
    take_members(plain, lists, sheet);
    close_up(plain, lists);
    return ERR_OK;
}
