/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"

static void
object_init(struct body *body, struct body_object *object, struct json_t *node)
{
    *object = (struct body_object){ .body = body, .node = node };
}

enum err
body_open_text(struct span text, struct arena *arena, struct body *out, struct faults *faults)
{
    /* Reals are let in: whoever asks for the field they are in says that its type is wrong. */
    DEFER(json_free) struct json_t *tree = NULL;
    TRY(json_parse_named(text, &tree, faults));
    if (!json_node_is_object(tree)) {
        return ERR_JSON;
    }
    *out = (struct body){ .arena = arena, .faults = faults, .tree = tree };
    object_init(out, &out->root, tree);
    tree = NULL;
    return ERR_OK;
}

enum err
body_open(struct http_request *request, struct body *out, struct faults *faults)
{
    return body_open_text(request->body, request->arena, out, faults);
}

enum err
body_open_optional(struct http_request *request, struct body *out, struct faults *faults)
{
    if (!span_empty(request->body)) {
        return body_open(request, out, faults);
    }
    *out = (struct body){ .arena = request->arena, .faults = faults };
    TRY(json_new_object(&out->tree));
    object_init(out, &out->root, out->tree);
    return ERR_OK;
}

void
body_close(struct body *body)
{
    json_free(&body->tree);
}

void
body_fault(struct body_object *object, const char *name, enum err err)
{
    faults_add(object->body->faults, object->path, name, err);
}

static void
fail(struct body *body, enum err err)
{
    body->err = body->err == ERR_OK ? err : body->err;
}

/* The member, remembered as asked for; NULL when absent, which is a fault if it is required. */
static struct json_t *
ask(struct body_object *object, const char *name, bool required)
{
    if (object->asked_count == BODY_FIELDS_MAX) {
        fail(object->body, ERR_INTERNAL);
        return NULL;
    }
    object->asked[object->asked_count++] = name;
    if (object->node == NULL) {
        return NULL;
    }
    struct json_t *member = json_member(object->node, name);
    if (member == NULL && required) {
        body_fault(object, name, ERR_FIELD_MISSING);
    }
    return member;
}

/* A path that is too long is cut; it only serves people. */
static void
path_join(char out[FAULT_FIELD_MAX], const char *parent, const char *name)
{
    size_t len = 0;
    const char *const parts[] = { parent, parent[0] != 0 ? "." : "", name };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (const char *at = parts[i]; *at != 0 && len + 1 < FAULT_FIELD_MAX; at++) {
            out[len++] = *at;
        }
    }
    out[len] = 0;
}

static struct body_object *
object_ask(struct body_object *parent, const char *name, bool required)
{
    struct body *body = parent->body;
    struct json_t *node = ask(parent, name, required);
    if (node != NULL && !json_node_is_object(node)) {
        body_fault(parent, name, ERR_FIELD_TYPE);
        node = NULL;
    }
    /* One more than there is room for is our own mistake: read into the last and say so. */
    if (body->object_count == BODY_OBJECTS_MAX) {
        fail(body, ERR_INTERNAL);
        body->object_count--;
    }
    struct body_object *object = &body->objects[body->object_count++];
    object_init(body, object, node);
    path_join(object->path, parent->path, name);
    return object;
}

struct body_object *
body_object(struct body_object *parent, const char *name)
{
    return object_ask(parent, name, true);
}

struct body_object *
body_optional_object(struct body_object *parent, const char *name)
{
    return object_ask(parent, name, false);
}

bool
body_present(const struct body_object *object)
{
    return object->node != NULL;
}

static enum err
list_check(const struct json_t *node, size_t max)
{
    size_t count = json_node_is_array(node) ? json_count(node) : 0;
    if (!json_node_is_array(node)) {
        return ERR_FIELD_TYPE;
    }
    if (count == 0 || count > max) {
        return ERR_FIELD_LENGTH;
    }
    for (size_t i = 0; i < count; i++) {
        if (!json_node_is_object(json_element(node, i))) {
            return ERR_FIELD_TYPE;
        }
    }
    return ERR_OK;
}

static enum err
list_take(struct body_object *parent, const char *name, const struct json_t *node,
          struct body_object **out)
{
    struct body *body = parent->body;
    size_t count = json_count(node);
    void *memory = NULL;
    if (body->list_count == BODY_LISTS_MAX) {
        return ERR_INTERNAL;
    }
    TRY(arena_array(body->arena, count, sizeof(struct body_object), &memory));
    *out = memory;
    for (size_t i = 0; i < count; i++) {
        DEFER(buf_fini) struct buf number = BUF_MAX(FAULT_FIELD_MAX);
        char path[FAULT_FIELD_MAX];
        TRY(buf_i64(&number, (int64_t)i));
        TRY(buf_byte(&number, 0));
        object_init(body, &(*out)[i], json_element(node, i));
        path_join(path, parent->path, name);
        path_join((*out)[i].path, path, (const char *)number.at);
    }
    body->lists[body->list_count].at = *out;
    body->lists[body->list_count++].count = count;
    return ERR_OK;
}

size_t
body_optional_objects(struct body_object *parent, const char *name, size_t max,
                      struct body_object **list)
{
    const struct json_t *node = ask(parent, name, false);
    if (node == NULL) {
        return 0;
    }
    enum err err = list_check(node, max);
    if (err != ERR_OK) {
        body_fault(parent, name, err);
        return 0;
    }
    err = list_take(parent, name, node, list);
    if (err != ERR_OK) {
        fail(parent->body, err);
        return 0;
    }
    return json_count(node);
}

static bool
was_asked(const struct body_object *object, const char *name)
{
    for (size_t i = 0; i < object->asked_count; i++) {
        if (span_eq_cstr(span_of(name), object->asked[i])) {
            return true;
        }
    }
    return false;
}

static void
name_unknown(struct body_object *object)
{
    void *at = NULL;
    const char *name = NULL;
    struct json_t *value = NULL;
    while (object->node != NULL && json_each(object->node, &at, &name, &value)) {
        if (!was_asked(object, name)) {
            body_fault(object, name, ERR_FIELD_UNKNOWN);
        }
    }
}

enum err
body_verdict(struct body *body)
{
    TRY(body->err);
    name_unknown(&body->root);
    for (size_t i = 0; i < body->object_count; i++) {
        name_unknown(&body->objects[i]);
    }
    for (size_t i = 0; i < body->list_count; i++) {
        for (size_t k = 0; k < body->lists[i].count; k++) {
            name_unknown(&body->lists[i].at[k]);
        }
    }
    return faults_verdict(body->faults);
}

static void
string_read(struct body_object *object, const char *name, bool required, size_t min, size_t max,
            struct span *out)
{
    const struct json_t *node = ask(object, name, required);
    if (node == NULL) {
        return;
    }
    struct span value;
    enum err err = json_as_string(node, &value);
    if (err == ERR_OK && (value.len < min || value.len > max)) {
        err = ERR_FIELD_LENGTH;
    }
    if (err != ERR_OK) {
        body_fault(object, name, err);
        return;
    }
    err = arena_copy(object->body->arena, value, out);
    if (err != ERR_OK) {
        fail(object->body, err);
    }
}

void
body_string(struct body_object *object, const char *name, size_t min, size_t max, struct span *out)
{
    string_read(object, name, true, min, max, out);
}

void
body_optional_string(struct body_object *object, const char *name, size_t min, size_t max,
                     struct span *out)
{
    string_read(object, name, false, min, max, out);
}

static enum err
strings_copy(struct arena *arena, const struct json_t *node, size_t max, struct span *list)
{
    size_t count = json_node_is_array(node) ? json_count(node) : 0;
    if (!json_node_is_array(node)) {
        return ERR_FIELD_TYPE;
    }
    if (count == 0 || count > max) {
        return ERR_FIELD_LENGTH;
    }
    for (size_t i = 0; i < count; i++) {
        struct span value;
        TRY(json_as_string(json_element(node, i), &value));
        TRY(arena_copy(arena, value, &list[i]));
    }
    return ERR_OK;
}

void
body_optional_strings(struct body_object *object, const char *name, struct span *list, size_t max,
                      size_t *count)
{
    const struct json_t *node = ask(object, name, false);
    if (node == NULL) {
        return;
    }
    enum err err = strings_copy(object->body->arena, node, max, list);
    if (err == ERR_FIELD_TYPE || err == ERR_FIELD_LENGTH) {
        body_fault(object, name, err);
    } else if (err != ERR_OK) {
        fail(object->body, err);
    } else {
        *count = json_count(node);
    }
}

static void
i64_read(struct body_object *object, const char *name, bool required, int64_t min, int64_t max,
         int64_t *out)
{
    const struct json_t *node = ask(object, name, required);
    if (node == NULL) {
        return;
    }
    int64_t value;
    enum err err = json_as_i64(node, &value);
    if (err == ERR_OK && (value < min || value > max)) {
        err = ERR_FIELD_VALUE;
    }
    if (err != ERR_OK) {
        body_fault(object, name, err);
        return;
    }
    *out = value;
}

void
body_i64(struct body_object *object, const char *name, int64_t min, int64_t max, int64_t *out)
{
    i64_read(object, name, true, min, max, out);
}

void
body_optional_i64(struct body_object *object, const char *name, int64_t min, int64_t max,
                  int64_t *out)
{
    i64_read(object, name, false, min, max, out);
}

static void
bool_read(struct body_object *object, const char *name, bool required, bool *out)
{
    if (ask(object, name, required) != NULL) {
        body_fault(object, name, json_get_bool(object->node, name, out));
    }
}

void
body_bool(struct body_object *object, const char *name, bool *out)
{
    bool_read(object, name, true, out);
}

void
body_optional_bool(struct body_object *object, const char *name, bool *out)
{
    bool_read(object, name, false, out);
}

static void
time_read(struct body_object *object, const char *name, bool required, struct wall_time *out)
{
    const struct json_t *node = ask(object, name, required);
    if (node == NULL) {
        return;
    }
    struct span text;
    enum err err = json_as_string(node, &text);
    if (err == ERR_OK && wall_parse(text, out) != ERR_OK) {
        err = ERR_FIELD_VALUE;
    }
    body_fault(object, name, err);
}

void
body_time(struct body_object *object, const char *name, struct wall_time *out)
{
    time_read(object, name, true, out);
}

void
body_optional_time(struct body_object *object, const char *name, struct wall_time *out)
{
    time_read(object, name, false, out);
}
