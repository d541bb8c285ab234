/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <criterion/criterion.h>

static const struct template_value values[] = {
    { "name", SPAN("<b>\"A\" & 'B'</b>") },
    { "markup", SPAN("<i>x</i>") },
    { "empty", SPAN("") },
};

static enum err
render(const char *text, struct buf *out)
{
    return template_render(span_of(text), values, 3, out);
}

static void
expect(const char *text, const char *wanted)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(4096);
    cr_assert_eq(render(text, &out), ERR_OK, "%s", text);
    cr_assert(span_eq_cstr(buf_span(&out), wanted), "%s gave %.*s", text, SPAN_ARG(buf_span(&out)));
}

Test(template, values_are_escaped)
{
    expect("[{{name}}]", "[&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;]");
}

Test(template, trusted_markup_is_not_escaped)
{
    expect("[{{{markup}}}]", "[<i>x</i>]");
}

Test(template, sections_follow_emptiness)
{
    expect("{{#name}}a{{/name}}{{^name}}b{{/name}}", "a");
    expect("{{#empty}}a{{/empty}}{{^empty}}b{{/empty}}", "b");
    expect("{{#name}}1{{#empty}}2{{{markup}}}{{/empty}}3{{/name}}4", "134");
    expect("{{#empty}}{{^empty}}x{{/empty}}{{#name}}y{{/name}}{{/empty}}", "");
}

Test(template, comments_vanish)
{
    expect("a{{! name, markup }}b", "ab");
}

Test(template, plain_text_and_single_braces_stay)
{
    expect("", "");
    expect("a { b } {c", "a { b } {c");
}

Test(template, broken_templates_are_refused_and_leave_nothing)
{
    static const char *const broken[] = {
        "{{unknown}}",
        "x{{name",
        "{{{markup}}",
        "{{#name}}",
        "{{/name}}",
        "{{#name}}{{/markup}}",
        "{{#name}}{{^empty}}{{/name}}{{/empty}}",
        "{{#empty}}{{unknown}}{{/empty}}",
        "{{#name}}{{#name}}{{#name}}{{#name}}{{#name}}{{/name}}{{/name}}{{/name}}{{/name}}{{/name}}",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(4096);
        cr_assert_eq(render(broken[i], &out), ERR_INTERNAL, "%s", broken[i]);
        cr_assert_eq(out.len, 0);
    }
}

Test(template, a_full_buffer_is_reported)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(10);
    cr_assert_eq(render("{{name}}", &out), ERR_BUF_FULL);
    cr_assert_eq(out.len, 0);
}
