/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts. What is parsed and written reads back as the same text; the three parsers agree; nesting is judged
 * by a count of brackets made here. */
#include "json.h"

#include <string.h>

#include "fuzz.h"

#define TEXT_MAX ((size_t)8 * 1024 * 1024)

static void
encode(const struct json_t *node, struct buf *out)
{
    buf_init(out, TEXT_MAX);
    FUZZ_DEMAND(json_encode(node, out) == ERR_OK);
    FUZZ_DEMAND(span_is_utf8(buf_span(out)));
}

static void
check_ascii(const struct json_t *node, struct span want)
{
    DEFER(buf_fini) struct buf ascii = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf again = BUF_MAX(0);
    DEFER(json_free) struct json_t *read = NULL;
    FUZZ_DEMAND(json_encode_ascii(node, &ascii) == ERR_OK);
    for (size_t i = 0; i < ascii.len; i++) {
        FUZZ_DEMAND(ascii.at[i] < 0x80);
    }
    FUZZ_DEMAND(json_parse(buf_span(&ascii), &read) == ERR_OK);
    encode(read, &again);
    FUZZ_DEMAND(span_eq(buf_span(&again), want));
}

static void
check_pretty(const struct json_t *node, struct span want)
{
    DEFER(buf_fini) struct buf pretty = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf again = BUF_MAX(0);
    DEFER(json_free) struct json_t *read = NULL;
    FUZZ_DEMAND(json_encode_pretty(node, &pretty) == ERR_OK);
    FUZZ_DEMAND(json_parse(buf_span(&pretty), &read) == ERR_OK);
    encode(read, &again);
    FUZZ_DEMAND(span_eq(buf_span(&again), want));
}

/* Deepest nesting in what a strict writer wrote. */
static int
depth_of(struct span text)
{
    int depth = 0;
    int deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[')) {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if (!quoted && (c == '}' || c == ']')) {
            depth--;
        }
    }
    FUZZ_DEMAND(depth == 0 && !quoted);
    return deepest;
}

static void
visit(struct json_t *node)
{
    void *at = NULL;
    const char *name = NULL;
    struct json_t *value = NULL;
    struct span text;
    size_t count = 0;
    while (json_node_is_object(node) && json_each(node, &at, &name, &value)) {
        FUZZ_DEMAND(span_is_utf8(span_of(name)));
        struct json_t *member = json_member(node, name);
        FUZZ_DEMAND(member == NULL || member == value);
        enum err err = json_get_string(node, name, &text);
        FUZZ_DEMAND(err == ERR_OK || err == ERR_FIELD_TYPE
                    || (err == ERR_FIELD_MISSING && member == NULL));
        visit(value);
        count++;
    }
    for (; json_node_is_array(node) && count < json_count(node); count++) {
        visit(json_element(node, count));
    }
    FUZZ_DEMAND(count == json_count(node));
    if (json_as_string(node, &text) == ERR_OK) {
        FUZZ_DEMAND(span_is_utf8(text));
    }
}

static void
check_tree(struct json_t *root)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    DEFER(buf_fini) struct buf again = BUF_MAX(0);
    DEFER(json_free) struct json_t *read = NULL;
    FUZZ_DEMAND(json_node_is_object(root) || json_node_is_array(root));
    visit(root);
    encode(root, &text);
    FUZZ_DEMAND(depth_of(buf_span(&text)) <= JSON_DEPTH_MAX);
    FUZZ_DEMAND(json_parse(buf_span(&text), &read) == ERR_OK);
    encode(read, &again);
    FUZZ_DEMAND(span_eq(buf_span(&text), buf_span(&again)));
    check_ascii(root, buf_span(&text));
    check_pretty(root, buf_span(&text));
}

static void
check_named(struct span text, bool lenient)
{
    DEFER(json_free) struct json_t *named = NULL;
    struct faults faults = { .count = 0 };
    enum err err = json_parse_named(text, &named, &faults);
    FUZZ_DEMAND((err == ERR_OK) == lenient);
    FUZZ_DEMAND((named != NULL) == lenient);
    FUZZ_DEMAND(err != ERR_OK || faults.count == 0);
    for (size_t i = 0; i < faults.count; i++) {
        size_t len = strnlen(faults.list[i].field, FAULT_FIELD_MAX);
        FUZZ_DEMAND(len < FAULT_FIELD_MAX);
        FUZZ_DEMAND(len == 0 || span_is_utf8(span_make(faults.list[i].field, len)));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make(data, size);
    DEFER(json_free) struct json_t *strict = NULL;
    DEFER(json_free) struct json_t *lenient = NULL;
    bool is_strict = json_parse(text, &strict) == ERR_OK;
    bool is_lenient = json_parse_lenient(text, &lenient) == ERR_OK;
    FUZZ_DEMAND((strict != NULL) == is_strict && (lenient != NULL) == is_lenient);
    FUZZ_DEMAND(!is_strict || is_lenient);
    check_named(text, is_lenient);
    if (is_strict) {
        check_tree(strict);
    } else if (is_lenient) {
        visit(lenient);
    }
    return 0;
}
