/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_trade.h"

#include <stdlib.h>
#include <string.h>

#include "alipay_notify.h"

#define CODE_LIFE_MS (INT64_C(2) * 60 * 60 * 1000) /* 3.3: a code dies after two hours at most */

static struct alipay_trade *
settled(struct alipay *alipay, struct alipay_trade *trade)
{
    struct wall_time now = world_now(alipay->world);
    if (trade->status == ALIPAY_WAIT && now.us >= trade->expires.us) {
        trade->status = ALIPAY_CLOSED;
        trade->closed = trade->expires;
        trade->tell_closed = trade->product == ALIPAY_WAP; /* 5.7: no other product tells it */
    }
    return trade;
}

struct alipay_trade *
alipay_trade_find(struct alipay *alipay, const struct alipay_app *app, const char *out_trade_no)
{
    struct alipay_trade *trade;
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if ((app == NULL || trade->app == app) && strcmp(trade->out_trade_no, out_trade_no) == 0) {
            return settled(alipay, trade);
        }
    }
    return NULL;
}

struct alipay_trade *
alipay_trade_by_number(struct alipay *alipay, const struct alipay_app *app, const char *trade_no)
{
    struct alipay_trade *trade;
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if (trade->app == app && strcmp(trade->trade_no, trade_no) == 0) {
            return settled(alipay, trade);
        }
    }
    return NULL;
}

struct alipay_trade *
alipay_trade_by_code(struct alipay *alipay, const char *qr_code)
{
    struct alipay_trade *trade;
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if (trade->product == ALIPAY_QR && strcmp(trade->qr_code, qr_code) == 0) {
            return settled(alipay, trade);
        }
    }
    return NULL;
}

struct alipay_trade *
alipay_trade_by_cashier(struct alipay *alipay, const char *cashier)
{
    struct alipay_trade *trade;
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if (strcmp(trade->cashier, cashier) == 0) {
            return settled(alipay, trade);
        }
    }
    return NULL;
}

const char *
alipay_trade_status(const struct alipay_trade *trade)
{
    static const char *const names[ALIPAY_STATUS_COUNT] = {
        [ALIPAY_ABSENT] = "WAIT_BUYER_PAY",
        [ALIPAY_WAIT] = "WAIT_BUYER_PAY",
        [ALIPAY_PAID] = "TRADE_SUCCESS",
        [ALIPAY_CLOSED] = "TRADE_CLOSED",
    };
    return names[trade->status];
}

static void
trade_free(struct alipay_trade *trade)
{
    while (!TAILQ_EMPTY(&trade->refunds)) {
        struct alipay_refund *refund = TAILQ_FIRST(&trade->refunds);
        TAILQ_REMOVE(&trade->refunds, refund, next);
        free(refund->reason);
        free(refund);
    }
    free(trade->subject);
    free(trade->body);
    free(trade->passback);
    free(trade->notify_url);
    free(trade->return_url);
    free(trade->quit_url);
    free(trade);
}

void
alipay_trade_free_all(struct alipay *alipay)
{
    while (!TAILQ_EMPTY(&alipay->trades)) {
        struct alipay_trade *trade = TAILQ_FIRST(&alipay->trades);
        TAILQ_REMOVE(&alipay->trades, trade, next);
        trade_free(trade);
    }
}

static enum err
copy_text(const char *text, char **out)
{
    char *copy = NULL;
    if (text != NULL && text[0] != '\0') {
        TRY(alipay_copy(span_of(text), &copy));
    }
    free(*out);
    *out = copy;
    return ERR_OK;
}

static enum err
print(char *out, size_t size, const struct buf *text)
{
    if (text->len >= size) {
        return ERR_BUF_FULL;
    }
    memcpy(out, text->at, text->len);
    out[text->len] = '\0';
    return ERR_OK;
}

/* 28 digits that begin with the day, as Alipay's numbers do. */
static enum err
make_numbers(struct alipay *alipay, struct alipay_trade *trade)
{
    DEFER(buf_fini) struct buf number = BUF_MAX(sizeof(trade->trade_no) - 1);
    DEFER(buf_fini) struct buf cashier = BUF_MAX(sizeof(trade->cashier) - 1);
    struct day day = day_of(world_now(alipay->world), ZONE_CHINA_MIN);
    unsigned char random[16];
    TRY(buf_printf(&number, "%04d%02d%02d22001400%012llu", day.year, day.month, day.mday,
                   (unsigned long long)++alipay->serial));
    TRY(crypto_random(random, sizeof(random)));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), &cashier));
    TRY(print(trade->trade_no, sizeof(trade->trade_no), &number));
    return print(trade->cashier, sizeof(trade->cashier), &cashier);
}

/* Where the payer and the notices go may change with each asking; what is paid may not. */
static enum err
take_addresses(struct alipay_trade *trade, const struct alipay_order *order)
{
    TRY(copy_text(order->notify_url, &trade->notify_url));
    TRY(copy_text(order->return_url, &trade->return_url));
    return copy_text(order->quit_url, &trade->quit_url);
}

static enum err
fill(struct alipay *alipay, struct alipay_trade *trade, const struct alipay_order *order)
{
    trade->app = order->app;
    trade->product = order->product;
    trade->total = order->total;
    trade->refunded = (struct money){ .minor = 0, .currency = order->total.currency };
    trade->expires = order->expires;
    size_t len = strlen(order->out_trade_no);
    if (len > ALIPAY_NUMBER_MAX) {
        return ERR_FIELD_LENGTH;
    }
    memcpy(trade->out_trade_no, order->out_trade_no, len + 1);
    TRY(copy_text(order->subject, &trade->subject));
    TRY(copy_text(order->body, &trade->body));
    TRY(copy_text(order->passback, &trade->passback));
    TRY(take_addresses(trade, order));
    return make_numbers(alipay, trade);
}

static enum err
place_new(struct alipay *alipay, const struct alipay_order *order, struct alipay_trade **out)
{
    struct alipay_trade *trade = calloc(1, sizeof(*trade));
    if (trade == NULL) {
        return ERR_NO_MEMORY;
    }
    TAILQ_INIT(&trade->refunds);
    enum err err = fill(alipay, trade, order);
    if (err != ERR_OK) {
        trade_free(trade);
        return err;
    }
    TAILQ_INSERT_TAIL(&alipay->trades, trade, next);
    *out = trade;
    return ERR_OK;
}

/* 3.9: what asking again for a number in use is answered. */
static const char *
place_refusal(const struct alipay_trade *trade, const struct alipay_order *order)
{
    if (trade->status == ALIPAY_PAID) {
        return "ACQ.TRADE_HAS_SUCCESS";
    }
    if (trade->status == ALIPAY_CLOSED) {
        return "ACQ.TRADE_HAS_CLOSE";
    }
    if (!money_eq(trade->total, order->total) || strcmp(trade->subject, order->subject) != 0
        || trade->product != order->product) {
        return "ACQ.CONTEXT_INCONSISTENT";
    }
    return NULL;
}

enum err
alipay_trade_place(struct alipay *alipay, const struct alipay_order *order,
                   struct alipay_trade **out, const char **sub_code)
{
    *sub_code = NULL;
    struct alipay_trade *trade = alipay_trade_find(alipay, order->app, order->out_trade_no);
    if (trade != NULL) {
        *sub_code = place_refusal(trade, order);
        if (*sub_code != NULL) {
            return ERR_OK;
        }
    }
    if (world_now(alipay->world).us >= order->expires.us) {
        *sub_code = "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR";
        return ERR_OK;
    }
    if (trade == NULL) {
        return place_new(alipay, order, out);
    }
    TRY(take_addresses(trade, order));
    if (trade->status == ALIPAY_ABSENT) {
        trade->expires = order->expires;
    }
    *out = trade;
    return ERR_OK;
}

enum err
alipay_trade_code(struct alipay *alipay, struct alipay_trade *trade)
{
    struct wall_time now = world_now(alipay->world);
    if (trade->qr_code[0] != '\0' && now.us < trade->code_expires.us) {
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf code = BUF_MAX(sizeof(trade->qr_code) - 1);
    unsigned char random[10];
    TRY(crypto_random(random, sizeof(random)));
    TRY(buf_text(&code, "https://qr.alipay.com/bax"));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), &code));
    struct wall_time dies = wall_add_ms(now, CODE_LIFE_MS);
    trade->code_expires = dies.us < trade->expires.us ? dies : trade->expires;
    return print(trade->qr_code, sizeof(trade->qr_code), &code);
}

void
alipay_trade_open(struct alipay *alipay, struct alipay_trade *trade, const char **sub_code)
{
    struct wall_time now = world_now(alipay->world);
    *sub_code = NULL;
    if (trade->status == ALIPAY_PAID) {
        *sub_code = "ACQ.TRADE_HAS_SUCCESS";
    } else if (trade->status == ALIPAY_CLOSED) {
        *sub_code = "ACQ.TRADE_HAS_CLOSE";
    } else if (now.us >= trade->expires.us
               || (trade->product == ALIPAY_QR && now.us >= trade->code_expires.us)) {
        *sub_code = "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR";
    } else if (trade->status == ALIPAY_ABSENT) {
        trade->status = ALIPAY_WAIT;
        trade->created = now;
    }
}

enum err
alipay_trade_pay(struct alipay *alipay, struct alipay_trade *trade, struct wall_time at,
                 const char **sub_code)
{
    static const char *const refusals[ALIPAY_STATUS_COUNT] = {
        [ALIPAY_ABSENT] = "ACQ.TRADE_NOT_EXIST",
        [ALIPAY_WAIT] = NULL,
        [ALIPAY_PAID] = "ACQ.TRADE_HAS_SUCCESS",
        [ALIPAY_CLOSED] = "ACQ.TRADE_HAS_CLOSE",
    };
    *sub_code = refusals[trade->status];
    if (*sub_code != NULL) {
        return ERR_OK;
    }
    trade->paid = at.us == 0 ? world_now(alipay->world) : at;
    if (trade->paid.us < trade->created.us) {
        trade->created = wall_add_ms(trade->paid, -10000); /* a moved payment moves its creation */
    }
    trade->status = ALIPAY_PAID;
    return alipay_notify_trade(alipay, trade, NULL);
}

void
alipay_trade_cross(struct alipay_trade *trade)
{
    if (trade->status == ALIPAY_CLOSED && trade->paid.us == 0) {
        trade->status = ALIPAY_WAIT;
        trade->closed = (struct wall_time){ 0 };
    }
}

enum err
alipay_trade_close(struct alipay *alipay, struct alipay_trade *trade, const char **sub_code)
{
    static const char *const refusals[ALIPAY_STATUS_COUNT] = {
        [ALIPAY_ABSENT] = "ACQ.TRADE_NOT_EXIST",
        [ALIPAY_WAIT] = NULL,
        [ALIPAY_PAID] = "ACQ.TRADE_STATUS_ERROR",
        [ALIPAY_CLOSED] = "ACQ.REASON_TRADE_STATUS_INVALID",
    };
    *sub_code = refusals[trade->status];
    if (*sub_code != NULL) {
        return ERR_OK;
    }
    trade->status = ALIPAY_CLOSED;
    trade->closed = world_now(alipay->world);
    /* 5.7: of unpaid trades only wap.pay tells that it is closed. */
    return trade->product == ALIPAY_WAP ? alipay_notify_trade(alipay, trade, NULL) : ERR_OK;
}

enum err
alipay_trade_expire(struct alipay *alipay)
{
    struct alipay_trade *trade;
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if (settled(alipay, trade)->tell_closed) {
            TRY(alipay_notify_trade(alipay, trade, NULL));
            trade->tell_closed = false;
        }
    }
    return ERR_OK;
}

const struct alipay_refund *
alipay_trade_refund_find(const struct alipay_trade *trade, const char *request_no)
{
    const struct alipay_refund *refund;
    TAILQ_FOREACH(refund, &trade->refunds, next) {
        if (strcmp(refund->request_no, request_no) == 0) {
            return refund;
        }
    }
    return NULL;
}

static const char *
refund_refusal(const struct alipay_trade *trade, const struct alipay_refund *earlier,
               struct money amount)
{
    if (trade->status == ALIPAY_ABSENT) {
        return "ACQ.TRADE_NOT_EXIST";
    }
    if (earlier != NULL) {
        return money_eq(earlier->amount, amount) ? NULL : "ACQ.DISCORDANT_REPEAT_REQUEST";
    }
    if (trade->status == ALIPAY_WAIT) {
        return "ACQ.TRADE_STATUS_ERROR";
    }
    if (trade->status == ALIPAY_CLOSED) {
        return "ACQ.TRADE_HAS_CLOSE";
    }
    return amount.minor > trade->total.minor - trade->refunded.minor
               ? "ACQ.REASON_TRADE_REFUND_FEE_ERR"
               : NULL;
}

static enum err
refund_new(struct alipay *alipay, struct alipay_trade *trade, const char *request_no,
           struct money amount, const char *reason)
{
    size_t len = strlen(request_no);
    if (len > ALIPAY_NUMBER_MAX) {
        return ERR_FIELD_LENGTH;
    }
    struct money refunded;
    TRY(money_add(trade->refunded, amount, &refunded));
    struct alipay_refund *refund = calloc(1, sizeof(*refund));
    if (refund == NULL || copy_text(reason, &refund->reason) != ERR_OK) {
        free(refund);
        return ERR_NO_MEMORY;
    }
    memcpy(refund->request_no, request_no, len + 1);
    refund->amount = amount;
    refund->at = world_now(alipay->world);
    TAILQ_INSERT_TAIL(&trade->refunds, refund, next);
    trade->refunded = refunded;
    if (money_eq(trade->refunded, trade->total)) {
        trade->status = ALIPAY_CLOSED;
        trade->closed = refund->at;
    }
    return alipay_notify_trade(alipay, trade, refund);
}

enum err
alipay_trade_refund(struct alipay *alipay, struct alipay_trade *trade, const char *request_no,
                    struct money amount, const char *reason, bool *moved, const char **sub_code)
{
    const struct alipay_refund *earlier = alipay_trade_refund_find(trade, request_no);
    *sub_code = refund_refusal(trade, earlier, amount);
    *moved = *sub_code == NULL && earlier == NULL;
    return *moved ? refund_new(alipay, trade, request_no, amount, reason) : ERR_OK;
}
