/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"
#include "metrics.h"

#define ALLOW_MAX_BYTES 48

struct match {
    const struct http_route *route;
    struct span captures[HTTP_CAPTURES_MAX]; /* still encoded */
    size_t capture_count;
};

/* A pattern and a path are walked segment by segment; "{x}" takes one that is not empty. */
static bool
match_path(const char *pattern_text, struct span path, struct match *match)
{
    struct span pattern = span_of(pattern_text);
    bool more = true;
    match->capture_count = 0;
    while (more) {
        struct span want;
        struct span have;
        more = span_cut(&pattern, '/', &want);
        if (span_cut(&path, '/', &have) != more) {
            return false;
        }
        bool captures = want.len > 0 && want.at[0] == '{';
        if (captures ? span_empty(have) : !span_eq(want, have)) {
            return false;
        }
        if (captures && match->capture_count < HTTP_CAPTURES_MAX) {
            match->captures[match->capture_count++] = have;
        }
    }
    return true;
}

static enum http_method
effective(enum http_method method)
{
    return method == HTTP_HEAD ? HTTP_GET : method;
}

/* The row with the fewest captures wins; *allowed collects the methods of every row that fits. */
static void
find(const struct http_server *server, const struct http_request *request, struct match *best,
     unsigned *allowed)
{
    for (size_t i = 0; i < server->options.route_count; i++) {
        const struct http_route *route = &server->options.routes[i];
        struct match match = { .route = route };
        if (route->door != request->door || !match_path(route->pattern, request->path, &match)) {
            continue;
        }
        *allowed |= 1u << route->method;
        if (route->method == effective(request->method)
            && (best->route == NULL || match.capture_count < best->capture_count)) {
            *best = match;
        }
    }
}

static void
refuse_method(struct http_request *request, unsigned allowed)
{
    if (allowed == 0) {
        http_problem(request, ERR_HTTP_NOT_FOUND, NULL, 0);
        return;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(ALLOW_MAX_BYTES);
    enum err err = ERR_OK;
    static const struct {
        enum http_method method;
        const char *text;
    } rows[] = { { HTTP_GET, "GET, HEAD" },
                 { HTTP_POST, "POST" },
                 { HTTP_PUT, "PUT" },
                 { HTTP_DELETE, "DELETE" } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((allowed & (1u << rows[i].method)) != 0 && err == ERR_OK) {
            err = buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", rows[i].text);
        }
    }
    const struct http_header allow = { .name = SPAN("Allow"), .value = buf_span(&text) };
    problem_reply(request, ERR_HTTP_METHOD, NULL, &allow);
}

/* Bodies of the API are UTF-8 JSON, one object or one a line; another charset would be read wrongly. Behind the callbacks' door
 * each provider writes in the form and the charset of its own documents, which its adapter judges. */
static bool
media_allowed(const struct http_request *request, const struct http_route *route)
{
    const char *wanted = route->lines ? "application/x-ndjson" : "application/json";
    bool absent = span_empty(http_header_get(request, "content-type"));
    if (request->door == HTTP_DOOR_CALLBACKS || (absent && span_empty(request->body))) {
        return true;
    }
    struct span parameters;
    return request_media_is(request, wanted, &parameters)
           && (span_empty(parameters) || request_same_word(parameters, "charset=utf-8"));
}

static enum err
take_captures(struct http_request *request, const struct match *match)
{
    for (size_t i = 0; i < match->capture_count; i++) {
        TRY(request_decode(request->arena, match->captures[i], false, &request->captures[i]));
    }
    request->capture_count = match->capture_count;
    return ERR_OK;
}

static bool
has_body(enum http_method method)
{
    return method == HTTP_POST || method == HTTP_PUT;
}

void
route_dispatch(struct http_transaction *transaction)
{
    struct http_request *request = &transaction->request;
    const struct http_server *server = transaction->server;
    struct match match = { .route = NULL };
    unsigned allowed = 0;
    find(server, request, &match, &allowed);
    enum err err = ERR_OK;
    if (match.route == NULL) {
        refuse_method(request, allowed);
        return;
    }
    if (has_body(request->method) && !media_allowed(request, match.route)) {
        err = ERR_HTTP_MEDIA_TYPE;
    }
    if (err == ERR_OK) {
        err = take_captures(request, &match);
    }
    if (err != ERR_OK) {
        metrics_add(METRIC_REQUESTS_REFUSED_TOTAL, 1);
        http_problem(request, err, NULL, 0);
        return;
    }
    request->route = match.route;
    if (match.route->needs_signature) {
        server->options.admit(request, server->options.context);
    } else {
        match.route->handler(request, server->options.context);
    }
}

void
http_admitted(struct http_request *request)
{
    const struct http_server *server = request->transaction->server;
    if (server == NULL) {
        http_problem(request, ERR_SHUTTING_DOWN, NULL, 0); /* frees the request, reaches nobody */
        return;
    }
    if ((request->route->roles & HTTP_ROLE_BIT(request->client_role)) == 0) {
        http_problem(request, ERR_ROLE, NULL, 0);
        return;
    }
    request->route->handler(request, server->options.context);
}
