/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "large_parts.h"

/* A row is kept as those words of its struct that are not zero, a mask that tells which, and its texts in the order of their
 * members: two thirds of most rows are zeros and places of texts. */
#define TEXTS_MAX  16
#define WORD_BYTES sizeof(uint64_t)
#define WORDS_MAX  64

struct layout {
    size_t size;
    size_t texts[TEXTS_MAX]; /* where the spans are */
    size_t text_count;
    size_t numbers[LARGE_NUMBERS_MAX]; /* those of them by which rows meet */
    size_t number_count;
    size_t order_no; /* one of those, or 0 */
};

_Static_assert(sizeof(struct recon_order) <= WORDS_MAX * WORD_BYTES,
               "a mask has a bit for each word");

#define AT(type, member) offsetof(struct recon_##type, member)

static const struct layout layouts[LARGE_KIND_COUNT] = {
    [LARGE_LINE] = { sizeof(struct recon_line),
                     { AT(line, provider_trade_no), AT(line, merchant_order_no),
                       AT(line, refund_no), AT(line, application) },
                     4,
                     { AT(line, merchant_order_no), AT(line, provider_trade_no),
                       AT(line, refund_no) },
                     3,
                     0 },
    [LARGE_MEMBER] = { sizeof(struct recon_member),
                       { AT(member, attempt_no), AT(member, provider_trade_no), AT(member, owner),
                         AT(member, order_no) },
                       4,
                       { AT(member, attempt_no), AT(member, provider_trade_no),
                         AT(member, order_no) },
                       3,
                       AT(member, order_no) },
    [LARGE_REFUND] = { sizeof(struct recon_refund),
                       { AT(refund, refund_no), AT(refund, attempt_no), AT(refund, owner),
                         AT(refund, order_no) },
                       4,
                       { AT(refund, refund_no), AT(refund, attempt_no), AT(refund, order_no) },
                       3,
                       AT(refund, order_no) },
    [LARGE_ORDER] = { sizeof(struct recon_order),
                      { AT(order, owner), AT(order, order_no), AT(order, unit_name),
                        AT(order, status), AT(order, kind), AT(order, title), AT(order, tax_no),
                        AT(order, said_kind) },
                      8,
                      { AT(order, order_no) },
                      1,
                      AT(order, order_no) },
    [LARGE_PAYMENT] = { sizeof(struct recon_payment),
                        { AT(payment, owner), AT(payment, order_no), AT(payment, attempt_no),
                          AT(payment, account), AT(payment, provider) },
                        5,
                        { AT(payment, attempt_no), AT(payment, order_no) },
                        2,
                        AT(payment, order_no) },
    [LARGE_INVOICE] = { sizeof(struct recon_invoice),
                        { AT(invoice, owner), AT(invoice, invoice_id), AT(invoice, order_no),
                          AT(invoice, status), AT(invoice, title), AT(invoice, tax_no),
                          AT(invoice, reported_under) },
                        7,
                        { AT(invoice, order_no), AT(invoice, reported_under) },
                        2,
                        AT(invoice, order_no) },
    [LARGE_MANUAL] = { sizeof(struct recon_manual),
                       { AT(manual, owner), AT(manual, order_no), AT(manual, voucher),
                         AT(manual, payer_name) },
                       4,
                       { AT(manual, order_no) },
                       1,
                       AT(manual, order_no) },
    [LARGE_ITEM] = { sizeof(struct recon_invoice_item),
                     { AT(invoice_item, owner), AT(invoice_item, invoice_id),
                       AT(invoice_item, reported_under), AT(invoice_item, name),
                       AT(invoice_item, quantity), AT(invoice_item, taxed) },
                     6,
                     { AT(invoice_item, reported_under) },
                     1,
                     AT(invoice_item, reported_under) },
};

static struct span
text_at(const void *row, size_t offset)
{
    struct span text;
    memcpy(&text, (const unsigned char *)row + offset, sizeof(text));
    return text;
}

size_t
large_row_size(enum large_kind kind)
{
    return layouts[kind].size;
}

struct span
large_order_no(enum large_kind kind, const void *row)
{
    return layouts[kind].order_no == 0 && kind != LARGE_ORDER
               ? (struct span){ .at = NULL }
               : text_at(row, layouts[kind].order_no);
}

/* An empty number joins nothing. */
size_t
large_numbers(enum large_kind kind, const void *row, struct span numbers[LARGE_NUMBERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < layouts[kind].number_count; i++) {
        struct span number = text_at(row, layouts[kind].numbers[i]);
        if (!span_empty(number)) {
            numbers[count++] = number;
        }
    }
    return count;
}

static uint64_t
word_at(const void *row, size_t i)
{
    uint64_t word = 0;
    memcpy(&word, (const unsigned char *)row + i * WORD_BYTES, WORD_BYTES);
    return word;
}

/* The words that are kept: not zero, and not the place of a text. */
static uint64_t
mask_of(const struct layout *layout, const void *row)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < layout->size / WORD_BYTES; i++) {
        mask |= (uint64_t)(word_at(row, i) != 0) << i;
    }
    for (size_t i = 0; i < layout->text_count; i++) {
        mask &= ~(UINT64_C(1) << (layout->texts[i] + offsetof(struct span, at)) / WORD_BYTES);
    }
    return mask;
}

static unsigned char *
pack(const void *row, uint64_t mask, unsigned char *at)
{
    memcpy(at, &mask, WORD_BYTES);
    for (; mask != 0; mask &= mask - 1) {
        uint64_t word = word_at(row, (size_t)__builtin_ctzll(mask));
        at += WORD_BYTES;
        memcpy(at, &word, WORD_BYTES);
    }
    return at + WORD_BYTES;
}

enum err
large_keep(struct large_feed *feed, enum large_kind kind, size_t slot, const void *row)
{
    const struct layout *layout = &layouts[kind];
    uint64_t mask = mask_of(layout, row);
    size_t len = (1 + (size_t)__builtin_popcountll(mask)) * WORD_BYTES;
    unsigned char *at = NULL;
    if (feed->rows[kind] == NULL) {
        TRY(spill_new(feed->large->dir, feed->large->bins + 1, &feed->rows[kind]));
    }
    for (size_t i = 0; i < layout->text_count; i++) {
        len += text_at(row, layout->texts[i]).len;
    }
    TRY(spill_room(feed->rows[kind], slot, len, &at));
    at = pack(row, mask, at);
    for (size_t i = 0; i < layout->text_count; i++) {
        struct span text = text_at(row, layout->texts[i]);
        if (text.len > 0) {
            memcpy(at, text.at, text.len);
        }
        at += text.len;
    }
    return ERR_OK;
}

/* One row from where it was kept; what follows it. */
static const unsigned char *
unpack(const struct layout *layout, const unsigned char *at, unsigned char *row)
{
    uint64_t mask = 0;
    memcpy(&mask, at, WORD_BYTES);
    at += WORD_BYTES;
    memset(row, 0, layout->size);
    for (; mask != 0; mask &= mask - 1) {
        memcpy(row + (size_t)__builtin_ctzll(mask) * WORD_BYTES, at, WORD_BYTES);
        at += WORD_BYTES;
    }
    for (size_t i = 0; i < layout->text_count; i++) {
        struct span text = text_at(row, layout->texts[i]);
        text.at = at;
        at += text.len;
        memcpy(row + layout->texts[i], &text, sizeof(text));
    }
    return at;
}

/* The rows side by side; their texts stay where they are. */
static enum err
spread(enum large_kind kind, struct large_lists *lists)
{
    const struct layout *layout = &layouts[kind];
    struct span bytes = buf_span(&lists->bytes[kind]);
    const unsigned char *at = bytes.at;
    unsigned char *row = NULL;
    lists->count[kind] = 0;
    TRY(buf_reserve(&lists->rows[kind], layout->size, &row));
    while (at < bytes.at + bytes.len) {
        TRY(buf_reserve(&lists->rows[kind], layout->size, &row));
        at = unpack(layout, at, row);
        buf_grew(&lists->rows[kind], layout->size);
        lists->count[kind]++;
    }
    return ERR_OK;
}

static enum err
take(const struct large_feed *feed, size_t slot, struct large_lists *out)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        if (feed->rows[kind] != NULL) {
            TRY(spill_take(feed->rows[kind], slot, &out->bytes[kind]));
        }
    }
    return ERR_OK;
}

static enum err
spread_all(struct large_lists *lists)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        TRY(spread((enum large_kind)kind, lists));
    }
    return ERR_OK;
}

enum err
large_lists_take(const struct large *large, size_t slot, struct large_lists *out)
{
    /* Another thread may be putting into the first feed, which has nothing in the slots. */
    const struct large_feed *first = slot < large->bins ? large->feeds->next : large->feeds;
    large_lists_reset(out);
    for (const struct large_feed *feed = first; feed != NULL; feed = feed->next) {
        TRY(take(feed, slot, out));
    }
    TRY(spread_all(out));
    for (const struct large_feed *feed = first; feed != NULL; feed = feed->next) {
        if (feed->places != NULL) {
            TRY(large_places_take(feed->places, slot, out));
        }
    }
    return ERR_OK;
}

void
large_lists_reset(struct large_lists *lists)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        buf_reset(&lists->bytes[kind]);
        buf_reset(&lists->rows[kind]);
        buf_reset(&lists->copies[kind]);
        lists->copies[kind].max = SIZE_MAX;
        lists->bytes[kind].max = SIZE_MAX;
        lists->rows[kind].max = SIZE_MAX;
        lists->count[kind] = 0;
    }
    lists->ranges.max = SIZE_MAX;
}

void
large_lists_fini(struct large_lists *lists)
{
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        buf_fini(&lists->bytes[kind]);
        buf_fini(&lists->rows[kind]);
        buf_fini(&lists->copies[kind]);
    }
    buf_fini(&lists->ranges);
}
