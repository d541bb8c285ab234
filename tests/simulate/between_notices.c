/* SPDX-License-Identifier: Apache-2.0 */
/* Callbacks on their way to us: late, twice, in another order, or lost, as their acknowledgements may be. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "between.h"
#include "chance.h"
#include "flaw.h"
#include "front.h"
#include "history.h"
#include "loop.h"
#include "weather.h"

#define US_PER_MS 1000
#define US_PER_S  1000000
#define REPLY_US  (INT64_C(10) * US_PER_S) /* how long a provider waits for an acknowledgement */
#define LOST_MOST 2 /* of one statement: the least stubborn provider comes five times */
#define KNOWN_MAX 256

struct flight {
    TAILQ_ENTRY(flight) next;
    struct outside_notice *notice; /* NULL: a copy that nobody waits for, or told already */
    bool unheard;
    struct buf path;
    struct buf body;
    struct buf text;
    struct outside_header headers[OUTSIDE_HEADERS_MAX];
    size_t header_count;
};

static TAILQ_HEAD(, flight) flights = TAILQ_HEAD_INITIALIZER(flights);

/* How often the deliveries of one path and length were spoilt; a statement and its resends have the same. */
static struct {
    uint64_t what;
    int spoilt;
} known[KNOWN_MAX];

static void (*on_acknowledged)(struct span body);

void
between_open(void (*acknowledged_fn)(struct span body))
{
    on_acknowledged = acknowledged_fn;
}

static bool
may_spoil(const struct outside_notice *notice)
{
    struct span body = outside_notice_body(notice);
    uint64_t what = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < body.len; i++) {
        what = (what ^ body.at[i]) * UINT64_C(1099511628211);
    }
    size_t at = (size_t)(what % KNOWN_MAX);
    if (known[at].what != what) {
        known[at].what = what;
        known[at].spoilt = 0;
    }
    return known[at].spoilt++ < LOST_MOST;
}

static void
flight_free(struct flight *flight)
{
    TAILQ_REMOVE(&flights, flight, next);
    buf_fini(&flight->path);
    buf_fini(&flight->body);
    buf_fini(&flight->text);
    free(flight);
}

static void
lost(void *context)
{
    struct flight *flight = context;
    outside_told(flight->notice, 0, SPAN_LIT(""));
    flight_free(flight);
}

static void
acknowledged(void *context, int status, struct span body)
{
    struct flight *flight = context;
    if (flaw_present == FLAW_EARLY_ACK && status == 503) {
        status = 200;
    }
    if (status == 200 || status == 204) {
        on_acknowledged(buf_span(&flight->body));
    }
    history_note("callback is answered with %d%s", status,
                 flight->notice != NULL && flight->unheard ? ", which gets lost" : "");
    if (flight->notice != NULL && flight->unheard) {
        (void)loop_after(REPLY_US, 0, lost, flight);
        return;
    }
    if (flight->notice != NULL) {
        outside_told(flight->notice, status, body);
    }
    flight_free(flight);
}

/* "/callbacks/{provider}/{account}" */
static void
arrive(void *context)
{
    struct flight *flight = context;
    struct process *worker = process_some_worker();
    struct span rest = buf_span(&flight->path);
    struct span part;
    struct front_wish wish = { .route = FRONT_CALLBACK,
                               .headers = flight->headers,
                               .header_count = flight->header_count,
                               .body = buf_span(&flight->body) };
    (void)span_cut(&rest, '/', &part);
    (void)span_cut(&rest, '/', &part);
    (void)span_cut(&rest, '/', &wish.captures[0]);
    wish.captures[1] = rest;
    assert(span_eq_cstr(part, "callbacks"));
    if (worker == NULL) {
        acknowledged(flight, 0, SPAN_LIT(""));
        return;
    }
    front_knock(worker, &wish, acknowledged, flight);
}

static struct flight *
take_off(const struct outside_notice *notice)
{
    struct flight *flight = calloc(1, sizeof(*flight));
    size_t count = 0;
    const struct outside_header *headers = outside_notice_headers(notice, &count);
    assert(flight != NULL);
    buf_init(&flight->path, 1024);
    buf_init(&flight->body, (size_t)1024 * 1024);
    buf_init(&flight->text, (size_t)1024 * 1024);
    enum err err = buf_append(&flight->path, outside_notice_path(notice));
    assert(err == ERR_OK);
    err = buf_append(&flight->body, outside_notice_body(notice));
    assert(err == ERR_OK);
    unsigned char *room = NULL;
    err = buf_reserve(&flight->text, (size_t)64 * 1024, &room);
    assert(err == ERR_OK);
    for (size_t i = 0; i < count; i++) {
        size_t at = flight->text.len;
        err = buf_append(&flight->text, headers[i].name);
        assert(err == ERR_OK);
        err = buf_append(&flight->text, headers[i].value);
        assert(err == ERR_OK);
        flight->headers[i].name = span_make(flight->text.at + at, headers[i].name.len);
        flight->headers[i].value =
            span_make(flight->text.at + at + headers[i].name.len, headers[i].value.len);
    }
    (void)err;
    flight->header_count = count;
    TAILQ_INSERT_TAIL(&flights, flight, next);
    return flight;
}

static int64_t
delay_us(void)
{
    return chance_permille(weather.notice_late) ? chance_between(1, 300) * US_PER_S
                                                : chance_between(5, 500) * US_PER_MS;
}

void
between_notice(struct outside_notice *notice)
{
    bool twice = chance_permille(weather.notice_twice);
    bool gone = chance_permille(weather.notice_lost);
    bool unheard = chance_permille(weather.notice_unheard);
    bool spoil = (gone || unheard) && may_spoil(notice);
    struct flight *flight = take_off(notice);
    flight->notice = notice;
    flight->unheard = spoil && unheard;
    history_note("callback sets out%s", spoil && gone ? " and gets lost" : twice ? " twice" : "");
    if (spoil && gone) {
        (void)loop_after(REPLY_US, 0, lost, flight);
    } else {
        (void)loop_after(delay_us(), 0, arrive, flight);
    }
    if (twice) {
        (void)loop_after(delay_us(), 0, arrive, take_off(notice));
    }
}

bool
between_quiet(void)
{
    return TAILQ_EMPTY(&flights) && between_calls_quiet();
}

void
between_close(void)
{
    while (!TAILQ_EMPTY(&flights)) {
        struct flight *flight = TAILQ_FIRST(&flights);
        if (flight->notice != NULL) {
            outside_told(flight->notice, 0, SPAN_LIT(""));
        }
        flight_free(flight);
    }
    memset(known, 0, sizeof(known));
}
