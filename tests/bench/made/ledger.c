/* SPDX-License-Identifier: Apache-2.0 */
/* A made day is what its header says: our numbers by the product's own check, in order, one difference a block, every kind in turn. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "number.h"

#define ITEMS 12345 /* neither whole slots nor whole blocks */
#define EVERY 100

static const struct ledger ledger = { .items = ITEMS, .every = EVERY, .seed = 7 };

Test(ledger, numbers_are_ours_and_name_their_slot)
{
    struct ledger_item item;
    for (int64_t i = 0; i < ITEMS; i++) {
        int slot = -1;
        ledger_item(&ledger, i, &item);
        CHECK_OK(number_attempt_check(span_of(item.attempt_no), &slot));
        cr_assert_eq(slot, item.slot);
        CHECK_OK(number_slot(span_of(LEDGER_OWNER), span_of(item.order_no), &slot));
        cr_assert_eq(slot, item.slot);
        cr_assert_eq(strncmp(item.attempt_no, item.payment_no, NUMBER_PAYMENT_DIGITS), 0);
    }
}

Test(ledger, sorted_each_item_stands_once_and_attempt_numbers_ascend)
{
    static bool seen[ITEMS];
    struct ledger_item before = { .number = 0 };
    struct ledger_item item;
    uint32_t *sorted = NULL;
    CHECK_OK(ledger_sort(&ledger, &sorted));
    for (int64_t i = 0; i < ITEMS; i++) {
        ledger_item(&ledger, sorted[i], &item);
        cr_assert(!seen[sorted[i]]);
        cr_assert_lt(strcmp(before.attempt_no, item.attempt_no), 0);
        seen[sorted[i]] = true;
        before = item;
    }
    free(sorted);
}

Test(ledger, one_item_of_a_block_differs_and_each_kind_has_its_turn)
{
    int64_t kinds[LEDGER_KIND_COUNT] = { 0 };
    int64_t blocks = ITEMS / EVERY;
    struct ledger_item item;
    for (int64_t block = 0; block < blocks; block++) {
        int differ = 0;
        for (int64_t i = block * EVERY; i < (block + 1) * EVERY; i++) {
            ledger_item(&ledger, i, &item);
            differ += item.kind == LEDGER_EQUAL ? 0 : 1;
            kinds[item.kind]++;
            cr_assert_eq(item.kind == LEDGER_AMOUNT, item.bill_fen != item.amount_fen);
            cr_assert_gt(item.bill_fen, 0);
        }
        cr_assert_eq(differ, 1);
    }
    for (int kind = LEDGER_BILL_ONLY; kind < LEDGER_KIND_COUNT; kind++) {
        cr_assert_geq(kinds[kind], blocks / (LEDGER_KIND_COUNT - 1));
    }
}

Test(ledger, the_same_item_is_made_again_and_another_seed_makes_another)
{
    const struct ledger other = { .items = ITEMS, .every = EVERY, .seed = 8 };
    struct ledger_item item;
    struct ledger_item again;
    int64_t same = 0;
    for (int64_t i = 0; i < ITEMS; i++) {
        ledger_item(&ledger, i, &item);
        ledger_item(&ledger, i, &again);
        cr_assert_eq(memcmp(&item, &again, sizeof(item)), 0);
        ledger_item(&other, i, &again);
        same += item.amount_fen == again.amount_fen && item.kind == again.kind ? 1 : 0;
    }
    cr_assert_lt(same, ITEMS / 2);
}
