/* SPDX-License-Identifier: Apache-2.0 */
/* Places of bytes in a text are those that a look at each byte finds. */
#include "marks.h"

#include "check.h"

#define TEXT_MAX 150

static const unsigned char wanted[4] = { 'a', ',', 'b', '\n' };

Test(marks, each_place_is_found_whatever_is_before_it)
{
    for (size_t at = 0; at < TEXT_MAX; at++) {
        for (size_t from = 0; from <= at; from++) {
            unsigned char text[TEXT_MAX + 1];
            memset(text, 'x', sizeof(text));
            text[at] = wanted[at % 4];
            text[TEXT_MAX] = 'b';
            struct marks marks = marks_of(span_make(text, sizeof(text)), from, wanted);
            cr_assert_eq(marks_next(&marks), at);
            cr_assert_eq(marks_next(&marks), TEXT_MAX);
            cr_assert_eq(marks_next(&marks), TEXT_MAX + 1, "and then no more");
        }
    }
}

Test(marks, places_side_by_side_are_all_found)
{
    unsigned char text[TEXT_MAX];
    for (size_t i = 0; i < TEXT_MAX; i++) {
        text[i] = wanted[i % 4];
    }
    struct marks marks = marks_of(span_make(text, TEXT_MAX), 0, wanted);
    for (size_t i = 0; i <= TEXT_MAX; i++) {
        cr_assert_eq(marks_next(&marks), i);
    }
}

Test(marks, the_first_place_of_either_byte)
{
    for (size_t at = 0; at <= TEXT_MAX; at++) {
        unsigned char text[TEXT_MAX];
        memset(text, 'x', sizeof(text));
        if (at < TEXT_MAX) {
            text[at] = at % 2 == 0 ? ',' : '\n';
        }
        for (size_t from = 0; from <= at; from++) {
            cr_assert_eq(marks_first(span_make(text, TEXT_MAX), from, ',', '\n'), at);
            cr_assert_eq(marks_first(span_make(text, at), from, ',', '\n'), at, "not in the text");
        }
    }
}
