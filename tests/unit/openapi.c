/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "http.h"
#include "json.h"

/* docs/openapi.yaml against routes.def: a plain scan of its lines, whose layout is two blanks for a
 * path, four for a method, six for an operation's fields. */

#define DOCUMENT_MAX_BYTES ((size_t)1024 * 1024)

static const struct http_route routes[] = {
#define ROUTE(door_, method_, pattern_, name_, signed_, idempotent_, roles_) \
    { .door = HTTP_DOOR_##door_,                                             \
      .method = HTTP_##method_,                                              \
      .pattern = (pattern_),                                                 \
      .name = #name_,                                                        \
      .needs_signature = (signed_),                                          \
      .needs_idempotency = (idempotent_),                                    \
      .roles = HTTP_ROLES_##roles_,                                          \
      .handler = NULL },
#include "routes.def"
#undef ROUTE
};

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static struct buf document;

static void
set_up(void)
{
    char path[512];
    const char *source = getenv("TALLYGATE_SOURCE_DIR");
    (void)snprintf(path, sizeof(path), "%s/docs/openapi.yaml", source != NULL ? source : ".");
    buf_init(&document, DOCUMENT_MAX_BYTES);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    unsigned char *room = NULL;
    cr_assert_eq(buf_reserve(&document, DOCUMENT_MAX_BYTES - 16, &room), ERR_OK);
    buf_grew(&document, fread(room, 1, DOCUMENT_MAX_BYTES - 16, file));
    (void)fclose(file);
}

static void
tear_down(void)
{
    buf_fini(&document);
}

TestSuite(openapi, .init = set_up, .fini = tear_down);

struct operation {
    struct span path;
    struct span method;
    struct span name;    /* operationId */
    struct span example; /* x-example */
    struct span body;    /* the example of the request body */
    bool keyed;          /* asks for an Idempotency-Key */
    bool unsigned_;
};

static bool
value_of(struct span line, const char *field, struct span *out)
{
    if (!span_starts(line, span_of(field))) {
        return false;
    }
    *out = span_sub(line, span_of(field).len, line.len);
    return true;
}

/* The next operation from *at on; false at the end. */
static bool
next_operation(struct span *at, struct span *path, struct operation *out)
{
    bool inside = false;
    bool answers = false;
    *out = (struct operation){ .keyed = false };
    while (!span_empty(*at)) {
        struct span before = *at;
        struct span line;
        struct span ignored;
        (void)span_cut(at, '\n', &line);
        bool path_line = span_starts(line, SPAN_LIT("  /"));
        bool method_line = line.len > 4 && span_starts(line, SPAN_LIT("    ")) && line.at[4] != ' '
                           && span_ends(line, SPAN_LIT(":")) && !span_empty(*path);
        bool end = span_starts(line, SPAN_LIT("components:"));
        if (inside && (path_line || method_line || end)) {
            *at = before;
            return true;
        }
        if (end) {
            *path = SPAN_LIT("");
            return false;
        }
        if (path_line) {
            *path = span_sub(line, 2, line.len - 3);
        } else if (method_line) {
            inside = true;
            out->path = *path;
            out->method = span_sub(line, 4, line.len - 5);
        }
        (void)value_of(line, "      operationId: ", &out->name);
        (void)value_of(line, "      x-example: ", &out->example);
        answers = answers || span_starts(line, SPAN_LIT("      responses:"));
        if (!answers) {
            (void)value_of(line, "            example: ", &out->body);
        }
        out->unsigned_ = out->unsigned_ || value_of(line, "      security: []", &ignored);
        out->keyed =
            out->keyed || span_find(line, SPAN_LIT("parameters/IdempotencyKey")) < line.len;
    }
    return inside;
}

static const struct http_route *
route_of(const struct operation *operation)
{
    static const char *const methods[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "get",       [HTTP_POST] = "post", [HTTP_PUT] = "put",
        [HTTP_DELETE] = "delete", [HTTP_HEAD] = "head", [HTTP_METHOD_NONE] = "none",
    };
    for (size_t i = 0; i < ROUTES; i++) {
        if (routes[i].door == HTTP_DOOR_API && span_eq_cstr(operation->path, routes[i].pattern)
            && span_eq_cstr(operation->method, methods[routes[i].method])) {
            return &routes[i];
        }
    }
    return NULL;
}

Test(openapi, every_operation_is_a_route_with_the_same_rules)
{
    struct span at = buf_span(&document);
    struct span path = SPAN("");
    struct operation operation;
    size_t count = 0;
    while (next_operation(&at, &path, &operation)) {
        const struct http_route *route = route_of(&operation);
        cr_assert_not_null(route, "%.*s %.*s", SPAN_ARG(operation.method),
                           SPAN_ARG(operation.path));
        cr_assert(span_eq_cstr(operation.name, route->name), "%s", route->name);
        cr_assert(span_eq_cstr(operation.example, route->name), "%s", route->name);
        cr_assert_eq(operation.keyed, route->needs_idempotency, "%s", route->name);
        cr_assert_eq(operation.unsigned_, !route->needs_signature, "%s", route->name);
        count++;
    }
    cr_assert_gt(count, 0);
}

Test(openapi, every_route_of_the_api_door_is_an_operation)
{
    for (size_t i = 0; i < ROUTES; i++) {
        struct span at = buf_span(&document);
        struct span path = SPAN("");
        struct operation operation;
        bool found = routes[i].door != HTTP_DOOR_API;
        while (!found && next_operation(&at, &path, &operation)) {
            found = route_of(&operation) == &routes[i];
        }
        cr_assert(found, "%s is not described", routes[i].name);
    }
}

Test(openapi, examples_of_request_bodies_are_json)
{
    struct span at = buf_span(&document);
    struct span path = SPAN("");
    struct operation operation;
    size_t count = 0;
    while (next_operation(&at, &path, &operation)) {
        struct json_t *tree = NULL;
        if (!span_empty(operation.body)) {
            cr_assert_eq(json_parse(operation.body, &tree), ERR_OK, "%.*s",
                         SPAN_ARG(operation.name));
            json_free(&tree);
            count++;
        }
    }
    cr_assert_geq(count, 3);
}

Test(openapi, every_problem_code_in_it_is_one_of_ours)
{
    struct span at = buf_span(&document);
    struct span mark = SPAN("urn:tallygate:problem:");
    for (size_t i = span_find(at, mark); i < at.len; i = span_find(at, mark)) {
        struct span code;
        at = span_sub(at, i + mark.len, at.len);
        struct span rest = at;
        (void)span_cut(&rest, '"', &code);
        bool known = false;
        for (enum err err = ERR_OK; err < ERR_COUNT && !known; err++) {
            known = span_eq_cstr(code, err_code(err));
        }
        cr_assert(known, "%.*s", SPAN_ARG(code));
    }
}
