/* SPDX-License-Identifier: Apache-2.0 */
/* Which items could meet: those that share a number. Orders and all that is about them hang together by the order's
 * number, so they begin in a bucket of it; lines and movements find their bucket by the numbers they carry. */
#include <string.h>

#include "crypto.h"
#include "match.h"
#include "part.h"

#define BUCKETS     4096u
#define RADIX_ITEMS 2048 /* so many pairs of a radix bucket stay in the first cache */
#define RADIX_MAX   4096

/* Whose number a pair holds. */
#define OF_MEMBER 1u /* an attempt of this account */
#define OF_LINE   2u /* the merchant's number of a line */
#define OF_OTHER  4u

static const struct span nothing;

/* One number of one item. */
struct pair {
    uint64_t hash;
    uint32_t node;
    uint32_t flags;
};

struct links {
    const struct recon_input *in;
    struct arena *arena;
    uint64_t seed;
    uint32_t *parent; /* a forest over buckets, lines and movements */
    size_t nodes;
    bool *stray;        /* lines whose number is no attempt of this account */
    struct pair *pairs; /* of one domain of numbers at a time */
    struct pair *grouped;
    size_t count;
};

static uint32_t
root_of(uint32_t *parent, uint32_t node)
{
    while (parent[node] != node) {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    return node;
}

static void
unite(struct links *links, uint32_t a, uint32_t b)
{
    uint32_t x = root_of(links->parent, a);
    uint32_t y = root_of(links->parent, b);
    if (x < y) {
        links->parent[y] = x;
    } else {
        links->parent[x] = y;
    }
}

static uint32_t
bucket_of(const struct links *links, struct span order_no)
{
    return (uint32_t)index_hash(links->seed, order_no) % BUCKETS;
}

static uint32_t
line_node(size_t line)
{
    return BUCKETS + (uint32_t)line;
}

static uint32_t
movement_node(const struct links *links, size_t movement)
{
    return line_node(links->in->line_count) + (uint32_t)movement;
}

static void
add(struct links *links, struct span number, uint32_t node, uint32_t flags)
{
    links->pairs[links->count++] =
        (struct pair){ .hash = index_hash(links->seed, number), .node = node, .flags = flags };
}

/* An empty number joins nothing but where the account's own bill is at hand, which is read by it too. */
static void
add_unless_empty(struct links *links, struct span number, uint32_t node, uint32_t flags)
{
    if (!span_empty(number) || links->in->has_flow) {
        add(links, number, node, flags);
    }
}

/* Sorts the pairs into radix buckets by their hash; stable, so that members stay before lines. */
static enum err
spread(struct links *links, size_t radix, size_t **ends)
{
    void *memory = NULL;
    TRY(arena_array(links->arena, radix + 1, sizeof(size_t), &memory));
    size_t *at = memory;
    for (size_t i = 0; i < links->count; i++) {
        at[(links->pairs[i].hash >> 32) % radix + 1]++;
    }
    for (size_t i = 1; i <= radix; i++) {
        at[i] += at[i - 1];
    }
    for (size_t i = 0; i < links->count; i++) {
        links->grouped[at[(links->pairs[i].hash >> 32) % radix]++] = links->pairs[i];
    }
    *ends = at; /* each start has moved to its end */
    return ERR_OK;
}

static void
join_one(struct links *links, struct pair *table, size_t mask, const struct pair *pair)
{
    size_t slot = (size_t)pair->hash & mask;
    while (table[slot].flags != 0 && table[slot].hash != pair->hash) {
        slot = (slot + 1) & mask;
    }
    bool known = table[slot].flags != 0;
    bool ours = known && (table[slot].flags & OF_MEMBER) != 0;
    if ((pair->flags & OF_LINE) != 0 && !ours) {
        links->stray[pair->node - BUCKETS] = true;
    }
    if (known) {
        unite(links, table[slot].node, pair->node);
    } else {
        table[slot] = *pair;
    }
}

/* Unites the nodes of pairs with equal hashes, and forgets the pairs. */
static enum err
join_pairs(struct links *links)
{
    size_t radix = 1;
    size_t *ends = NULL;
    size_t most = 0;
    void *memory = NULL;
    while (radix < RADIX_MAX && links->count / radix > RADIX_ITEMS) {
        radix *= 2;
    }
    TRY(spread(links, radix, &ends));
    for (size_t i = 0; i < radix; i++) {
        size_t size = ends[i] - (i == 0 ? 0 : ends[i - 1]);
        most = size > most ? size : most;
    }
    size_t slots = 8;
    while (slots < 2 * most) {
        slots *= 2;
    }
    TRY(arena_array(links->arena, slots, sizeof(struct pair), &memory));
    struct pair *table = memory;
    for (size_t i = 0, at = 0; i < radix; i++) {
        memset(table, 0, slots * sizeof(*table));
        for (; at < ends[i]; at++) {
            join_one(links, table, slots - 1, &links->grouped[at]);
        }
    }
    links->count = 0;
    return ERR_OK;
}

/* Our attempt numbers, which are the merchant's order numbers on the bill. */
static enum err
join_attempts(struct links *links)
{
    const struct recon_input *in = links->in;
    for (size_t i = 0; i < in->member_count; i++) {
        uint32_t bucket = bucket_of(links, in->members[i].order_no);
        add(links, in->members[i].attempt_no, bucket, OF_MEMBER);
    }
    for (size_t i = 0; i < in->payment_count; i++) {
        uint32_t bucket = bucket_of(links, in->payments[i].order_no);
        add(links, in->payments[i].attempt_no, bucket, OF_OTHER);
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        uint32_t bucket = bucket_of(links, in->refunds[i].order_no);
        add(links, in->refunds[i].attempt_no, bucket, OF_OTHER);
    }
    for (size_t i = 0; i < in->line_count; i++) {
        add(links, in->lines[i].merchant_order_no, line_node(i), OF_LINE);
    }
    return join_pairs(links);
}

/* The provider's numbers of payments. */
static enum err
join_trades(struct links *links)
{
    const struct recon_input *in = links->in;
    for (size_t i = 0; i < in->member_count; i++) {
        uint32_t bucket = bucket_of(links, in->members[i].order_no);
        add_unless_empty(links, in->members[i].provider_trade_no, bucket, OF_OTHER);
    }
    for (size_t i = 0; i < in->line_count; i++) {
        add_unless_empty(links, in->lines[i].provider_trade_no, line_node(i), OF_OTHER);
    }
    for (size_t i = 0; i < in->movement_count; i++) {
        add_unless_empty(links, in->movements[i].provider_trade_no, movement_node(links, i),
                         OF_OTHER);
    }
    return join_pairs(links);
}

/* The numbers of refunds; a fee that comes back with one carries it as the merchant's. */
static enum err
join_refunds(struct links *links)
{
    const struct recon_input *in = links->in;
    for (size_t i = 0; i < in->refund_count; i++) {
        uint32_t bucket = bucket_of(links, in->refunds[i].order_no);
        add(links, in->refunds[i].refund_no, bucket, OF_OTHER);
    }
    for (size_t i = 0; i < in->line_count; i++) {
        if (in->lines[i].kind == BILL_LINE_REFUND) {
            add_unless_empty(links, in->lines[i].refund_no, line_node(i), OF_OTHER);
        }
    }
    for (size_t i = 0; i < in->movement_count; i++) {
        uint32_t node = movement_node(links, i);
        add_unless_empty(links, in->movements[i].refund_no, node, OF_OTHER);
        if (in->movements[i].kind == BILL_FLOW_FEE) {
            add_unless_empty(links, in->movements[i].merchant_order_no, node, OF_OTHER);
        }
    }
    return join_pairs(links);
}

/* Lines without a number at all may be equal all the same. */
static void
join_nameless(struct links *links)
{
    uint32_t first = 0;
    for (size_t i = 0; i < links->in->line_count; i++) {
        const struct recon_line *line = &links->in->lines[i];
        if (span_empty(line->merchant_order_no) && span_empty(line->provider_trade_no)) {
            first = first == 0 ? line_node(i) : first;
            unite(links, first, line_node(i));
        }
    }
}

/* Lines that name no attempt may name an order, or an attempt whose number somebody wrote in another way. */
struct strays {
    struct index exact;
    struct index tidied;
};

static enum err
find_strays(const struct links *links, size_t *count, struct strays *out)
{
    const struct recon_input *in = links->in;
    struct span number;
    *count = 0;
    for (size_t i = 0; i < in->line_count; i++) {
        *count += links->stray[i] ? 1 : 0;
    }
    TRY(index_init(&out->exact, links->arena, *count));
    TRY(index_init(&out->tidied, links->arena, *count));
    for (size_t i = 0; i < in->line_count; i++) {
        if (links->stray[i]) {
            TRY(match_tidy(links->arena, in->lines[i].merchant_order_no, &number));
            TRY(index_add(&out->exact, in->lines[i].merchant_order_no, nothing, i));
            TRY(index_add(&out->tidied, number, nothing, i));
        }
    }
    return ERR_OK;
}

static void
join_named(struct links *links, const struct index *ix, struct span number, struct span order_no)
{
    for (size_t at = index_first(ix, number, nothing); at != INDEX_NONE; at = index_next(ix, at)) {
        unite(links, bucket_of(links, order_no), line_node(index_value(ix, at)));
    }
}

static void
join_orders(struct links *links, const struct index *ix)
{
    const struct recon_input *in = links->in;
    for (size_t i = 0; i < in->order_count; i++) {
        join_named(links, ix, in->orders[i].order_no, in->orders[i].order_no);
    }
    for (size_t i = 0; i < in->member_count; i++) {
        join_named(links, ix, in->members[i].order_no, in->members[i].order_no);
    }
    for (size_t i = 0; i < in->payment_count; i++) {
        join_named(links, ix, in->payments[i].order_no, in->payments[i].order_no);
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        join_named(links, ix, in->refunds[i].order_no, in->refunds[i].order_no);
    }
    for (size_t i = 0; i < in->invoice_count; i++) {
        join_named(links, ix, in->invoices[i].order_no, in->invoices[i].order_no);
    }
    for (size_t i = 0; i < in->manual_count; i++) {
        join_named(links, ix, in->manuals[i].order_no, in->manuals[i].order_no);
    }
}

static enum err
join_strays(struct links *links)
{
    const struct recon_input *in = links->in;
    struct strays strays;
    size_t count = 0;
    struct span number;
    TRY(find_strays(links, &count, &strays));
    if (count == 0) {
        return ERR_OK;
    }
    join_orders(links, &strays.exact);
    for (size_t i = 0; i < in->member_count; i++) {
        TRY(match_tidy(links->arena, in->members[i].attempt_no, &number));
        join_named(links, &strays.tidied, number, in->members[i].order_no);
    }
    return ERR_OK;
}

/* Gives each root a part, in the order of the nodes, the next one when one is full. `weights` ends as the part of each root. */
static size_t
fill_parts(uint32_t *parent, uint32_t *weights, size_t nodes, size_t size)
{
    size_t part = 0;
    size_t full = 0;
    for (size_t i = 0; i < nodes; i++) {
        if (parent[i] != i || weights[i] == 0) {
            continue;
        }
        if (full > 0 && full + weights[i] > size) {
            part++;
            full = 0;
        }
        full += weights[i];
        weights[i] = (uint32_t)part;
    }
    return part + 1;
}

/* The node of an item. */
static uint32_t
node_of(const struct links *links, enum part_kind kind, size_t i)
{
    const struct recon_input *in = links->in;
    switch (kind) {
    case PART_LINE:
        return line_node(i);
    case PART_MOVEMENT:
        return movement_node(links, i);
    case PART_MEMBER:
        return bucket_of(links, in->members[i].order_no);
    case PART_REFUND:
        return bucket_of(links, in->refunds[i].order_no);
    case PART_ORDER:
        return bucket_of(links, in->orders[i].order_no);
    case PART_INVOICE:
        return bucket_of(links, in->invoices[i].order_no);
    case PART_MANUAL:
        return bucket_of(links, in->manuals[i].order_no);
    case PART_PAYMENT:
    case PART_KIND_COUNT:
    default:
        return bucket_of(links, in->payments[i].order_no);
    }
}

static enum err
assign(struct links *links, size_t size, struct part_map *out)
{
    const struct recon_input *in = links->in;
    const size_t counts[PART_KIND_COUNT] = {
        [PART_LINE] = in->line_count,       [PART_MEMBER] = in->member_count,
        [PART_REFUND] = in->refund_count,   [PART_ORDER] = in->order_count,
        [PART_INVOICE] = in->invoice_count, [PART_MOVEMENT] = in->movement_count,
        [PART_MANUAL] = in->manual_count,   [PART_PAYMENT] = in->payment_count,
    };
    void *memory = NULL;
    TRY(arena_array(links->arena, links->nodes, sizeof(uint32_t), &memory));
    uint32_t *weights = memory;
    for (int kind = 0; kind < PART_KIND_COUNT; kind++) {
        TRY(arena_array(links->arena, counts[kind] + 1, sizeof(uint32_t), &memory));
        out->of[kind] = memory;
        out->count[kind] = counts[kind];
        for (size_t i = 0; i < counts[kind]; i++) {
            uint32_t node = node_of(links, (enum part_kind)kind, i);
            out->of[kind][i] = root_of(links->parent, node);
            weights[out->of[kind][i]]++;
        }
    }
    out->parts = fill_parts(links->parent, weights, links->nodes, size);
    for (int kind = 0; kind < PART_KIND_COUNT; kind++) {
        for (size_t i = 0; i < counts[kind]; i++) {
            out->of[kind][i] = weights[out->of[kind][i]];
        }
    }
    return ERR_OK;
}

static enum err
room(struct links *links)
{
    const struct recon_input *in = links->in;
    void *memory = NULL;
    size_t nodes = BUCKETS + in->line_count + in->movement_count;
    size_t most = in->member_count + in->payment_count + in->refund_count + in->line_count
                  + 2 * in->movement_count;
    if (nodes > UINT32_MAX) {
        return ERR_NO_MEMORY;
    }
    TRY(arena_array(links->arena, nodes, sizeof(uint32_t), &memory));
    links->parent = memory;
    links->nodes = nodes;
    for (size_t i = 0; i < nodes; i++) {
        links->parent[i] = (uint32_t)i;
    }
    TRY(arena_array(links->arena, in->line_count + 1, sizeof(bool), &memory));
    links->stray = memory;
    TRY(arena_array(links->arena, most + 1, sizeof(struct pair), &memory));
    links->pairs = memory;
    TRY(arena_array(links->arena, most + 1, sizeof(struct pair), &memory));
    links->grouped = memory;
    return crypto_random((unsigned char *)&links->seed, sizeof(links->seed));
}

enum err
part_link(const struct recon_input *in, size_t size, struct arena *arena, struct part_map *out)
{
    struct links links = { .in = in, .arena = arena };
    TRY(room(&links));
    TRY(join_attempts(&links));
    TRY(join_trades(&links));
    TRY(join_refunds(&links));
    join_nameless(&links);
    TRY(join_strays(&links));
    return assign(&links, size, out);
}
