/* SPDX-License-Identifier: Apache-2.0 */
#include "payer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "clerk.h"
#include "front.h"
#include "history.h"
#include "loop.h"
#include "purse.h"

#define US_PER_S   INT64_C(1000000)
#define SALES_MAX  4
#define WISHES_MAX 16
#define TRIES_MAX  8
#define CREATE_S   60 /* the longest that creating may take: three deadlines and a provider */
#define UNIT_FEN   28000
#define BODY_MAX   ((size_t)4096)

/* Where and how: accounts of house.conf that offer it. The first FAST are signed with a shared secret; RSA takes the
 * longest of all in a run, so that only some runs have it. */
static const struct {
    const char *provider;
    const char *method;
    int weight;
} ways[] = {
    { "unionpay", "qr", 4 }, { "unionpay", "wap", 2 }, { "unionpay", "b2b", 3 },
    { "alipay", "page", 5 }, { "alipay", "qr", 4 },    { "wechatpay", "qr", 5 },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))
#define FAST 3

struct sale {
    int number;
    int quantity;
    int expires_s;
    bool closes;
    char id[64];         /* of its payment; "" before it is known */
    char attempt_no[64]; /* the newest that somebody could pay; "" before */
};

/* One wish to pay: a request for an attempt, asked again under the same key until it is answered. */
struct wish {
    struct sale *sale;
    int number;
    size_t way;
    int tries;
    int64_t pays_after_us; /* -1: never */
    int64_t asked_at_us;
};

static struct sale sales[SALES_MAX];
static struct wish wanted[WISHES_MAX];
static size_t wanted_count;
static size_t planned;
static size_t offered; /* the first ways, of this run */
static const char *complaint;

static void
complain(const char *what)
{
    complaint = complaint == NULL ? what : complaint;
}

static void
plan(int64_t after_us, loop_fn fn, void *context)
{
    planned++;
    (void)loop_after(after_us, 0, fn, context);
}

static enum err
put_body(const struct wish *wish, struct buf *out)
{
    const struct sale *sale = wish->sale;
    TRY(buf_printf(
        out,
        "{\"order\":{\"order_no\":\"CA-%d\",\"kind\":\"new\",\"applicant\":\"supplier\","
        "\"unit_name\":\"示例科技有限公司\",\"uscc\":\"91350100M000100Y43\",\"quantity\":%d,"
        "\"unit_fee\":%d,\"amount\":%d,\"currency\":\"CNY\",",
        sale->number, sale->quantity, UNIT_FEN, sale->quantity * UNIT_FEN));
    TRY(buf_text(
        out, "\"invoice\":{\"title\":\"示例科技有限公司\",\"tax_no\":\"91350100M000100Y43\"}},"));
    TRY(buf_printf(out, "\"provider\":\"%s\",\"method\":\"%s\",", ways[wish->way].provider,
                   ways[wish->way].method));
    if (strcmp(ways[wish->way].method, "wap") == 0) {
        TRY(buf_text(out, "\"payer_address\":\"127.0.0.1\","));
    }
    return buf_printf(out, "\"return_url\":\"http://127.0.0.1/orders/CA-%d\",\"expires_in_s\":%d}",
                      sale->number, sale->expires_s);
}

static void ask(void *context);
static void refresh(void *context);

static void
pay(void *context)
{
    planned--;
    purse_pay(context);
}

/* Back from the provider's page the applicant presses the button, often before the provider has told us. */
static void
plan_refresh_beside(const struct wish *wish)
{
    if (chance_permille(500)) {
        int64_t after_us = wish->pays_after_us + chance_between(-US_PER_S, US_PER_S);
        plan(after_us < 0 ? 0 : after_us, refresh, wish->sale);
    }
}

static void
keep_id(struct sale *sale, const struct json_t *view)
{
    struct span id = SPAN("");
    if (json_get_string(view, "id", &id) != ERR_OK || id.len >= sizeof(sale->id)) {
        complain("an answer to creating names no payment");
        return;
    }
    if (sale->id[0] != 0 && !span_eq_cstr(id, sale->id)) {
        history_note("order %d has another payment now", sale->number);
    }
    memcpy(sale->id, id.at, id.len);
    sale->id[id.len] = 0;
}

static void
answered_well(struct wish *wish, struct span body)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct purse *purse = NULL;
    if (json_parse(body, &view) != ERR_OK) {
        complain("an answer to creating is no JSON");
        return;
    }
    keep_id(wish->sale, view);
    const struct json_t *action = json_member(view, "action");
    if (action == NULL) {
        return; /* paid already */
    }
    purse = purse_new(ways[wish->way].provider, action);
    if (purse == NULL) {
        complain("a payer cannot use what the cashier gave");
        return;
    }
    (void)snprintf(wish->sale->attempt_no, sizeof(wish->sale->attempt_no), "%s",
                   purse_attempt(purse));
    if (wish->pays_after_us >= 0) {
        plan(wish->pays_after_us, pay, purse);
        plan_refresh_beside(wish);
    }
}

/* Answers that may change when asked again. */
static bool
is_worth_another(int status)
{
    return status == 0 || status == 409 || status == 429 || status >= 500;
}

static void
answered(void *context, int status, struct span body)
{
    struct wish *wish = context;
    planned--;
    history_note("order %d, wish %d: %s %s is answered with %d", wish->sale->number, wish->number,
                 ways[wish->way].provider, ways[wish->way].method, status);
    if (loop_now_us() - wish->asked_at_us > CREATE_S * US_PER_S) {
        complain("creating took longer than a minute");
    }
    if (status == 200 || status == 201) {
        answered_well(wish, body);
    } else if (is_worth_another(status) && wish->tries < TRIES_MAX) {
        plan(chance_between(1, 20) * US_PER_S, ask, wish);
    }
}

static void
ask(void *context)
{
    struct wish *wish = context;
    DEFER(buf_fini) struct buf body = BUF_MAX(BODY_MAX);
    char key[32];
    struct process *worker = process_some_worker();
    enum err err = put_body(wish, &body);
    assert(err == ERR_OK);
    (void)err;
    wish->tries++;
    wish->asked_at_us = loop_now_us();
    planned--;
    if (worker == NULL) {
        plan(chance_between(1, 20) * US_PER_S, ask, wish);
        return;
    }
    (void)snprintf(key, sizeof(key), "order-%d-%d", wish->sale->number, wish->number);
    const struct outside_header headers[] = { { SPAN("idempotency-key"), span_of(key) },
                                              { SPAN("content-type"), SPAN("application/json") } };
    const struct front_wish knock = { .route = FRONT_PAYMENT_CREATE,
                                      .headers = headers,
                                      .header_count = 2,
                                      .body = buf_span(&body) };
    planned++;
    front_knock(worker, &knock, answered, wish);
}

static void
refreshed(void *context, int status, struct span body)
{
    const struct sale *sale = context;
    (void)body;
    planned--;
    history_note("order %d: refresh is answered with %d", sale->number, status);
}

static void
closed(void *context, int status, struct span body)
{
    const struct sale *sale = context;
    (void)body;
    planned--;
    history_note("order %d: close is answered with %d", sale->number, status);
}

static void
knock_by_id(struct sale *sale, enum front_route route, front_done done)
{
    struct process *worker = process_some_worker();
    static const struct outside_header key[] = { { SPAN("idempotency-key"), SPAN("close") } };
    planned--;
    if (worker == NULL || sale->id[0] == 0) {
        return;
    }
    const struct front_wish knock = { .route = route,
                                      .captures = { span_of(sale->id) },
                                      .headers = key,
                                      .header_count = route == FRONT_PAYMENT_CLOSE ? 1 : 0 };
    planned++;
    front_knock(worker, &knock, done, sale);
}

static void
refresh(void *context)
{
    knock_by_id(context, FRONT_PAYMENT_REFRESH, refreshed);
}

static void
close_payment_of(void *context)
{
    knock_by_id(context, FRONT_PAYMENT_CLOSE, closed);
}

/* Somebody wants money back, of an attempt that he names or of the only one that was paid. */
static void
want_back(void *context)
{
    struct sale *sale = context;
    planned--;
    if (sale->id[0] != 0) {
        clerk_ask(sale->id, chance_below(2) == 0 ? sale->attempt_no : "",
                  (int64_t)sale->quantity * UNIT_FEN);
    }
}

static size_t
some_way(void)
{
    int64_t all = 0;
    for (size_t i = 0; i < offered; i++) {
        all += ways[i].weight;
    }
    int64_t at = chance_below(all);
    size_t way = 0;
    while (at >= ways[way].weight) {
        at -= ways[way++].weight;
    }
    return way;
}

static void
add_wish(struct wish wish, int64_t asks_after_us)
{
    assert(wanted_count < WISHES_MAX);
    wanted[wanted_count] = wish;
    plan(asks_after_us, ask, &wanted[wanted_count++]);
}

static void
plan_wish(struct sale *sale, int number, int64_t storm_us)
{
    bool pays = chance_permille(750);
    bool late = chance_permille(250);
    int64_t from_s = late ? sale->expires_s : 1;
    int64_t most_s = late ? sale->expires_s + 600 : sale->expires_s;
    struct wish wish = { .sale = sale,
                         .number = number,
                         .way = some_way(),
                         .pays_after_us = pays ? chance_between(from_s, most_s) * US_PER_S : -1 };
    add_wish(wish, chance_below(number == 0 ? storm_us / 4 : storm_us));
}

static void
plan_sale(struct sale *sale, int64_t storm_us)
{
    int64_t wishes = chance_permille(500) ? 1 : chance_between(2, 3);
    for (int i = 0; i < wishes; i++) {
        plan_wish(sale, i, storm_us);
    }
    for (int64_t i = chance_below(5); i > 0; i--) {
        int64_t at_us = chance_below(storm_us);
        plan(at_us, refresh, sale);
        if (chance_permille(400)) { /* somebody else presses the button at nearly the same time */
            plan(at_us + chance_below(US_PER_S), refresh, sale);
        }
    }
    if (chance_permille(250)) {
        plan(chance_below(storm_us), close_payment_of, sale);
    }
    for (int64_t i = chance_permille(500) ? chance_between(1, 3) : 0; i > 0; i--) {
        plan(chance_below(storm_us + sale->expires_s * US_PER_S), want_back, sale);
    }
}

static void
begin(void)
{
    complaint = NULL;
    planned = 0;
    wanted_count = 0;
}

void
payer_open(int64_t storm_us)
{
    int64_t count = chance_between(1, SALES_MAX);
    begin();
    offered = chance_permille(300) ? WAYS : FAST;
    for (int i = 0; i < count; i++) {
        sales[i] = (struct sale){ .number = i + 1,
                                  .quantity = (int)chance_between(1, 3),
                                  .expires_s = (int)chance_between(120, 900) };
        plan_sale(&sales[i], storm_us);
    }
}

/* Seconds; -1: never. A wish of the order before it is its second one. */
static const struct {
    int order;
    size_t way;
    int asks_s;
    int pays_after_s;
    int refreshes_s;
    int closes_s;
} day[] = {
    { 0, 5, 1, 7, 9, -1 },
    { 0, 4, 2, 10, -1, -1 }, /* paid twice: Alipay gives back */
    { 1, 0, 1, 8, 9, -1 },
    { 1, 5, 3, 12, -1, -1 }, /* paid twice: WeChat Pay gives back */
    { 2, 3, 2, -1, -1, 20 },
    { 2, 2, 4, 540, -1, -1 }, /* closed by the portal, and paid all the same */
    { 3, 3, 3, 6, 11, 40 },
    { 3, 1, 5, 15, 30, -1 }, /* paid twice, cannot be closed: UnionPay gives back */
};
#define DAY_EXPIRES_S 120

void
payer_open_fixed(int only_order)
{
    begin();
    for (size_t i = 0; i < sizeof(day) / sizeof(day[0]); i++) {
        struct sale *sale = &sales[day[i].order];
        if (only_order != 0 && only_order != day[i].order + 1) {
            continue;
        }
        bool second = i > 0 && day[i - 1].order == day[i].order;
        if (!second) {
            *sale = (struct sale){ .number = day[i].order + 1,
                                   .quantity = 1,
                                   .expires_s = DAY_EXPIRES_S };
        }
        int64_t pays_us = day[i].pays_after_s < 0 ? -1 : day[i].pays_after_s * US_PER_S;
        add_wish(
            (struct wish){
                .sale = sale, .number = second, .way = day[i].way, .pays_after_us = pays_us },
            day[i].asks_s * US_PER_S);
        if (day[i].refreshes_s >= 0) {
            plan(day[i].refreshes_s * US_PER_S, refresh, sale);
        }
        if (day[i].closes_s >= 0) {
            plan(day[i].closes_s * US_PER_S, close_payment_of, sale);
        }
    }
}

void
payer_close(void)
{
    purse_close();
}

bool
payer_quiet(void)
{
    return planned == 0;
}

const char *
payer_complaint(void)
{
    return complaint;
}
