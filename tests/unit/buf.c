/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <string.h>

#include "check.h"

Test(buf, append_beyond_the_ceiling_is_refused_and_changes_nothing)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(5);
    CHECK_OK(buf_text(&b, "abc"));
    CHECK_ERR(buf_text(&b, "def"), ERR_BUF_FULL);
    CHECK_ERR(buf_printf(&b, "%d", 1000), ERR_BUF_FULL);
    CHECK_ERR(buf_append(&b, span_make("x", SIZE_MAX)), ERR_BUF_FULL);
    CHECK_TEXT(buf_span(&b), "abc");
    CHECK_OK(buf_text(&b, "de"));
    CHECK_ERR(buf_byte(&b, 'f'), ERR_BUF_FULL);
    CHECK_TEXT(buf_span(&b), "abcde");
}

Test(buf, a_zero_ceiling_refuses_the_first_byte)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(0);
    CHECK_ERR(buf_byte(&b, 'a'), ERR_BUF_FULL);
    CHECK_OK(buf_append(&b, span_of(NULL)));
    cr_expect_eq(b.len, 0);
}

Test(buf, a_full_buffer_still_ends_in_a_nul)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(512);
    for (int i = 0; i < 512; i++) {
        CHECK_OK(buf_byte(&b, 'a'));
    }
    const char *text = NULL;
    CHECK_OK(buf_cstr(&b, &text));
    cr_expect_eq(strlen(text), 512);
    cr_expect_eq(b.len, 512);
}

Test(buf, growth_keeps_the_content)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(100000);
    for (int i = 0; i < 10000; i++) {
        CHECK_OK(buf_printf(&b, "%04d", i));
    }
    cr_expect_eq(b.len, 40000);
    CHECK_TEXT(span_sub(buf_span(&b), 4 * 255, 8), "02550256");
    CHECK_TEXT(span_sub(buf_span(&b), 4 * 9999, 4), "9999");
}

Test(buf, numbers_print_in_full)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(64);
    CHECK_OK(buf_i64(&b, INT64_MIN));
    CHECK_OK(buf_byte(&b, ' '));
    CHECK_OK(buf_i64(&b, INT64_MAX));
    CHECK_TEXT(buf_span(&b), "-9223372036854775808 9223372036854775807");
}

Test(buf, reserved_room_counts_only_once_taken)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(8);
    unsigned char *at = NULL;
    CHECK_OK(buf_reserve(&b, 8, &at));
    memcpy(at, "12345678", 8);
    cr_expect_eq(b.len, 0);
    buf_grew(&b, 3);
    CHECK_TEXT(buf_span(&b), "123");
    CHECK_ERR(buf_reserve(&b, 6, &at), ERR_BUF_FULL);
}

Test(buf, reset_wipes_and_keeps_the_storage)
{
    DEFER(buf_fini) struct buf b = BUF_MAX(64);
    CHECK_OK(buf_text(&b, "secret"));
    unsigned char *at = b.at;
    buf_reset(&b);
    cr_expect_eq(b.len, 0);
    cr_expect_eq(b.at, at);
    cr_expect_eq(at[0], 0);
    cr_expect_eq(at[5], 0);
}

Test(buf, fini_takes_null_and_twice)
{
    struct buf b = BUF_MAX(16);
    CHECK_OK(buf_text(&b, "x"));
    buf_fini(&b);
    buf_fini(&b);
    buf_fini(NULL);
    cr_expect_null(b.at);
}
