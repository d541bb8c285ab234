/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include "check.h"

#define ARENA_MAX ((size_t)64 * 1024)

Test(form, what_cannot_be_decoded_leaves_the_fields_alone)
{
    static const struct {
        const char *body;
        enum err err;
    } rows[] = {
        { "x=1&a=%zz", ERR_ENCODING },       { "x=1&a=%4", ERR_ENCODING },
        { "x=1&=2", ERR_ENCODING },          { "x=1&x=2", ERR_FIELD_REPEATED },
        { "x=1&%78=2", ERR_FIELD_REPEATED },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(arena_free) struct arena *arena = NULL;
        struct adapter_fields fields = { .count = 0 };
        CHECK_OK(arena_new(ARENA_MAX, &arena));
        CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("kept"), SPAN_LIT("value")));
        CHECK_ERR(form_decode(span_of(rows[i].body), arena, &fields), rows[i].err);
        cr_expect_eq(fields.count, 1);
        CHECK_TEXT(adapter_fields_get(&fields, "kept"), "value");
    }
}

Test(form, a_body_replaces_what_was_there)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct adapter_fields fields = { .count = 0 };
    CHECK_OK(arena_new(ARENA_MAX, &arena));
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("old"), SPAN_LIT("value")));
    CHECK_OK(form_decode(SPAN_LIT("a=%E4%B8%AD+%2B&b=&c"), arena, &fields));
    cr_expect_eq(fields.count, 3);
    CHECK_TEXT(adapter_fields_get(&fields, "a"), "中 +");
    cr_expect(span_empty(adapter_fields_get(&fields, "old")));
    CHECK_OK(form_decode(SPAN_LIT(""), arena, &fields));
    cr_expect_eq(fields.count, 0);
}
