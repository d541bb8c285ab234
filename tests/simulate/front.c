/* SPDX-License-Identifier: Apache-2.0 */
#include "front.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "flaw.h"
#include "handlers.h"
#include "http.h"
#include "loop.h"
#include "memory.h"
#include "sweep.h"

static const struct http_route routes[FRONT_ROUTE_COUNT] = {
    [FRONT_PAYMENT_CREATE] = { HTTP_DOOR_API, HTTP_POST, "/v1/payments", "payment_create", true,
                               true, HTTP_ROLES_PORTAL, handle_payment_create, false },
    [FRONT_PAYMENT_REFRESH] = { HTTP_DOOR_API, HTTP_POST, "/v1/payments/{id}/refresh",
                                "payment_refresh", true, false, HTTP_ROLES_ASKERS,
                                handle_payment_refresh, false },
    [FRONT_PAYMENT_CLOSE] = { HTTP_DOOR_API, HTTP_POST, "/v1/payments/{id}/close", "payment_close",
                              true, true, HTTP_ROLES_PORTAL, handle_payment_close, false },
    [FRONT_REFUND_CREATE] = { HTTP_DOOR_API, HTTP_POST, "/v1/payments/{id}/refunds",
                              "refund_create", true, true, HTTP_ROLES_REFUNDERS,
                              handle_refund_create, false },
    [FRONT_REFUND_WAITING] = { HTTP_DOOR_API, HTTP_GET, "/v1/refunds/waiting", "refund_waiting",
                               true, false, HTTP_ROLES_READERS, handle_refund_waiting, false },
    [FRONT_REFUND_CONFIRM] = { HTTP_DOOR_API, HTTP_POST, "/v1/refunds/{id}/confirm",
                               "refund_confirm", true, true, HTTP_ROLES_FINANCE,
                               handle_refund_confirm, false },
    [FRONT_REFUND_APPROVE] = { HTTP_DOOR_API, HTTP_POST, "/v1/refunds/{id}/approve",
                               "refund_approve", true, true, HTTP_ROLES_CHECKERS,
                               handle_refund_approve, false },
    [FRONT_REFUND_REJECT] = { HTTP_DOOR_API, HTTP_POST, "/v1/refunds/{id}/reject", "refund_reject",
                              true, true, HTTP_ROLES_CHECKERS, handle_refund_reject, false },
    [FRONT_CALLBACK] = { HTTP_DOOR_CALLBACKS, HTTP_POST, "/callbacks/{provider}/{account}",
                         "callback_receive", false, false, HTTP_ROLES_NOBODY,
                         handle_callback_receive, false },
};

static const struct {
    const char *name;
    enum http_role role;
} clients[FRONT_CLIENT_COUNT] = {
    [FRONT_PORTAL] = { "portal", HTTP_ROLE_PORTAL },
    [FRONT_MAKER] = { "maker", HTTP_ROLE_FINANCE_MAKER },
    [FRONT_CHECKER] = { "checker", HTTP_ROLE_FINANCE_CHECKER },
    [FRONT_SECOND_CHECKER] = { "second-checker", HTTP_ROLE_FINANCE_CHECKER },
    [FRONT_THIRD_CHECKER] = { "third-checker", HTTP_ROLE_FINANCE_CHECKER },
};

const char *
front_client_name(enum front_client client)
{
    return clients[client].name;
}

/* Who waits; in the simulation's memory. */
struct waiting {
    TAILQ_ENTRY(waiting) next;
    const struct process *process;
    struct front_wish wish; /* without what it points to */
    front_done done;
    void *context;
    int status;
    struct buf body;
};

static TAILQ_HEAD(, waiting) everybody = TAILQ_HEAD_INITIALIZER(everybody);
static front_watch watching;

/* A request inside the process; in its memory. */
struct inbound {
    struct http_request request; /* first */
    struct http_header headers[OUTSIDE_HEADERS_MAX];
    struct waiting *waiting;
    int owner;
};

void
front_open(front_watch watch)
{
    watching = watch;
}

static void
waiting_free(struct waiting *waiting)
{
    TAILQ_REMOVE(&everybody, waiting, next);
    buf_fini(&waiting->body);
    free(waiting);
}

void
front_close(void)
{
    while (!TAILQ_EMPTY(&everybody)) {
        waiting_free(TAILQ_FIRST(&everybody));
    }
}

static void
tell(void *context)
{
    struct waiting *waiting = context;
    if (waiting->status != 0) {
        watching(&waiting->wish, waiting->status, buf_span(&waiting->body));
    }
    waiting->done(waiting->context, waiting->status, buf_span(&waiting->body));
    waiting_free(waiting);
}

static void
let_go(void *context)
{
    struct inbound *inbound = context;
    struct arena *arena = inbound->request.arena;
    arena_free(&arena);
}

/* In the place of gateway/http/reply.c. The request lives until its handler has returned. */
void
http_reply(struct http_request *request, int status, const char *content_type, struct span body,
           const struct http_header *headers, size_t header_count)
{
    struct inbound *inbound = (struct inbound *)(void *)request;
    struct waiting *waiting = inbound->waiting;
    (void)content_type;
    (void)headers;
    (void)header_count;
    assert(waiting != NULL); /* answered once */
    inbound->waiting = NULL;
    (void)loop_after(0, inbound->owner, let_go, inbound);
    if (flaw_present == FLAW_NO_ANSWER && status == 503) {
        return;
    }
    int asker = memory_owner(0);
    waiting->status = status;
    enum err err = buf_append(&waiting->body, body);
    assert(err == ERR_OK);
    (void)err;
    waiting->process = NULL;
    (void)loop_after(0, 0, tell, waiting);
    (void)memory_owner(asker);
}

/* Whatever is sent from a file is small here. */
void
http_reply_file(struct http_request *request, const char *content_type, int fd, size_t size,
                const struct http_header *headers, size_t header_count)
{
    unsigned char bytes[64 * 1024];
    assert(size <= sizeof(bytes));
    ssize_t got = pread(fd, bytes, size, 0);
    assert(got == (ssize_t)size);
    (void)got;
    (void)close(fd);
    http_reply(request, 200, content_type, span_make(bytes, size), headers, header_count);
}

void
http_reply_json(struct http_request *request, int status, const struct json_t *body,
                const struct http_header *headers, size_t header_count)
{
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)1024 * 1024);
    enum err err = json_encode(body, &text);
    if (err != ERR_OK) {
        http_problem(request, ERR_INTERNAL, NULL, 0);
        return;
    }
    http_reply(request, status, "application/json", buf_span(&text), headers, header_count);
}

static struct span
copied(struct arena *arena, struct span from)
{
    struct span to = from;
    enum err err = arena_copy(arena, from, &to);
    assert(err == ERR_OK);
    (void)err;
    return to;
}

static struct span
lowered(struct arena *arena, struct span name)
{
    void *at = NULL;
    enum err err = arena_alloc(arena, name.len, &at);
    assert(err == ERR_OK);
    (void)err;
    unsigned char *to = at;
    for (size_t i = 0; i < name.len; i++) {
        to[i] = (unsigned char)tolower(name.at[i]);
    }
    return span_make(to, name.len);
}

static struct inbound *
make_inbound(struct process *process, const struct front_wish *wish)
{
    struct arena *arena = NULL;
    void *at = NULL;
    enum err err = arena_new(HTTP_ARENA_MAX, &arena);
    assert(err == ERR_OK);
    err = arena_alloc(arena, sizeof(struct inbound), &at);
    assert(err == ERR_OK && wish->header_count <= OUTSIDE_HEADERS_MAX);
    (void)err;
    struct inbound *inbound = at;
    inbound->owner = process->number;
    for (size_t i = 0; i < wish->header_count; i++) {
        inbound->headers[i] = (struct http_header){ lowered(arena, wish->headers[i].name),
                                                    copied(arena, wish->headers[i].value) };
    }
    struct http_request *request = &inbound->request;
    request->arena = arena;
    request->headers = inbound->headers;
    request->header_count = wish->header_count;
    request->body = copied(arena, wish->body);
    for (size_t i = 0; i < FRONT_CAPTURES; i++) {
        request->captures[i] = copied(arena, wish->captures[i]);
    }
    return inbound;
}

static void
fill(struct http_request *request, const struct http_route *route, enum front_client client)
{
    request->route = route;
    request->door = route->door;
    request->method = route->method;
    request->method_text = route->method == HTTP_GET ? SPAN_LIT("GET") : SPAN_LIT("POST");
    request->target = span_of(route->pattern);
    request->path = request->target;
    request->peer = SPAN_LIT("127.0.0.1");
    request->capture_count = FRONT_CAPTURES;
    request->language = LANGUAGE_EN;
    request->began = clock_mono();
    memcpy(request->request_id, "0123456789abcdef0123456789abcdef", 33);
    if (route->needs_signature) {
        assert((route->roles & HTTP_ROLE_BIT(clients[client].role)) != 0); /* admission lets in */
        request->client_keyid = span_of(clients[client].name);
        request->client_owner = SPAN_LIT("portal");
        request->client_role = clients[client].role;
    }
}

void
front_knock(struct process *process, const struct front_wish *wish, front_done done, void *context)
{
    struct waiting *waiting = calloc(1, sizeof(*waiting));
    assert(waiting != NULL);
    *waiting = (struct waiting){
        .process = process,
        .wish = { .route = wish->route, .client = wish->client, .errs = wish->errs },
        .done = done,
        .context = context
    };
    buf_init(&waiting->body, (size_t)4 * 1024 * 1024);
    TAILQ_INSERT_TAIL(&everybody, waiting, next);
    if (!process->up) {
        waiting->process = NULL;
        (void)loop_after(0, 0, tell, waiting);
        return;
    }
    int asker = memory_owner(process->number);
    sweep_spare(true); /* without memory for that much, the server hangs up */
    struct inbound *inbound = make_inbound(process, wish);
    sweep_spare(false);
    inbound->waiting = waiting;
    fill(&inbound->request, &routes[wish->route], wish->client);
    routes[wish->route].handler(&inbound->request, &process->services);
    (void)memory_owner(asker);
}

void
front_died(const struct process *process)
{
    struct waiting *waiting;
    TAILQ_FOREACH(waiting, &everybody, next) {
        if (waiting->process == process) {
            waiting->process = NULL;
            (void)loop_after(0, 0, tell, waiting);
        }
    }
}

bool
front_quiet(void)
{
    return TAILQ_EMPTY(&everybody);
}
