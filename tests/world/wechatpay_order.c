/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_order.h"

#include <stdlib.h>
#include <string.h>

#include "wechatpay_notify.h"

#define MINUTE_MS   INT64_C(60000)
#define DAY_MS      (INT64_C(24) * 60 * MINUTE_MS)
#define EXPIRY_DAYS 7 /* 4.2: the default, and when an unpaid order closes by itself */
#define CODE_MAX    128

/* 4.2: how long a code may be used. */
static const int64_t code_life_ms[WECHATPAY_PRODUCT_COUNT] = {
    [WECHATPAY_NATIVE] = 120 * MINUTE_MS,
    [WECHATPAY_H5] = 5 * MINUTE_MS,
    [WECHATPAY_JSAPI] = 120 * MINUTE_MS,
};

struct wechatpay_code {
    TAILQ_ENTRY(wechatpay_code) next;
    struct wechatpay_order *order;
    char text[CODE_MAX + 1];
    struct wall_time expires;
};

static struct wechatpay_order *
settled(const struct wechatpay *wechatpay, struct wechatpay_order *order)
{
    if (order->state == WECHATPAY_NOTPAY && world_now(wechatpay->world).us >= order->closes.us) {
        order->state = WECHATPAY_CLOSED;
    }
    return order;
}

struct wechatpay_order *
wechatpay_order_find(struct wechatpay *wechatpay, const struct wechatpay_merchant *merchant,
                     struct span out_trade_no)
{
    struct wechatpay_order *order;
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        if ((merchant == NULL || order->merchant == merchant)
            && span_eq_cstr(out_trade_no, order->out_trade_no)) {
            return settled(wechatpay, order);
        }
    }
    return NULL;
}

struct wechatpay_order *
wechatpay_order_by_transaction(struct wechatpay *wechatpay,
                               const struct wechatpay_merchant *merchant,
                               struct span transaction_id)
{
    struct wechatpay_order *order;
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        if (order->merchant == merchant && order->transaction_id[0] != '\0'
            && span_eq_cstr(transaction_id, order->transaction_id)) {
            return order;
        }
    }
    return NULL;
}

const char *
wechatpay_order_trade_state(const struct wechatpay_order *order)
{
    static const char *const names[WECHATPAY_STATE_COUNT] = {
        [WECHATPAY_NOTPAY] = "NOTPAY",
        [WECHATPAY_PAID] = "SUCCESS",
        [WECHATPAY_CLOSED] = "CLOSED",
    };
    return TAILQ_EMPTY(&order->refunds) ? names[order->state] : "REFUND";
}

const char *
wechatpay_order_trade_type(const struct wechatpay_order *order)
{
    static const char *const names[WECHATPAY_PRODUCT_COUNT] = {
        [WECHATPAY_NATIVE] = "NATIVE",
        [WECHATPAY_H5] = "MWEB",
        [WECHATPAY_JSAPI] = "JSAPI",
    };
    return names[order->product];
}

static void
order_free(struct wechatpay_order *order)
{
    while (!TAILQ_EMPTY(&order->refunds)) {
        struct wechatpay_refund *refund = TAILQ_FIRST(&order->refunds);
        TAILQ_REMOVE(&order->refunds, refund, next);
        free(refund->notify_url);
        free(refund);
    }
    free(order->description);
    free(order->attach);
    free(order->notify_url);
    free(order->openid);
    json_free(&order->request);
    free(order);
}

void
wechatpay_order_free_all(struct wechatpay *wechatpay)
{
    while (!TAILQ_EMPTY(&wechatpay->codes)) {
        struct wechatpay_code *code = TAILQ_FIRST(&wechatpay->codes);
        TAILQ_REMOVE(&wechatpay->codes, code, next);
        free(code);
    }
    while (!TAILQ_EMPTY(&wechatpay->orders)) {
        struct wechatpay_order *order = TAILQ_FIRST(&wechatpay->orders);
        TAILQ_REMOVE(&wechatpay->orders, order, next);
        order_free(order);
    }
}

static enum err same_value(struct json_t *a, struct json_t *b, bool *same);

static enum err
same_members(struct json_t *a, struct json_t *b, bool *same)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    *same = json_count(a) == json_count(b);
    while (*same && json_each(a, &at, &name, &value)) {
        struct json_t *other = json_member(b, name);
        *same = other != NULL;
        if (*same) {
            TRY(same_value(value, other, same));
        }
    }
    return ERR_OK;
}

/* Parameters are the same whatever the order they were written in. */
static enum err
same_value(struct json_t *a, struct json_t *b, bool *same)
{
    if (json_node_is_object(a) && json_node_is_object(b)) {
        return same_members(a, b, same);
    }
    DEFER(buf_fini) struct buf left = BUF_MAX(WECHATPAY_BODY_MAX);
    DEFER(buf_fini) struct buf right = BUF_MAX(WECHATPAY_BODY_MAX);
    TRY(json_encode(a, &left));
    TRY(json_encode(b, &right));
    *same = span_eq(buf_span(&left), buf_span(&right));
    return ERR_OK;
}

static enum err
keep_request(struct json_t *request, struct json_t **out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(WECHATPAY_BODY_MAX);
    TRY(json_encode(request, &text));
    return json_parse(buf_span(&text), out);
}

static enum err
fill(const struct wechatpay *wechatpay, struct wechatpay_order *order,
     const struct wechatpay_wish *wish)
{
    order->merchant = wish->merchant;
    order->product = wish->product;
    order->total = wish->total;
    order->created = world_now(wechatpay->world);
    order->closes = wall_add_ms(order->created, EXPIRY_DAYS * DAY_MS);
    order->expires = wish->expires.us == 0 ? order->closes : wish->expires;
    if (order->closes.us < order->expires.us) {
        order->closes = order->expires;
    }
    TRY(wechatpay_print(wish->out_trade_no, order->out_trade_no, sizeof(order->out_trade_no)));
    TRY(wechatpay_copy(wish->description, &order->description));
    TRY(wechatpay_copy(wish->attach, &order->attach));
    TRY(wechatpay_copy(wish->notify_url, &order->notify_url));
    TRY(wechatpay_copy(span_empty(wish->openid) ? SPAN_LIT(WECHATPAY_OPENID) : wish->openid,
                       &order->openid));
    return keep_request(wish->request, &order->request);
}

static enum err
place_new(struct wechatpay *wechatpay, const struct wechatpay_wish *wish,
          struct wechatpay_order **out)
{
    struct wechatpay_order *order = calloc(1, sizeof(*order));
    if (order == NULL) {
        return ERR_NO_MEMORY;
    }
    TAILQ_INIT(&order->refunds);
    enum err err = fill(wechatpay, order, wish);
    if (err != ERR_OK) {
        order_free(order);
        return err;
    }
    TAILQ_INSERT_TAIL(&wechatpay->orders, order, next);
    *out = order;
    return ERR_OK;
}

static const char *
state_refusal(const struct wechatpay_order *order)
{
    static const char *const refusals[WECHATPAY_STATE_COUNT] = {
        [WECHATPAY_NOTPAY] = NULL,
        [WECHATPAY_PAID] = "ORDERPAID",
        [WECHATPAY_CLOSED] = "ORDER_CLOSED",
    };
    return refusals[order->state];
}

enum err
wechatpay_order_place(struct wechatpay *wechatpay, const struct wechatpay_wish *wish,
                      struct wechatpay_order **out, const char **refusal)
{
    struct wall_time now = world_now(wechatpay->world);
    struct wechatpay_order *order =
        wechatpay_order_find(wechatpay, wish->merchant, wish->out_trade_no);
    *refusal = NULL;
    if (order == NULL) {
        /* 4.2: the last moment is at least a minute ahead. */
        if (wish->expires.us != 0 && wish->expires.us < wall_add_ms(now, MINUTE_MS).us) {
            *refusal = "INVALID_REQUEST";
            return ERR_OK;
        }
        return place_new(wechatpay, wish, out);
    }
    bool same = order->product == wish->product;
    if (same) {
        TRY(same_value(wish->request, order->request, &same));
    }
    *refusal = state_refusal(order);
    if (*refusal == NULL && !same) {
        *refusal = "OUT_TRADE_NO_USED";
    } else if (*refusal == NULL && now.us >= order->expires.us) {
        *refusal = "INVALID_REQUEST";
    }
    if (*refusal == NULL) {
        *out = order;
    }
    return ERR_OK;
}

static enum err
write_code(const struct wechatpay_order *order, struct wall_time now, struct buf *out)
{
    DEFER(buf_fini) struct buf random = BUF_MAX(64);
    DEFER(buf_fini) struct buf civil = BUF_MAX(32);
    if (order->product == WECHATPAY_NATIVE) {
        TRY(wechatpay_nonce(9, &random));
        return buf_printf(out, "weixin://wxpay/bizpayurl?pr=%.*szz", SPAN_ARG(buf_span(&random)));
    }
    unsigned char bytes[10];
    TRY(crypto_random(bytes, sizeof(bytes)));
    TRY(crypto_hex_encode(span_make(bytes, sizeof(bytes)), &random));
    TRY(wall_format_civil(now, ZONE_CHINA_MIN, &civil));
    TRY(buf_text(out, "wx"));
    for (size_t i = 0; i < civil.len; i++) {
        if (span_is_digits(span_make(&civil.at[i], 1))) {
            TRY(buf_byte(out, civil.at[i]));
        }
    }
    return buf_append(out, buf_span(&random));
}

enum err
wechatpay_order_code(struct wechatpay *wechatpay, struct wechatpay_order *order, const char **out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(CODE_MAX);
    struct wall_time now = world_now(wechatpay->world);
    TRY(write_code(order, now, &text));
    struct wechatpay_code *code = calloc(1, sizeof(*code));
    if (code == NULL) {
        return ERR_NO_MEMORY;
    }
    code->order = order;
    code->expires = wall_add_ms(now, code_life_ms[order->product]);
    memcpy(code->text, text.at, text.len);
    TAILQ_INSERT_TAIL(&wechatpay->codes, code, next);
    *out = code->text;
    return ERR_OK;
}

struct wechatpay_order *
wechatpay_order_by_code(struct wechatpay *wechatpay, enum wechatpay_product product,
                        struct span text, const char **refusal)
{
    const struct wechatpay_code *code;
    *refusal = NULL;
    TAILQ_FOREACH(code, &wechatpay->codes, next) {
        if (code->order->product == product && span_eq_cstr(text, code->text)) {
            if (world_now(wechatpay->world).us >= code->expires.us) {
                *refusal = "CODE_EXPIRED";
            }
            return settled(wechatpay, code->order);
        }
    }
    return NULL;
}

void
wechatpay_order_open(struct wechatpay *wechatpay, struct wechatpay_order *order,
                     const char **refusal)
{
    *refusal = state_refusal(order);
    if (*refusal == NULL && world_now(wechatpay->world).us >= order->expires.us) {
        *refusal = "ORDER_EXPIRED";
    }
    order->opened = order->opened || *refusal == NULL;
}

/* 28 digits in which the day stands, as in the provider's numbers. */
static enum err
number_transaction(struct wechatpay *wechatpay, struct wechatpay_order *order)
{
    DEFER(buf_fini) struct buf number = BUF_MAX(sizeof(order->transaction_id) - 1);
    struct day day = day_of(order->paid, ZONE_CHINA_MIN);
    TRY(buf_printf(&number, "4200002860%04d%02d%02d%010llu", day.year, day.month, day.mday,
                   (unsigned long long)++wechatpay->serial));
    return wechatpay_print(buf_span(&number), order->transaction_id, sizeof(order->transaction_id));
}

enum err
wechatpay_order_pay(struct wechatpay *wechatpay, struct wechatpay_order *order, struct wall_time at,
                    const char **refusal)
{
    struct wall_time now = world_now(wechatpay->world);
    *refusal = state_refusal(order);
    if (*refusal == NULL && !order->opened) {
        *refusal = "NOT_OPENED";
    } else if (*refusal == NULL && at.us == 0 && now.us >= order->expires.us) {
        *refusal = "ORDER_EXPIRED";
    }
    if (*refusal != NULL) {
        return ERR_OK;
    }
    order->paid = at.us == 0 ? now : at;
    if (order->paid.us < order->created.us) {
        order->created = wall_add_ms(order->paid, -10000); /* a moved payment moves its order */
    }
    TRY(number_transaction(wechatpay, order));
    order->state = WECHATPAY_PAID;
    return wechatpay_notify_order(wechatpay, order);
}

void
wechatpay_order_cross(struct wechatpay *wechatpay, struct wechatpay_order *order)
{
    if (order->state == WECHATPAY_CLOSED) {
        order->state = WECHATPAY_NOTPAY;
        order->expires = wall_add_ms(world_now(wechatpay->world), MINUTE_MS);
    }
}

void
wechatpay_order_close(struct wechatpay_order *order, const char **refusal)
{
    *refusal = order->state == WECHATPAY_PAID ? "ORDERPAID" : NULL; /* 4.5: closing is idempotent */
    if (*refusal == NULL) {
        order->state = WECHATPAY_CLOSED;
    }
}
