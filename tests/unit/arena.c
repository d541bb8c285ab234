/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

Test(arena, the_ceiling_is_kept_to_the_byte_of_a_block)
{
    struct arena *arena = NULL;
    void *at = NULL;
    CHECK_OK(arena_new(1024, &arena));
    CHECK_ERR(arena_alloc(arena, 1025, &at), ERR_ARENA_FULL);
    cr_expect_null(at);
    CHECK_OK(arena_alloc(arena, 1024, &at));
    CHECK_ERR(arena_alloc(arena, 1, &at), ERR_ARENA_FULL);
    arena_free(&arena);
    cr_expect_null(arena);
}

Test(arena, sizes_that_overflow_are_refused)
{
    struct arena *arena = NULL;
    void *at = NULL;
    CHECK_OK(arena_new(1 << 20, &arena));
    CHECK_ERR(arena_alloc(arena, SIZE_MAX, &at), ERR_ARENA_FULL);
    CHECK_ERR(arena_array(arena, SIZE_MAX / 2, 3, &at), ERR_ARENA_FULL);
    cr_expect_null(at);
    arena_free(&arena);
}

Test(arena, memory_is_zeroed_aligned_and_apart)
{
    struct arena *arena = NULL;
    CHECK_OK(arena_new(1 << 20, &arena));
    unsigned char *last = NULL;
    for (size_t size = 0; size < 300; size++) {
        void *at = NULL;
        CHECK_OK(arena_alloc(arena, size, &at));
        unsigned char *bytes = at;
        cr_assert_eq((uintptr_t)at % alignof(max_align_t), 0);
        cr_assert_neq(bytes, last);
        for (size_t i = 0; i < size; i++) {
            cr_assert_eq(bytes[i], 0);
        }
        memset(at, 0xff, size);
        last = bytes;
    }
    arena_free(&arena);
}

Test(arena, reset_gives_everything_back)
{
    struct arena *arena = NULL;
    void *at = NULL;
    CHECK_OK(arena_new(4096, &arena));
    for (int i = 0; i < 10; i++) {
        CHECK_OK(arena_array(arena, 4, 1024, &at));
        arena_reset(arena);
    }
    arena_free(&arena);
}

Test(arena, a_recycled_one_gives_the_same_memory_again_and_wiped)
{
    DEFER(arena_free) struct arena *arena = NULL;
    void *first = NULL;
    void *again = NULL;
    CHECK_OK(arena_new(100000, &arena));
    CHECK_OK(arena_alloc(arena, 60000, &first));
    memset(first, 0xA5, 60000);
    arena_recycle(arena);
    CHECK_OK(arena_alloc(arena, 50000, &again));
    cr_expect_eq(first, again);
    for (size_t i = 0; i < 50000; i++) {
        cr_assert_eq(((unsigned char *)again)[i], 0);
    }
    CHECK_ERR(arena_alloc(arena, 60000, &again), ERR_ARENA_FULL); /* what it keeps counts */
    arena_reset(arena);
    CHECK_OK(arena_alloc(arena, 60000, &again));
}

Test(arena, a_c_string_refuses_an_inner_nul)
{
    struct arena *arena = NULL;
    const char *text = NULL;
    CHECK_OK(arena_new(4096, &arena));
    CHECK_ERR(arena_cstr(arena, span_make("a\0b", 3), &text), ERR_ENCODING);
    cr_expect_null(text);
    CHECK_OK(arena_cstr(arena, span_make("abcdef", 3), &text));
    cr_expect_str_eq(text, "abc");
    CHECK_OK(arena_cstr(arena, span_of(NULL), &text));
    cr_expect_str_eq(text, "");
    arena_free(&arena);
}

Test(arena, a_copy_outlives_its_source)
{
    struct arena *arena = NULL;
    char source[] = "trade";
    struct span copy = { .at = NULL, .len = 0 };
    CHECK_OK(arena_new(4096, &arena));
    CHECK_OK(arena_copy(arena, span_of(source), &copy));
    memset(source, 'x', sizeof(source) - 1);
    CHECK_TEXT(copy, "trade");
    arena_free(&arena);
    arena_free(&arena);
}
