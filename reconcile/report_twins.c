/* SPDX-License-Identifier: Apache-2.0 */
#include "report_twins.h"

#include <stdlib.h>

static int
twin_cmp(const void *a, const void *b)
{
    const struct report_twin *left = a;
    const struct report_twin *right = b;
    int owner = span_cmp(left->owner, right->owner);
    return owner != 0 ? owner : span_cmp(left->number, right->number);
}

/* An order of nobody has no owner; a mark keeps it apart from the provider's numbers. */
static struct report_twin
by_order(const struct report_row *row)
{
    return (struct report_twin){ .owner = row->owner.len > 0 ? row->owner : SPAN_LIT("-"),
                                 .number = row->order_no };
}

static struct report_twin
by_trade(const struct report_row *row)
{
    return (struct report_twin){ .number = row->provider_trade_no };
}

static void
add(struct report_twins *twins, struct report_twin key)
{
    if (key.number.len > 0) {
        twins->keys[twins->count++] = key;
    }
}

enum err
report_twins_make(const struct report *report, struct report_twins *out)
{
    size_t said = 0;
    for (size_t i = 0; i < report->row_count; i++) {
        said += report_row_says(&report->rows[i], "DUP_") ? 1 : 0;
    }
    struct report_twins twins = { .keys = calloc(2 * said + 1, sizeof(twins.keys[0])) };
    if (twins.keys == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < report->row_count; i++) {
        if (report_row_says(&report->rows[i], "DUP_")) {
            add(&twins, by_order(&report->rows[i]));
            add(&twins, by_trade(&report->rows[i]));
        }
    }
    qsort(twins.keys, twins.count, sizeof(twins.keys[0]), twin_cmp);
    *out = twins;
    return ERR_OK;
}

void
report_twins_free(struct report_twins *twins)
{
    free(twins->keys);
    *twins = (struct report_twins){ .count = 0 };
}

static bool
holds(const struct report_twins *twins, struct report_twin key)
{
    return key.number.len > 0 && twins->count > 0
           && bsearch(&key, twins->keys, twins->count, sizeof(key), twin_cmp) != NULL;
}

bool
report_twins_has(const struct report_twins *twins, const struct report_row *row)
{
    return report_row_says(row, "DUP_") || holds(twins, by_order(row))
           || holds(twins, by_trade(row));
}

static int
row_cmp(const void *a, const void *b)
{
    const struct report_row *left = *(const struct report_row *const *)a;
    const struct report_row *right = *(const struct report_row *const *)b;
    int differs = span_cmp(left->order_no, right->order_no);
    differs = differs != 0 ? differs : span_cmp(left->owner, right->owner);
    differs = differs != 0 ? differs : span_cmp(left->provider_trade_no, right->provider_trade_no);
    return differs != 0 ? differs : (left->seq > right->seq) - (left->seq < right->seq);
}

void
report_twins_sort(const struct report_row **rows, size_t count)
{
    qsort(rows, count, sizeof(rows[0]), row_cmp);
}
