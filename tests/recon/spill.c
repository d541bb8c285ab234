/* SPDX-License-Identifier: Apache-2.0 */
#include "spill.h"

#include <string.h>

#include "check.h"

#define HEAPS   5
#define PIECES  400
#define LONGEST 300000 /* more than is written at once */

/* Lengths that a heap's room holds many of, just holds, and does not hold. */
static size_t
length_of(size_t piece)
{
    static const size_t lengths[] = { 1, 17, 900, 4096, 8191, 8192, 8193, 20000, LONGEST };
    return lengths[piece * 7 % (sizeof(lengths) / sizeof(lengths[0]))];
}

static unsigned char
byte_of(size_t piece)
{
    return (unsigned char)(piece * 31 + 1);
}

static void
check_heap(const struct spill *spill, size_t heap, size_t pieces)
{
    DEFER(buf_fini) struct buf got = BUF_MAX(SIZE_MAX);
    size_t at = 0;
    CHECK_OK(spill_take(spill, heap, &got));
    for (size_t piece = heap; piece < pieces; piece += HEAPS) {
        size_t len = length_of(piece);
        cr_assert_leq(at + len, got.len);
        for (size_t i = 0; i<len; i += len> 1 ? len - 1 : 1) {
            cr_assert_eq(got.at[at + i], byte_of(piece));
        }
        at += len;
    }
    cr_assert_eq(at, got.len);
}

Test(spill, what_was_put_comes_back_in_its_order_whatever_its_length)
{
    DEFER(spill_free) struct spill *spill = NULL;
    CHECK_OK(spill_new("/tmp", HEAPS, &spill));
    for (size_t piece = 0; piece < PIECES; piece++) {
        unsigned char *room = NULL;
        CHECK_OK(spill_room(spill, piece % HEAPS, length_of(piece), &room));
        memset(room, byte_of(piece), length_of(piece));
        if (piece % 97 == 0) {
            check_heap(spill, piece % HEAPS,
                       piece + 1); /* with the newest piece, and more to come */
        }
    }
    for (size_t heap = 0; heap < HEAPS; heap++) {
        check_heap(spill, heap, PIECES);
    }
}

Test(spill, a_heap_without_anything_is_empty)
{
    DEFER(spill_free) struct spill *spill = NULL;
    DEFER(buf_fini) struct buf got = BUF_MAX(16);
    CHECK_OK(spill_new("/tmp", HEAPS, &spill));
    CHECK_OK(spill_take(spill, 1, &got));
    cr_assert_eq(got.len, 0);
}

Test(spill, a_folder_that_is_not_there_is_told)
{
    struct spill *spill = NULL;
    CHECK_ERR(spill_new("/tmp/no/such/folder", HEAPS, &spill), ERR_FILE_OPEN);
    cr_assert_null(spill);
}
