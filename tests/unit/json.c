/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <string.h>

#include "check.h"

Test(json, text_that_is_not_strict_json_is_refused)
{
    static const char *const bad[] = {
        "",
        "{",
        "{}x",
        "{} {}",
        "42",
        "\"text\"",
        "null",
        "{\"a\":1,\"a\":2}",         /* a name twice */
        "{\"o\":{\"a\":1,\"a\":1}}", /* also deeper */
        "{\"a\":1.5}",
        "{\"a\":1.0}",
        "{\"a\":1e3}",
        "[[0.1]]",
        "{\"a\":[{\"b\":2.5}]}",
        "{\"a\":9223372036854775808}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xed\xa0\x80\"}", /* a surrogate */
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"line\nbreak\"}",
        "\xef\xbb\xbf{}", /* a byte order mark */
        "{} // note",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct json_t *root = NULL;
        CHECK_ERR(json_parse(span_of(bad[i]), &root), ERR_JSON);
        cr_expect_null(root, "%s", bad[i]);
    }
    struct json_t *root = NULL;
    CHECK_ERR(json_parse(span_make("{}\0", 3), &root), ERR_JSON);
}

static void
nest(struct buf *out, int depth, const char *inner)
{
    for (int i = 0; i < depth; i++) {
        CHECK_OK(buf_byte(out, '['));
    }
    CHECK_OK(buf_text(out, inner));
    for (int i = 0; i < depth; i++) {
        CHECK_OK(buf_byte(out, ']'));
    }
}

Test(json, depth_has_a_limit)
{
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)1 << 20);
    struct json_t *root = NULL;
    nest(&text, JSON_DEPTH_MAX + 1, "");
    CHECK_ERR(json_parse(buf_span(&text), &root), ERR_JSON_DEPTH);
    CHECK_ERR(json_parse_lenient(buf_span(&text), &root), ERR_JSON_DEPTH);
    buf_reset(&text);
    nest(&text, 100000, "");
    CHECK_ERR(json_parse(buf_span(&text), &root), ERR_JSON_DEPTH);
    buf_reset(&text);
    nest(&text, JSON_DEPTH_MAX, "\"[[[[ \\\" [[[[\"");
    CHECK_OK(json_parse(buf_span(&text), &root));
    json_free(&root);
    cr_expect_null(root);
}

Test(json, getters_tell_absence_from_a_wrong_type)
{
    struct json_t *root = NULL;
    struct span s = SPAN("kept");
    int64_t n = 7;
    bool b = true;
    CHECK_OK(json_parse(SPAN_LIT("{\"s\":\"x\",\"n\":-5,\"b\":false,\"z\":null,\"a\":[]}"), &root));
    CHECK_ERR(json_get_string(root, "none", &s), ERR_FIELD_MISSING);
    CHECK_ERR(json_get_string(root, "z", &s), ERR_FIELD_MISSING);
    CHECK_ERR(json_get_string(root, "n", &s), ERR_FIELD_TYPE);
    CHECK_ERR(json_get_i64(root, "s", &n), ERR_FIELD_TYPE);
    CHECK_ERR(json_get_i64(root, "b", &n), ERR_FIELD_TYPE);
    CHECK_ERR(json_get_bool(root, "n", &b), ERR_FIELD_TYPE);
    CHECK_ERR(json_get_bool(json_member(root, "a"), "n", &b), ERR_FIELD_MISSING);
    CHECK_TEXT(s, "kept");
    cr_expect(n == 7 && b);
    CHECK_OK(json_get_string(root, "s", &s));
    CHECK_TEXT(s, "x");
    CHECK_OK(json_get_i64(root, "n", &n));
    CHECK_OK(json_get_bool(root, "b", &b));
    cr_expect(n == -5 && !b);
    cr_expect_null(json_member(root, "z"));
    cr_expect(json_node_is_array(json_member(root, "a")) && json_node_is_object(root));
    cr_expect_not(json_node_is_array(NULL) || json_node_is_object(NULL));
    json_free(&root);
}

Test(json, lenient_answers_keep_reals_out_of_reach)
{
    struct json_t *root = NULL;
    int64_t n = 7;
    struct span s = SPAN("kept");
    CHECK_ERR(json_parse_lenient(SPAN_LIT("{\"a\":1,\"a\":1}"), &root), ERR_JSON);
    CHECK_OK(json_parse_lenient(SPAN_LIT("{\"rate\":0.6,\"n\":3}"), &root));
    CHECK_ERR(json_get_i64(root, "rate", &n), ERR_FIELD_TYPE);
    CHECK_ERR(json_get_string(root, "rate", &s), ERR_FIELD_TYPE);
    cr_expect_eq(n, 7);
    CHECK_OK(json_get_i64(root, "n", &n));
    cr_expect_eq(n, 3);
    json_free(&root);
}

Test(json, members_come_in_order_of_appearance)
{
    struct json_t *root = NULL;
    CHECK_OK(json_parse(SPAN_LIT("{\"z\":1,\"a\":2,\"m\":null,\"b\":4}"), &root));
    DEFER(buf_fini) struct buf order = BUF_MAX(16);
    void *at = NULL;
    const char *name = NULL;
    struct json_t *value = NULL;
    while (json_each(root, &at, &name, &value)) {
        CHECK_OK(buf_text(&order, name));
    }
    CHECK_TEXT(buf_span(&order), "zamb");
    cr_expect_eq(json_count(root), 4);
    json_free(&root);
}

Test(json, whole_range_of_integers_is_exact)
{
    struct json_t *root = NULL;
    int64_t n = 0;
    CHECK_OK(json_parse(SPAN_LIT("[9223372036854775807,-9223372036854775808]"), &root));
    CHECK_OK(json_as_i64(json_element(root, 0), &n));
    cr_expect_eq(n, INT64_MAX);
    CHECK_OK(json_as_i64(json_element(root, 1), &n));
    cr_expect_eq(n, INT64_MIN);
    cr_expect_null(json_element(root, 2));
    json_free(&root);
}

static struct json_t *
sample(void)
{
    struct json_t *root = NULL;
    struct json_t *list = NULL;
    CHECK_OK(json_new_object(&root));
    CHECK_OK(json_new_array(&list));
    CHECK_OK(json_put_i64(list, NULL, -1));
    CHECK_OK(json_put_null(list, NULL));
    CHECK_OK(json_put_text(root, "name", "证书\"\n"));
    CHECK_OK(json_put(root, "list", list));
    CHECK_OK(json_put_bool(root, "ok", true));
    CHECK_OK(json_put_string(root, "empty", span_of(NULL)));
    return root;
}

Test(json, text_is_compact_and_in_order_of_insertion)
{
    struct json_t *root = sample();
    DEFER(buf_fini) struct buf out = BUF_MAX(256);
    CHECK_OK(json_encode(root, &out));
    CHECK_TEXT(buf_span(&out),
               "{\"name\":\"证书\\\"\\n\",\"list\":[-1,null],\"ok\":true,\"empty\":\"\"}");
    json_free(&root);
}

Test(json, ascii_text_escapes_everything_above_7f)
{
    struct json_t *root = NULL;
    DEFER(buf_fini) struct buf out = BUF_MAX(256);
    CHECK_OK(json_new_object(&root));
    CHECK_OK(json_put_text(root, "a", "证\U0001F600"));
    CHECK_OK(json_encode_ascii(root, &out));
    CHECK_TEXT(buf_span(&out), "{\"a\":\"\\u8BC1\\uD83D\\uDE00\"}");
    json_free(&root);
}

Test(json, pretty_text_indents_by_two)
{
    struct json_t *root = NULL;
    DEFER(buf_fini) struct buf out = BUF_MAX(256);
    CHECK_OK(json_new_object(&root));
    CHECK_OK(json_put_i64(root, "a", 1));
    CHECK_OK(json_encode_pretty(root, &out));
    CHECK_TEXT(buf_span(&out), "{\n  \"a\": 1\n}\n");
    json_free(&root);
}

Test(json, text_that_does_not_fit_leaves_the_buffer_as_it_was)
{
    struct json_t *root = sample();
    for (size_t max = 3; max < 60; max++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(max);
        CHECK_OK(buf_text(&out, "abc"));
        CHECK_ERR(json_encode(root, &out), ERR_BUF_FULL);
        CHECK_TEXT(buf_span(&out), "abc");
    }
    struct json_t *small = NULL;
    CHECK_OK(json_new_array(&small));
    DEFER(buf_fini) struct buf tight = BUF_MAX(2);
    CHECK_ERR(json_encode_pretty(small, &tight), ERR_BUF_FULL);
    cr_expect_eq(tight.len, 0);
    json_free(&small);
    json_free(&root);
}

Test(json, strings_that_are_not_utf8_are_not_stored)
{
    struct json_t *root = NULL;
    CHECK_OK(json_new_object(&root));
    CHECK_ERR(json_put_text(root, "a", "\xff"), ERR_ENCODING);
    CHECK_ERR(json_put_string(root, "a", span_make("a\0b", 3)), ERR_ENCODING);
    CHECK_ERR(json_put(root, "a", NULL), ERR_NO_MEMORY);
    cr_expect_eq(json_count(root), 0);
    json_free(&root);
    json_free(&root);
    json_free(NULL);
}
