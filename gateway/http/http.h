/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_HTTP_H
#define TALLYGATE_HTTP_HTTP_H

/* The inbound side: listeners on the caller's loop, admission rules, routing, replies. A handler may
 * answer at once or later; the request object lives until it is answered, even if the peer went
 * away meanwhile (the answer is then dropped). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "err.h"
#include "fault.h"
#include "json.h"
#include "span.h"

struct event_base;

enum http_method {
    HTTP_METHOD_NONE,
    HTTP_GET,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_HEAD,
    HTTP_METHOD_COUNT
};

/* Which door a request came through; each listener has its own limits and routes. */
enum http_door {
    HTTP_DOOR_NONE,
    HTTP_DOOR_API,
    HTTP_DOOR_CALLBACKS,
    HTTP_DOOR_OPS,
    HTTP_DOOR_COUNT
};

enum http_role {
    HTTP_ROLE_NONE,
    HTTP_ROLE_PORTAL,
    HTTP_ROLE_FINANCE_MAKER,
    HTTP_ROLE_FINANCE_CHECKER,
    HTTP_ROLE_AUDITOR,
    HTTP_ROLE_OPERATOR,
    HTTP_ROLE_COUNT
};

/* Sets of roles, as routes.def names them. */
#define HTTP_ROLE_BIT(role) (1u << (role))
#define HTTP_ROLES_NOBODY   0u
#define HTTP_ROLES_PORTAL   HTTP_ROLE_BIT(HTTP_ROLE_PORTAL)
#define HTTP_ROLES_ASKERS   (HTTP_ROLES_PORTAL | HTTP_ROLE_BIT(HTTP_ROLE_OPERATOR))
#define HTTP_ROLES_READERS                                                                         \
    (HTTP_ROLES_ASKERS | HTTP_ROLE_BIT(HTTP_ROLE_AUDITOR) | HTTP_ROLE_BIT(HTTP_ROLE_FINANCE_MAKER) \
     | HTTP_ROLE_BIT(HTTP_ROLE_FINANCE_CHECKER))

#define HTTP_ROLES_CHECKERS      HTTP_ROLE_BIT(HTTP_ROLE_FINANCE_CHECKER)
#define HTTP_ROLES_FINANCE       (HTTP_ROLES_CHECKERS | HTTP_ROLE_BIT(HTTP_ROLE_FINANCE_MAKER))
#define HTTP_ROLES_MAKERS        HTTP_ROLE_BIT(HTTP_ROLE_FINANCE_MAKER)
#define HTTP_ROLES_REFUNDERS     (HTTP_ROLES_PORTAL | HTTP_ROLES_FINANCE)
#define HTTP_ROLES_BOOKS         (HTTP_ROLES_FINANCE | HTTP_ROLE_BIT(HTTP_ROLE_AUDITOR))
#define HTTP_ROLES_REFUND_ASKERS (HTTP_ROLES_ASKERS | HTTP_ROLES_FINANCE)

#define HTTP_ARENA_MAX         ((size_t)1024 * 1024)
#define HTTP_CAPTURES_MAX      4
#define HTTP_HEADER_BYTES      ((size_t)16 * 1024)
#define HTTP_HEADERS_MAX       64
#define HTTP_TARGET_BYTES      ((size_t)2048)
#define HTTP_API_BODY_MAX      ((size_t)64 * 1024)
#define HTTP_CALLBACK_BODY_MAX ((size_t)256 * 1024)

struct http_header {
    struct span name; /* lower case */
    struct span value;
};

struct http_route;
struct http_transaction; /* the connection's side */

struct http_request {
    struct arena *arena; /* lives as long as the request */
    enum http_door door;
    enum http_method method;
    struct span method_text;
    struct span target; /* as received: path and query */
    struct span path;
    struct span query; /* without "?", empty if none */
    const struct http_header *headers;
    size_t header_count;
    struct span body;                        /* raw bytes */
    struct span peer;                        /* address without port */
    struct span captures[HTTP_CAPTURES_MAX]; /* {…} of the route, percent-decoded */
    size_t capture_count;
    const struct http_route *route;
    char request_id[33]; /* also answered as X-Request-Id */
    enum language language;
    struct mono_time began;
    /* Set once the signature was verified; empty before. */
    struct span client_keyid;
    struct span client_owner;
    enum http_role client_role;
    struct http_transaction *transaction;
};

/* The only value of a header; empty if absent. Repeated headers were refused at admission. */
struct span http_header_get(const struct http_request *request, const char *name);

/* One decoded value of the query; empty if absent. Errors: FIELD_REPEATED, ENCODING, ARENA_FULL. */
MUST_USE enum err http_query_get(const struct http_request *request, const char *name,
                                 struct span *out);

/* The same for a field of an application/x-www-form-urlencoded body; HTTP_MEDIA_TYPE for any other. */
MUST_USE enum err http_form_get(const struct http_request *request, const char *name,
                                struct span *out);

/* Names what the query holds beside `names`, which have single blanks between them (NULL: nothing is
 * known). Errors: VALIDATION, ENCODING for a name that cannot be read, ARENA_FULL. */
MUST_USE enum err http_query_only(const struct http_request *request, const char *names,
                                  struct faults *faults);

/* Answers, exactly once per request. The body is copied. `headers` are extra ones; where they name
 * Cache-Control, Referrer-Policy or Content-Security-Policy they replace ours (no-store, no-referrer,
 * default-src 'none'). The request may be read until the handler returns to the loop. */
void http_reply(struct http_request *request, int status, const char *content_type,
                struct span body, const struct http_header *headers, size_t header_count);
void http_reply_json(struct http_request *request, int status, const struct json_t *body,
                     const struct http_header *headers, size_t header_count);

/* Answers 200 with a file from its first byte, which is taken from the disk as the peer reads it; `fd` is taken over. The file must not
 * change meanwhile. Whoever reads slowly is given more time for more bytes. */
void http_reply_file(struct http_request *request, const char *content_type, int fd, size_t size,
                     const struct http_header *headers, size_t header_count);

/* RFC 9457 problem+json with code, request_id, retryable, errors[]; text in the request's language.
 * faults may be NULL. retry_after_s 0 sends none. */
void http_problem(struct http_request *request, enum err err, const struct faults *faults,
                  int retry_after_s);

/* The same with a member "explain", which is taken and cleared. */
void http_problem_explained(struct http_request *request, enum err err, struct json_t **explain);

/* A problem's member "errors": each wrong field with its code and, in the reader's language, what is wrong. */
MUST_USE enum err http_faults_put(struct json_t *problem, const struct fault *faults, size_t count,
                                  enum language language);

/* The same document as text, for storing with an idempotency key. */
MUST_USE enum err http_problem_encode(const struct http_request *request, enum err err,
                                      const struct faults *faults, struct buf *out);

typedef void (*http_handler)(struct http_request *request, void *context);

/* One row of routes.def bound to its handler. */
struct http_route {
    enum http_door door;
    enum http_method method;
    const char *pattern; /* "/v1/payments/{id}/refresh" */
    const char *name;    /* "payment_refresh": metrics, log */
    bool needs_signature;
    bool needs_idempotency;
    unsigned roles; /* bit (1u << HTTP_ROLE_…) */
    http_handler handler;
    bool lines; /* the body is a JSON object a line */
};

struct http_server;

struct http_server_options {
    /* Already bound and listening, by door; -1 for none. They stay the caller's, who closes them
     * after http_server_free; they are made non-blocking, since processes may share them. */
    int listen_fds[HTTP_DOOR_COUNT];
    void *tls_context[HTTP_DOOR_COUNT]; /* SSL_CTX or NULL for plain */
    int connections_max;
    int connections_per_address_max;
    const struct http_route *routes;
    size_t route_count;
    void *context; /* handed to handlers and to `admit` */
    /* Called for routes that need a signature, before the handler; answers itself when it refuses.
     * It may finish later by calling http_admitted. */
    void (*admit)(struct http_request *request, void *context);
};

MUST_USE enum err http_server_new(struct event_base *base,
                                  const struct http_server_options *options,
                                  struct http_server **out);

/* Runs the route's handler; called by `admit` when the request may pass, after it has set the
 * client_ fields. A role that the route does not name is refused here with ROLE. */
void http_admitted(struct http_request *request);

/* Stops accepting and closes idle connections; running requests finish, and then their connections
 * close. http_server_idle is true when nothing is left. Freeing the server cuts what is left; a
 * request that is still with its handler stays valid until it is answered. */
void http_server_drain(struct http_server *server);
bool http_server_idle(const struct http_server *server);
void http_server_free(struct http_server **server);

#endif
