/* SPDX-License-Identifier: Apache-2.0 */
#include "spilled.h"

#include "check.h"

int
spilled_line_cmp(const void *a, const void *b)
{
    const struct recon_line *x = a;
    const struct recon_line *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

void
spilled_put_rows(struct large_feed *feed, const struct recon_input *in)
{
#define PUT_ALL(list, rows, count)                            \
    for (size_t i = 0; i < in->count; i++) {                  \
        CHECK_OK(large_put(feed, PACK_##list, &in->rows[i])); \
    }
    PUT_ALL(BOOKS, members, member_count)
    PUT_ALL(REFUNDS, refunds, refund_count)
    PUT_ALL(ORDERS, orders, order_count)
    PUT_ALL(PAYMENTS, payments, payment_count)
    PUT_ALL(INVOICES, invoices, invoice_count)
    PUT_ALL(MANUALS, manuals, manual_count)
#undef PUT_ALL
}
