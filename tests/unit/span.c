/* SPDX-License-Identifier: Apache-2.0 */
#include "span.h"

#include <string.h>

#include "check.h"

#define EMPTY ((struct span){ .at = NULL, .len = 0 })

Test(span, numbers_refuse_everything_but_whole_decimals_in_range)
{
    static const char *const bad[] = { "",
                                       "+1",
                                       "-1",
                                       " 1",
                                       "1 ",
                                       "1.0",
                                       "0x10",
                                       "1e3",
                                       "１",
                                       "256",
                                       "18446744073709551616",
                                       "99999999999999999999999999" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t value = 42;
        CHECK_ERR(span_to_u64(span_of(bad[i]), 0, 255, &value), ERR_NUMBER);
        cr_expect_eq(value, 42, "output touched by '%s'", bad[i]);
    }
    uint64_t value = 0;
    CHECK_ERR(span_to_u64(SPAN_LIT("4"), 5, 9, &value), ERR_NUMBER);
    CHECK_ERR(span_to_u64(span_make("1\0", 2), 0, 9, &value), ERR_NUMBER);
}

Test(span, numbers_reach_both_ends_of_their_range)
{
    uint64_t u = 0;
    CHECK_OK(span_to_u64(SPAN_LIT("18446744073709551615"), 0, UINT64_MAX, &u));
    cr_expect_eq(u, UINT64_MAX);
    CHECK_OK(span_to_u64(SPAN_LIT("0007"), 0, UINT64_MAX, &u));
    cr_expect_eq(u, 7);
    int64_t i = 0;
    CHECK_OK(span_to_i64(SPAN_LIT("-9223372036854775808"), INT64_MIN, INT64_MAX, &i));
    cr_expect_eq(i, INT64_MIN);
    CHECK_OK(span_to_i64(SPAN_LIT("9223372036854775807"), INT64_MIN, INT64_MAX, &i));
    cr_expect_eq(i, INT64_MAX);
    CHECK_OK(span_to_i64(SPAN_LIT("-0"), INT64_MIN, INT64_MAX, &i));
    cr_expect_eq(i, 0);
    CHECK_OK(span_to_i64(SPAN_LIT("-12"), -12, 0, &i));
    cr_expect_eq(i, -12);
}

Test(span, signed_numbers_one_beyond_the_range_are_refused)
{
    int64_t i = 5;
    CHECK_ERR(span_to_i64(SPAN_LIT("9223372036854775808"), INT64_MIN, INT64_MAX, &i), ERR_NUMBER);
    CHECK_ERR(span_to_i64(SPAN_LIT("-9223372036854775809"), INT64_MIN, INT64_MAX, &i), ERR_NUMBER);
    CHECK_ERR(span_to_i64(SPAN_LIT("--1"), INT64_MIN, INT64_MAX, &i), ERR_NUMBER);
    CHECK_ERR(span_to_i64(SPAN_LIT("-"), INT64_MIN, INT64_MAX, &i), ERR_NUMBER);
    CHECK_ERR(span_to_i64(SPAN_LIT("-13"), -12, 0, &i), ERR_NUMBER);
    cr_expect_eq(i, 5);
}

Test(span, sub_never_leaves_the_span)
{
    struct span s = SPAN("abcdef");
    CHECK_TEXT(span_sub(s, 2, 3), "cde");
    CHECK_TEXT(span_sub(s, 4, 99), "ef");
    CHECK_TEXT(span_sub(s, 4, SIZE_MAX), "ef");
    CHECK_TEXT(span_sub(s, 6, 1), "");
    CHECK_TEXT(span_sub(s, SIZE_MAX, SIZE_MAX), "");
    CHECK_TEXT(span_sub(EMPTY, 0, 1), "");
}

Test(span, order_is_by_bytes_and_shorter_first)
{
    cr_expect_lt(span_cmp(SPAN_LIT("ab"), SPAN_LIT("abc")), 0);
    cr_expect_gt(span_cmp(SPAN_LIT("b"), SPAN_LIT("abc")), 0);
    cr_expect_gt(span_cmp(SPAN_LIT("\x80"), SPAN_LIT("a")), 0, "bytes compare unsigned");
    cr_expect_eq(span_cmp(EMPTY, SPAN_LIT("")), 0);
    cr_expect_lt(span_cmp(EMPTY, SPAN_LIT("a")), 0);
}

Test(span, equality_starts_and_ends_take_empty_spans)
{
    struct span s = SPAN("signature");
    cr_expect(span_eq(EMPTY, SPAN_LIT("")));
    cr_expect(span_eq(span_of(NULL), EMPTY));
    cr_expect_not(span_eq(s, SPAN_LIT("signaturf")));
    cr_expect(span_starts(s, SPAN_LIT("sign")) && span_starts(s, EMPTY));
    cr_expect_not(span_starts(SPAN_LIT("sig"), SPAN_LIT("sign")));
    cr_expect(span_ends(s, SPAN_LIT("ture")) && span_ends(s, EMPTY));
    cr_expect_not(span_ends(SPAN_LIT("re"), SPAN_LIT("ture")));
}

Test(span, finding_nothing_gives_the_length)
{
    struct span s = SPAN("a=b=c");
    cr_expect_eq(span_index(s, '='), 1);
    cr_expect_eq(span_index(s, '&'), 5);
    cr_expect_eq(span_index(EMPTY, 'a'), 0);
    cr_expect_eq(span_find(s, SPAN_LIT("=c")), 3);
    cr_expect_eq(span_find(s, SPAN_LIT("=d")), 5);
    cr_expect_eq(span_find(s, SPAN_LIT("a=b=c=d")), 5);
}

Test(span, cut_walks_every_part_and_says_when_it_is_over)
{
    struct span rest = SPAN("a&&b");
    struct span head = EMPTY;
    cr_expect(span_cut(&rest, '&', &head));
    CHECK_TEXT(head, "a");
    cr_expect(span_cut(&rest, '&', &head));
    CHECK_TEXT(head, "");
    cr_expect_not(span_cut(&rest, '&', &head));
    CHECK_TEXT(head, "b");
    cr_expect(span_empty(rest));
}

Test(span, trim_takes_only_the_named_bytes)
{
    CHECK_TEXT(span_trim(SPAN_LIT(" \t x y \t"), " \t"), "x y");
    CHECK_TEXT(span_trim(SPAN_LIT("   "), " "), "");
    struct span nul = span_trim(span_make("\0a\0", 3), " ");
    cr_expect_eq(nul.len, 3, "NUL is not in any set");
}

Test(span, digits_and_letters_are_ascii_and_not_empty)
{
    cr_expect(span_is_digits(SPAN_LIT("0123456789")));
    cr_expect_not(span_is_digits(EMPTY));
    cr_expect_not(span_is_digits(SPAN_LIT("1２")));
    cr_expect(span_is_alnum(SPAN_LIT("aZ9")));
    cr_expect_not(span_is_alnum(SPAN_LIT("a_b")));
    cr_expect_not(span_is_alnum(EMPTY));
}

/* Markus Kuhn's stress cases, by RFC 3629 4. */
Test(span, utf8_refuses_what_rfc_3629_refuses)
{
    static const char *const bad[] = {
        "\x80",             /* a continuation alone */
        "\xc0\xaf",         /* overlong slash, two bytes */
        "\xe0\x80\xaf",     /* overlong slash, three bytes */
        "\xf0\x80\x80\xaf", /* overlong slash, four bytes */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xfe",
        "\xff",
        "\xe4\xb8", /* ends inside a character */
        "a\xe4\xb8\x62",
        "\xc4\xe3", /* GBK */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_not(span_is_utf8(span_of(bad[i])), "case %zu", i);
    }
    cr_expect_not(span_is_utf8(span_make("a\0b", 3)), "NUL");
}

/* Texts are looked at eight bytes at a time. */
Test(span, utf8_is_told_wherever_in_a_text_it_stands)
{
    static const char *const odd[] = { "\x80", "\xc4\xe3", "\xe4\xb8",        "\xff",
                                       "证",   "\xc2\x80", "\xf4\x8f\xbf\xbf" };
    char text[64];
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        for (size_t at = 0; at < 24; at++) {
            size_t len = strlen(odd[i]);
            memset(text, at % 2 == 0 ? 0x7F : 0x01, sizeof(text));
            memcpy(text + at, odd[i], len);
            cr_expect_eq(span_is_utf8(span_make(text, at + len)), i >= 4, "case %zu at %zu", i, at);
            cr_expect_eq(span_is_utf8(span_make(text, at + len + 20)), i >= 4, "case %zu at %zu", i,
                         at);
        }
    }
    for (size_t at = 0; at < 24; at++) {
        memset(text, 'a', sizeof(text));
        text[at] = 0;
        cr_expect_not(span_is_utf8(span_make(text, 24)), "NUL at %zu", at);
    }
}

Test(span, utf8_takes_the_edges_of_every_form)
{
    static const char *const good[] = { "",
                                        "\x01\x7f",
                                        "\xc2\x80\xdf\xbf",
                                        "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
                                        "证书办理 CA" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_expect(span_is_utf8(span_of(good[i])), "case %zu", i);
    }
}
