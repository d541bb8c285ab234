/* SPDX-License-Identifier: Apache-2.0 */
#include "twin_key.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

void
twin_key_add(struct twin_keys *keys, struct span text, size_t rank, size_t at)
{
    cr_assert_lt(keys->count, TWIN_MOST);
    keys->keys[keys->count++] = (struct twin_key){ .text = text, .rank = rank, .at = at };
}

static int
key_cmp(const void *a, const void *b)
{
    const struct twin_key *x = a;
    const struct twin_key *y = b;
    int text = span_cmp(x->text, y->text);
    return text != 0 ? text : (x->rank > y->rank) - (x->rank < y->rank);
}

void
twin_keys_sort(struct twin_keys *keys)
{
    qsort(keys->keys, keys->count, sizeof(keys->keys[0]), key_cmp);
}

static struct twin_group
group_at(const struct twin_keys *keys, size_t from)
{
    size_t to = from;
    while (to < keys->count && span_eq(keys->keys[to].text, keys->keys[from].text)) {
        to++;
    }
    return (struct twin_group){ .keys = &keys->keys[from], .count = to - from };
}

bool
twin_keys_have(const struct twin_keys *sorted, struct span text)
{
    for (size_t i = 0; i < sorted->count; i++) {
        int order = span_cmp(sorted->keys[i].text, text);
        if (order >= 0) {
            return order == 0;
        }
    }
    return false;
}

void
twin_keys_merge(struct twin *twin, struct twin_keys *left, const struct twin_keys *right,
                void (*meet)(struct twin *twin, struct twin_group left, struct twin_group right))
{
    size_t i = 0;
    size_t k = 0;
    twin_keys_sort(left);
    while (i < left->count && k < right->count) {
        struct twin_group l = group_at(left, i);
        struct twin_group r = group_at(right, k);
        int order = span_cmp(l.keys[0].text, r.keys[0].text);
        if (order == 0 && !span_empty(l.keys[0].text)) {
            meet(twin, l, r);
        }
        i += order <= 0 ? l.count : 0;
        k += order >= 0 ? r.count : 0;
    }
}

/* What stands beside numbers and is no part of them, as UTF-8. */
static const char *const blanks[] = { " ",           "\t",           "\r",
                                      "\xC2\xA0",    "\xE2\x80\x8B", "\xE3\x80\x80",
                                      "\xEF\xBB\xBF" };

static struct span
without_blanks(struct span number)
{
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
            struct span blank = span_of(blanks[i]);
            if (span_starts(number, blank)) {
                number = span_sub(number, blank.len, number.len);
                again = true;
            }
            if (span_ends(number, blank)) {
                number = span_sub(number, 0, number.len - blank.len);
                again = true;
            }
        }
    }
    return number;
}

struct span
twin_key_tidy(struct span number, char room[TWIN_KEY_MAX])
{
    size_t used = 0;
    struct span rest = without_blanks(number);
    cr_assert_lt(rest.len, TWIN_KEY_MAX);
    while (rest.len > 0) {
        /* U+FF01 ... U+FF3F are EF BC 81 ... EF BC BF, the forms after them EF BD 80 ... EF BD 9E. */
        bool low = span_starts(rest, SPAN_LIT("\xEF\xBC"));
        bool high = span_starts(rest, SPAN_LIT("\xEF\xBD"));
        int c = low ? rest.at[2] - 0x81 + '!' : high ? rest.at[2] - 0x80 + '`' : rest.at[0];
        room[used++] = (char)(c < 0x80 ? tolower(c) : c);
        rest = span_sub(rest, low || high ? 3 : 1, rest.len);
    }
    return span_make(room, used);
}
