/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_INVOICE_ITEM_H
#define TALLYGATE_CORE_INVOICE_ITEM_H

/* One item of an invoice, 明细: what was sold, and the tax that stands beside it. Issuing programs work tax out from the price with tax or
 * from the one without, which differ by a fen (100.00 at 13 %: 11.50 or 11.51), and round where they like; so an item's tax is held
 * against the nearer of the two ways, with room, and all items of a document together with less. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "span.h"

#define INVOICE_ITEMS_MAX 200
#define INVOICE_ITEM_OFF \
    6 /* fen that the tax of an item may be off by; a document by one for each item, at least so much */
#define INVOICE_RATE_WHOLE  INT64_C(1000000)
#define INVOICE_RATE_ABSENT (-1)

/* How an item is taxed. */
enum invoice_taxed {
    INVOICE_TAXED_BY_RATE, /* 0 % is a rate, too */
    INVOICE_TAXED_EXEMPT,  /* 免税 */
    INVOICE_TAXED_OUTSIDE, /* 不征税 */
    INVOICE_TAXED_MARGIN,  /* 差额征税: its tax is not that of its amount, by design */
    INVOICE_TAXED_COUNT
};

struct invoice_item {
    struct span name;
    struct span
        quantity; /* as it stands there, a decimal of up to 13 places; nothing is worked out with it */
    enum invoice_taxed taxed;
    int64_t rate_ppm; /* INVOICE_RATE_ABSENT: not said */
    int64_t net_fen;  /* a discount is an item of its own with the other sign */
    int64_t tax_fen;
    int64_t total_fen;
};

/* The fields under `prefix`: total = net + tax to the fen; a rate where tax is by rate. */
void invoice_item_check(const struct invoice_item *item, const char *prefix, struct faults *faults);

const char *invoice_taxed_code(enum invoice_taxed taxed);                       /* "by_rate" */
MUST_USE enum err invoice_taxed_decode(struct span s, enum invoice_taxed *out); /* FIELD_VALUE */

/* How much the tax is more than the nearer way has it, in fen, with its sign. INT64_MAX when no number can be right. */
int64_t invoice_item_off(const struct invoice_item *item);

/* True when that is more than rounding. */
bool invoice_item_is_off(int64_t off_fen);

/* What the items of one document come to. */
struct invoice_sums {
    int64_t count;
    int64_t net_fen;
    int64_t tax_fen;
    int64_t total_fen;
    int64_t off_fen;
    bool wrong; /* an item is off by more than it may, or a sum has no room */
};
void invoice_sums_add(struct invoice_sums *sums, const struct invoice_item *item);

/* True when the items are those of a document with these amounts, and their tax is that of their rates. */
bool invoice_sums_fit(const struct invoice_sums *sums, int64_t net_fen, int64_t tax_fen,
                      int64_t total_fen);

#endif
