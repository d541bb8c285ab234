/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_refund.h"

#include <stdlib.h>

#include "wechatpay_fault.h"
#include "wechatpay_notify.h"

#define PARTIAL_MAX 50
#define MINUTE_MS   INT64_C(60000)
#define YEAR_MS     (INT64_C(365) * 24 * 60 * MINUTE_MS)

const char *
wechatpay_refund_status_name(enum wechatpay_refund_status status)
{
    static const char *const names[WECHATPAY_REFUND_STATUS_COUNT] = {
        [WECHATPAY_REFUND_PROCESSING] = "PROCESSING",
        [WECHATPAY_REFUND_SUCCESS] = "SUCCESS",
        [WECHATPAY_REFUND_CLOSED] = "CLOSED",
        [WECHATPAY_REFUND_ABNORMAL] = "ABNORMAL",
    };
    return names[status];
}

struct wechatpay_refund *
wechatpay_refund_find(struct wechatpay *wechatpay, const struct wechatpay_merchant *merchant,
                      struct span out_refund_no)
{
    struct wechatpay_order *order;
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        struct wechatpay_refund *refund;
        TAILQ_FOREACH(refund, &order->refunds, next) {
            if ((merchant == NULL || order->merchant == merchant)
                && span_eq_cstr(out_refund_no, refund->out_refund_no)) {
                return refund;
            }
        }
    }
    return NULL;
}

/* What refunds have taken so far; a closed one gave its money back. */
static int64_t
taken(const struct wechatpay_order *order, size_t *count)
{
    const struct wechatpay_refund *refund;
    int64_t sum = 0;
    *count = 0;
    TAILQ_FOREACH(refund, &order->refunds, next) {
        if (refund->status != WECHATPAY_REFUND_CLOSED) {
            sum += refund->amount.minor;
        }
        *count += 1;
    }
    return sum;
}

static const char *
again_refusal(const struct wechatpay_refund *earlier, const struct wechatpay_order *order,
              const struct wechatpay_refund_wish *wish)
{
    if (earlier->order != order) {
        return "INVALID_REQUEST";
    }
    return money_eq(earlier->amount, wish->amount) && money_eq(order->total, wish->total)
               ? NULL
               : "REFUND_FEE_MISMATCH";
}

static const char *
new_refusal(struct wechatpay *wechatpay, const struct wechatpay_order *order,
            const struct wechatpay_refund_wish *wish)
{
    struct wall_time now = world_now(wechatpay->world);
    const struct wechatpay_refund *last = TAILQ_LAST(&order->refunds, wechatpay_refund_list);
    size_t count;
    int64_t left = order->total.minor - taken(order, &count);
    if (order->state != WECHATPAY_PAID || !money_eq(order->total, wish->total)
        || wish->amount.minor > left || count >= PARTIAL_MAX) {
        return "INVALID_REQUEST";
    }
    if (wall_ms_between(order->paid, now) > YEAR_MS) {
        return "TRADE_OVERDUE";
    }
    if (last != NULL && wall_ms_between(last->created, now) < MINUTE_MS) {
        return "FREQUENCY_LIMITED";
    }
    return wechatpay_fault_take(wechatpay, WECHATPAY_REFUND_POOR, order->out_trade_no)
               ? "NOT_ENOUGH"
               : NULL;
}

static enum err
fill(struct wechatpay *wechatpay, struct wechatpay_refund *refund,
     const struct wechatpay_refund_wish *wish)
{
    DEFER(buf_fini) struct buf number = BUF_MAX(sizeof(refund->refund_id) - 1);
    refund->amount = wish->amount;
    refund->created = world_now(wechatpay->world);
    struct day day = day_of(refund->created, ZONE_CHINA_MIN);
    TRY(buf_printf(&number, "5030200260%04d%02d%02d%011llu", day.year, day.month, day.mday,
                   (unsigned long long)++wechatpay->serial));
    TRY(wechatpay_print(buf_span(&number), refund->refund_id, sizeof(refund->refund_id)));
    TRY(wechatpay_print(wish->out_refund_no, refund->out_refund_no, sizeof(refund->out_refund_no)));
    return span_empty(wish->notify_url) ? ERR_OK
                                        : wechatpay_copy(wish->notify_url, &refund->notify_url);
}

static enum err
accept_new(struct wechatpay *wechatpay, struct wechatpay_order *order,
           const struct wechatpay_refund_wish *wish, struct wechatpay_refund **out)
{
    struct wechatpay_refund *refund = calloc(1, sizeof(*refund));
    if (refund == NULL) {
        return ERR_NO_MEMORY;
    }
    refund->order = order;
    enum err err = fill(wechatpay, refund, wish);
    if (err != ERR_OK) {
        free(refund->notify_url);
        free(refund);
        return err;
    }
    refund->held = wechatpay_fault_take(wechatpay, WECHATPAY_REFUND_HOLD, order->out_trade_no);
    TAILQ_INSERT_TAIL(&order->refunds, refund, next);
    *out = refund;
    return ERR_OK;
}

enum err
wechatpay_refund_ask(struct wechatpay *wechatpay, struct wechatpay_order *order,
                     const struct wechatpay_refund_wish *wish, struct wechatpay_refund **out,
                     const char **refusal)
{
    struct wechatpay_refund *earlier =
        wechatpay_refund_find(wechatpay, order->merchant, wish->out_refund_no);
    *refusal =
        earlier != NULL ? again_refusal(earlier, order, wish) : new_refusal(wechatpay, order, wish);
    if (*refusal != NULL) {
        return ERR_OK;
    }
    if (earlier == NULL) {
        return accept_new(wechatpay, order, wish, out);
    }
    *out = earlier;
    return ERR_OK;
}

enum err
wechatpay_refund_end(struct wechatpay *wechatpay, struct wechatpay_refund *refund,
                     enum wechatpay_refund_status status, const char **refusal)
{
    bool open = refund->status == WECHATPAY_REFUND_PROCESSING
                || refund->status == WECHATPAY_REFUND_ABNORMAL; /* a person can still end that */
    *refusal = open && status != refund->status ? NULL : "REFUND_ENDED";
    if (*refusal != NULL) {
        return ERR_OK;
    }
    refund->status = status;
    refund->finished = world_now(wechatpay->world);
    return wechatpay_notify_refund(wechatpay, refund);
}

enum err
wechatpay_refund_settle(struct wechatpay *wechatpay)
{
    struct wall_time now = world_now(wechatpay->world);
    struct wechatpay_order *order;
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        struct wechatpay_refund *refund;
        TAILQ_FOREACH(refund, &order->refunds, next) {
            const char *refusal;
            if (refund->status == WECHATPAY_REFUND_PROCESSING && !refund->held
                && wall_ms_between(refund->created, now) >= MINUTE_MS) {
                TRY(wechatpay_refund_end(wechatpay, refund, WECHATPAY_REFUND_SUCCESS, &refusal));
            }
        }
    }
    return ERR_OK;
}
