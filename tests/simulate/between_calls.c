/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of adapters/transport.c: a call reaches the provider after a while, or not, and its answer us. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "between.h"
#include "chance.h"
#include "history.h"
#include "loop.h"
#include "memory.h"
#include "portal.h"
#include "sweep.h"
#include "transport.h"
#include "weather.h"

#define US_PER_MS 1000
#define US_PER_S  1000000

enum fate { FATE_GOOD, FATE_UNSENT, FATE_LOST, FATE_UNHEARD, FATE_CUT, FATE_PROXY };

static const char *const fates[] = { "",
                                     " is not sent",
                                     " gets lost",
                                     " is answered to nobody",
                                     " is answered by half",
                                     " is answered by a proxy" };

struct transport;

/* One call; in the simulation's memory, since it may outlive who asked. */
struct transport_call {
    TAILQ_ENTRY(transport_call) next;
    struct transport *transport; /* NULL: who asked is gone */
    enum fate fate;
    int64_t back_us;
    struct outside_header headers[OUTSIDE_HEADERS_MAX];
    struct outside_request request;
    struct buf text; /* what the request points to */
    struct outside_reply reply;
    transport_done done;
    void *context;
};

struct transport {
    int owner;
    TAILQ_HEAD(, transport_call) running;
};

static size_t under_way;

enum err
transport_new(struct event_base *base, struct transport **out)
{
    struct transport *transport = calloc(1, sizeof(*transport));
    (void)base;
    if (transport == NULL) {
        return ERR_NO_MEMORY;
    }
    transport->owner = memory_owner(0);
    (void)memory_owner(transport->owner);
    TAILQ_INIT(&transport->running);
    *out = transport;
    return ERR_OK;
}

void
transport_free(struct transport **transport)
{
    if (transport == NULL || *transport == NULL) {
        return;
    }
    struct transport_call *call;
    TAILQ_FOREACH(call, &(*transport)->running, next) {
        call->transport = NULL;
    }
    free(*transport);
    *transport = NULL;
}

size_t
transport_running(const struct transport *transport)
{
    const struct transport_call *call;
    size_t count = 0;
    TAILQ_FOREACH(call, &transport->running, next) {
        count++;
    }
    return count;
}

void
transport_cancel(struct transport_call **call)
{
    TAILQ_REMOVE(&(*call)->transport->running, *call, next);
    (*call)->transport = NULL;
    *call = NULL;
}

static enum fate
draw_fate(void)
{
    static const enum fate swept[SWEEP_WAYS] = { [SWEEP_REFUSED] = FATE_UNSENT,
                                                 [SWEEP_LOST] = FATE_LOST,
                                                 [SWEEP_UNHEARD] = FATE_UNHEARD,
                                                 [SWEEP_CUT] = FATE_CUT,
                                                 [SWEEP_PROXY] = FATE_PROXY };
    if (sweep_strikes(SWEEP_CALLS, "call")) {
        return swept[sweep_way()];
    }
    return chance_permille(weather.call_unsent)    ? FATE_UNSENT
           : chance_permille(weather.call_lost)    ? FATE_LOST
           : chance_permille(weather.call_unheard) ? FATE_UNHEARD
           : !chance_permille(weather.call_broken) ? FATE_GOOD
           : chance_below(2) == 0                  ? FATE_CUT
                                                   : FATE_PROXY;
}

static void
call_free(struct transport_call *call)
{
    outside_reply_fini(&call->reply);
    buf_fini(&call->text);
    free(call);
    under_way--;
}

static void
tell(struct transport_call *call, enum err err, const struct transport_answer *answer)
{
    struct transport *transport = call->transport;
    if (transport != NULL) {
        TAILQ_REMOVE(&transport->running, call, next);
        int asker = memory_owner(transport->owner);
        call->done(call->context, err, err == ERR_OK ? answer : NULL);
        (void)memory_owner(asker);
    }
    call_free(call);
}

static size_t
lower_headers(const struct outside_reply *reply, struct buf *text, struct adapter_field *out)
{
    size_t starts[2 * TRANSPORT_HEADERS_MAX];
    size_t count = 0;
    const char *at = (const char *)reply->text.at;
    for (size_t i = 0; i < reply->header_count && count < TRANSPORT_HEADERS_MAX; i++, count++) {
        const char *value = at + strlen(at) + 1;
        starts[2 * count] = text->len;
        for (const char *c = at; *c != 0; c++) {
            enum err err = buf_byte(text, (unsigned char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c));
            assert(err == ERR_OK);
            (void)err;
        }
        starts[2 * count + 1] = text->len;
        at = value + strlen(value) + 1;
        enum err err = buf_text(text, value);
        assert(err == ERR_OK);
        (void)err;
    }
    for (size_t i = 0; i < count; i++) {
        size_t end = i + 1 < count ? starts[2 * i + 2] : text->len;
        out[i].name = span_make(text->at + starts[2 * i], starts[2 * i + 1] - starts[2 * i]);
        out[i].value = span_make(text->at + starts[2 * i + 1], end - starts[2 * i + 1]);
    }
    return count;
}

/* The provider's answer arrives, or what a proxy makes of it. */
static void
come_back(void *context)
{
    struct transport_call *call = context;
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)1024 * 1024);
    struct adapter_field headers[TRANSPORT_HEADERS_MAX];
    struct transport_answer answer = {
        .status = call->reply.status,
        .content_type = outside_reply_header(&call->reply, "Content-Type"),
        .body = buf_span(&call->reply.body),
        .date = outside_reply_header(&call->reply, "Date"),
        .headers = headers,
    };
    answer.header_count = lower_headers(&call->reply, &text, headers);
    if (call->fate == FATE_CUT) {
        answer.body = span_sub(answer.body, 0, answer.body.len / 2);
    } else if (call->fate == FATE_PROXY) {
        answer.status = 502;
        answer.body = SPAN_LIT("<html>502 Bad Gateway</html>");
        answer.header_count = 0;
    }
    tell(call, ERR_OK, &answer);
}

static void
give_up(void *context)
{
    struct transport_call *call = context;
    tell(call, call->fate == FATE_UNSENT ? ERR_PROVIDER_NOT_SENT : ERR_PROVIDER_NO_ANSWER, NULL);
}

/* The answer sets out. */
static void
hear_of(struct transport_call *call)
{
    bool heard = call->fate != FATE_UNHEARD && call->reply.status != 0;
    (void)loop_after(heard ? call->back_us : TRANSPORT_TOTAL_MS * US_PER_MS, 0,
                     heard ? come_back : give_up, call);
}

/* The request is at the provider: what it does is done, whatever becomes of the answer. */
static void
arrive(void *context)
{
    struct transport_call *call = context;
    outside_reply_fini(&call->reply);
    if (portal_is_at(call->request.url)) {
        call->reply.status = portal_hear(&call->request);
        hear_of(call);
        return;
    }
    if (chance_permille(weather.call_lies)) {
        history_note("the provider's answer is false");
        outside_lie(call->request.url, chance_below(OUTSIDE_LIES));
    }
    outside_exchange(&call->request, &call->reply);
    hear_of(call);
}

static struct span
kept(struct buf *text, struct span from)
{
    size_t at = text->len;
    enum err err = buf_append(text, from);
    assert(err == ERR_OK);
    (void)err;
    return span_make(text->at + at, from.len);
}

static void
keep_request(struct transport_call *call, const struct transport_request *from)
{
    unsigned char *room = NULL;
    size_t all = from->url.len + from->content_type.len + from->body.len;
    for (size_t i = 0; i < from->header_count; i++) {
        all += from->headers[i].name.len + from->headers[i].value.len;
    }
    buf_init(&call->text, all + 1);
    enum err err = buf_reserve(&call->text, all + 1, &room); /* so that it does not move */
    assert(err == ERR_OK && from->header_count < OUTSIDE_HEADERS_MAX);
    (void)err;
    call->request = (struct outside_request){ .post = from->post,
                                              .url = kept(&call->text, from->url),
                                              .content_type = kept(&call->text, from->content_type),
                                              .body = kept(&call->text, from->body),
                                              .headers = call->headers,
                                              .header_count = from->header_count };
    for (size_t i = 0; i < from->header_count; i++) {
        call->headers[i].name = kept(&call->text, from->headers[i].name);
        call->headers[i].value = kept(&call->text, from->headers[i].value);
    }
    static const struct outside_header usual[] = {
        { SPAN("User-Agent"), SPAN("tallygate/simulation") },
    };
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        call->headers[call->request.header_count++] = usual[i];
    }
}

enum err
transport_start(struct transport *transport, const struct transport_request *request,
                transport_done done, void *context, struct transport_call **out)
{
    int asker = memory_owner(0);
    struct transport_call *call = calloc(1, sizeof(*call));
    assert(call != NULL);
    call->transport = transport;
    call->done = done;
    call->context = context;
    call->fate = draw_fate();
    keep_request(call, request);
    int64_t there_us = chance_between(5, 200) * US_PER_MS;
    call->back_us = chance_permille(weather.call_late) ? chance_between(1, 7) * US_PER_S
                                                       : chance_between(5, 200) * US_PER_MS;
    TAILQ_INSERT_TAIL(&transport->running, call, next);
    under_way++;
    history_note("process %d calls out%s", transport->owner, fates[call->fate]);
    bool lost = call->fate == FATE_UNSENT || call->fate == FATE_LOST;
    int64_t wait_us = call->fate == FATE_UNSENT ? TRANSPORT_CONNECT_MS : TRANSPORT_TOTAL_MS;
    (void)loop_after(lost ? wait_us * US_PER_MS : there_us, 0, lost ? give_up : arrive, call);
    if (out != NULL) {
        *out = call;
    }
    (void)memory_owner(asker);
    return ERR_OK;
}

bool
between_calls_quiet(void)
{
    return under_way == 0;
}
