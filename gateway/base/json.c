/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define NODES_INDENT  2
#define RESERVE_BYTES ((size_t)256 * 1024)

/* Before main, while the random device can still be opened: the seed is what keeps hostile names
 * from all falling into one bucket. */
__attribute__((constructor)) static void
seed_hashes(void)
{
    json_object_seed(0);
}

static bool
too_deep(struct span text)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        if (depth > JSON_DEPTH_MAX) {
            return true;
        }
    }
    return false;
}

static bool has_real(const json_t *node);

static bool
member_has_real(const json_t *node)
{
    const char *name;
    json_t *value;
    /* jansson's iterator takes a plain pointer but only reads. */
    json_object_foreach((json_t *)(uintptr_t)node, name, value)
    {
        if (has_real(value)) {
            return true;
        }
    }
    return false;
}

static bool
has_real(const json_t *node)
{
    for (size_t i = 0; json_is_array(node) && i < json_array_size(node); i++) {
        if (has_real(json_array_get(node, i))) {
            return true;
        }
    }
    return json_is_real(node) || (json_is_object(node) && member_has_real(node));
}

/* jansson's scanner forgets a byte that it has no memory to keep, and then runs past the end of what
 * it kept. While it parses it is therefore never refused: a reserve helps out, and what was parsed
 * with its help is dropped. */
static struct {
    alignas(max_align_t) unsigned char bytes[RESERVE_BYTES];
    size_t used;
    bool parsing;
    bool touched;
} reserve;

static void *
reserve_take(size_t size)
{
    if (size > RESERVE_BYTES - reserve.used) {
        abort(); /* the process starts again; a heap that was written over would not */
    }
    void *at = reserve.bytes + reserve.used;
    size_t end = reserve.used + size + alignof(max_align_t) - 1;
    end -= end % alignof(max_align_t);
    reserve.used = end < RESERVE_BYTES ? end : RESERVE_BYTES;
    reserve.touched = true;
    return at;
}

static void *
take(size_t size)
{
    void *at = malloc(size);
    return at == NULL && reserve.parsing ? reserve_take(size) : at;
}

static void
give_back(void *at)
{
    uintptr_t address = (uintptr_t)at;
    uintptr_t first = (uintptr_t)reserve.bytes;
    if (address < first || address >= first + RESERVE_BYTES) {
        free(at);
    }
}

__attribute__((constructor)) static void
use_reserve(void)
{
    json_set_alloc_funcs(take, give_back);
}

/* NULL when the text is no JSON, or when there was no memory for it. */
static json_t *
load(struct span text, json_error_t *where)
{
    reserve.used = 0;
    reserve.touched = false;
    reserve.parsing = true;
    json_t *root = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, where);
    reserve.parsing = false;
    if (reserve.touched) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static enum err
fault_kind(const json_error_t *where)
{
    static const struct {
        enum json_error_code code;
        enum err err;
    } rows[] = {
        { json_error_duplicate_key, ERR_FIELD_REPEATED },
        { json_error_numeric_overflow, ERR_NUMBER },
        { json_error_invalid_utf8, ERR_ENCODING },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == json_error_code(where)) {
            return rows[i].err;
        }
    }
    return ERR_JSON;
}

enum err
json_parse_named(struct span text, struct json_t **out, struct faults *faults)
{
    if (too_deep(text)) {
        return ERR_JSON_DEPTH;
    }
    json_error_t where;
    json_t *root = load(text, &where);
    if (root == NULL && reserve.touched) {
        return ERR_NO_MEMORY;
    }
    if (root == NULL) {
        char path[FAULT_FIELD_MAX];
        size_t stop = where.position < 0 ? 0 : (size_t)where.position;
        json_path(span_sub(text, 0, stop), path);
        if (path[0] != 0) {
            faults_add(faults, "", path, fault_kind(&where));
        }
        return fault_kind(&where) == ERR_ENCODING ? ERR_ENCODING : ERR_JSON;
    }
    *out = root;
    return ERR_OK;
}

static enum err
parse(struct span text, bool lenient, struct json_t **out)
{
    if (too_deep(text)) {
        return ERR_JSON_DEPTH;
    }
    json_error_t where;
    json_t *root = load(text, &where);
    if (root == NULL) {
        return reserve.touched ? ERR_NO_MEMORY : ERR_JSON;
    }
    if (!lenient && has_real(root)) {
        json_decref(root);
        return ERR_JSON;
    }
    *out = root;
    return ERR_OK;
}

enum err
json_parse(struct span text, struct json_t **out)
{
    return parse(text, false, out);
}

enum err
json_parse_lenient(struct span text, struct json_t **out)
{
    return parse(text, true, out);
}

void
json_free(struct json_t **node)
{
    if (node != NULL && *node != NULL) {
        json_decref(*node);
        *node = NULL;
    }
}

bool
json_node_is_object(const struct json_t *node)
{
    return node != NULL && json_is_object(node);
}

bool
json_node_is_array(const struct json_t *node)
{
    return node != NULL && json_is_array(node);
}

size_t
json_count(const struct json_t *node)
{
    return json_is_array(node) ? json_array_size(node) : json_object_size(node);
}

struct json_t *
json_member(const struct json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}

struct json_t *
json_element(const struct json_t *array, size_t index)
{
    return json_array_get(array, index);
}

bool
json_each(struct json_t *object, void **at, const char **name, struct json_t **value)
{
    *at = *at == NULL ? json_object_iter(object) : json_object_iter_next(object, *at);
    if (*at == NULL) {
        return false;
    }
    *name = json_object_iter_key(*at);
    *value = json_object_iter_value(*at);
    return true;
}

enum err
json_as_string(const struct json_t *node, struct span *out)
{
    if (!json_is_string(node)) {
        return ERR_FIELD_TYPE;
    }
    *out = span_make(json_string_value(node), json_string_length(node));
    return ERR_OK;
}

enum err
json_as_i64(const struct json_t *node, int64_t *out)
{
    if (!json_is_integer(node)) {
        return ERR_FIELD_TYPE;
    }
    *out = json_integer_value(node);
    return ERR_OK;
}

static enum err
find(const struct json_t *object, const char *name, const json_t **out)
{
    *out = json_member(object, name);
    return *out == NULL ? ERR_FIELD_MISSING : ERR_OK;
}

enum err
json_get_string(const struct json_t *object, const char *name, struct span *out)
{
    const json_t *node;
    TRY(find(object, name, &node));
    return json_as_string(node, out);
}

enum err
json_get_i64(const struct json_t *object, const char *name, int64_t *out)
{
    const json_t *node;
    TRY(find(object, name, &node));
    return json_as_i64(node, out);
}

enum err
json_get_bool(const struct json_t *object, const char *name, bool *out)
{
    const json_t *node;
    TRY(find(object, name, &node));
    if (!json_is_boolean(node)) {
        return ERR_FIELD_TYPE;
    }
    *out = json_is_true(node);
    return ERR_OK;
}

enum err
json_new_object(struct json_t **out)
{
    json_t *node = json_object();
    if (node == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = node;
    return ERR_OK;
}

enum err
json_new_array(struct json_t **out)
{
    json_t *node = json_array();
    if (node == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = node;
    return ERR_OK;
}

enum err
json_put(struct json_t *parent, const char *name, struct json_t *value)
{
    if (value == NULL) {
        return ERR_NO_MEMORY;
    }
    int failed = json_is_array(parent) ? json_array_append_new(parent, value)
                                       : json_object_set_new(parent, name, value);
    return failed == 0 ? ERR_OK : ERR_NO_MEMORY;
}

enum err
json_put_string(struct json_t *parent, const char *name, struct span value)
{
    if (!span_is_utf8(value)) {
        return ERR_ENCODING;
    }
    const char *at = value.len == 0 ? "" : (const char *)value.at;
    return json_put(parent, name, json_stringn(at, value.len));
}

enum err
json_put_text(struct json_t *parent, const char *name, const char *value)
{
    return json_put_string(parent, name, span_of(value));
}

enum err
json_put_i64(struct json_t *parent, const char *name, int64_t value)
{
    return json_put(parent, name, json_integer(value));
}

enum err
json_put_bool(struct json_t *parent, const char *name, bool value)
{
    return json_put(parent, name, json_boolean(value));
}

enum err
json_put_null(struct json_t *parent, const char *name)
{
    return json_put(parent, name, json_null());
}

enum err
json_put_string_or_null(struct json_t *parent, const char *name, struct span value)
{
    return span_empty(value) ? json_put_null(parent, name) : json_put_string(parent, name, value);
}

struct sink {
    struct buf *out;
    enum err err;
};

static int
collect(const char *text, size_t len, void *context)
{
    struct sink *sink = context;
    if (sink->err == ERR_OK) {
        sink->err = buf_append(sink->out, span_make(text, len));
    }
    return sink->err == ERR_OK ? 0 : -1;
}

static enum err
encode(const struct json_t *node, size_t flags, struct buf *out)
{
    struct sink sink = { .out = out, .err = ERR_OK };
    size_t before = out->len;
    int failed = json_dump_callback(node, collect, &sink, flags | JSON_ENCODE_ANY);
    /* jansson 2.14 goes on after a name that did not fit, so its own verdict is not enough. */
    if (failed != 0 || sink.err != ERR_OK) {
        out->len = before;
        return sink.err == ERR_OK ? ERR_NO_MEMORY : sink.err;
    }
    return ERR_OK;
}

enum err
json_encode(const struct json_t *node, struct buf *out)
{
    return encode(node, JSON_COMPACT, out);
}

enum err
json_encode_ascii(const struct json_t *node, struct buf *out)
{
    return encode(node, JSON_COMPACT | JSON_ENSURE_ASCII, out);
}

enum err
json_encode_pretty(const struct json_t *node, struct buf *out)
{
    size_t before = out->len;
    TRY(encode(node, JSON_INDENT(NODES_INDENT), out));
    enum err err = buf_byte(out, '\n');
    out->len = err == ERR_OK ? out->len : before;
    return err;
}
