/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "wechatpay_daybill.h"
#include "wechatpay_order.h"

#define FEE_PPM       6000
#define OPENING_MINOR 1000000                       /* of each merchant's account */
#define SNAPSHOT_MS   (INT64_C(9) * 60 * 60 * 1000) /* 6.4: bills are made at 09:00 */

void
wechatpay_bill_fini(struct wechatpay_bill *bill)
{
    free(bill->lines);
    free(bill->last_column);
    bill->lines = NULL;
    bill->last_column = NULL;
}

enum err
wechatpay_bill_add(struct wechatpay_bill *bill, const struct wechatpay_bill_line *line)
{
    if (bill->count == WECHATPAY_BILL_LINES_MAX) {
        return ERR_BUF_FULL;
    }
    if (bill->count == bill->cap) {
        size_t cap = bill->cap == 0 ? 64 : bill->cap * 2;
        struct wechatpay_bill_line *lines = reallocarray(bill->lines, cap, sizeof(*lines));
        if (lines == NULL) {
            return ERR_NO_MEMORY;
        }
        bill->lines = lines;
        bill->cap = cap;
    }
    bill->lines[bill->count++] = *line;
    return ERR_OK;
}

enum err
wechatpay_bill_fee(struct money amount, bool refund, struct money *out)
{
    struct money fee;
    TRY(money_rate(amount, FEE_PPM, &fee));
    return money_make(refund ? -fee.minor : fee.minor, fee.currency, out);
}

static struct wall_time
made_at(struct day day)
{
    return wall_add_ms(day_start(day_add(day, 1), ZONE_CHINA_MIN), SNAPSHOT_MS);
}

static struct wechatpay_bill_line
line_of(const struct wechatpay_order *order)
{
    struct wechatpay_bill_line line = {
        .trade_type = wechatpay_order_trade_type(order),
        .openid = order->openid,
        .description = order->description,
        .attach = order->attach,
        .status = "",
        .booked = order->paid,
        .paid = order->paid,
        .amount = order->total,
    };
    memcpy(line.out_trade_no, order->out_trade_no, sizeof(order->out_trade_no));
    memcpy(line.transaction_id, order->transaction_id, sizeof(order->transaction_id));
    return line;
}

/* 6.2: how the refund stood when the bill of its day was made; that is never corrected. */
static const char *
status_then(const struct wechatpay_refund *refund)
{
    static const char *const names[WECHATPAY_REFUND_STATUS_COUNT] = {
        [WECHATPAY_REFUND_PROCESSING] = "PROCESSING",
        [WECHATPAY_REFUND_SUCCESS] = "SUCCESS",
        [WECHATPAY_REFUND_CLOSED] = "FAIL",
        [WECHATPAY_REFUND_ABNORMAL] = "CHANGE",
    };
    struct wall_time made = made_at(day_of(refund->created, ZONE_CHINA_MIN));
    return refund->finished.us != 0 && refund->finished.us < made.us ? names[refund->status]
                                                                     : "PROCESSING";
}

static enum err
line_of_refund(const struct wechatpay_refund *refund, struct wechatpay_bill_line *out)
{
    struct wechatpay_bill_line line = line_of(refund->order);
    line.refund = true;
    line.status = status_then(refund);
    line.booked = refund->created;
    if (strcmp(line.status, "SUCCESS") == 0) {
        line.finished = refund->finished;
    }
    line.amount = refund->amount;
    memcpy(line.out_refund_no, refund->out_refund_no, sizeof(refund->out_refund_no));
    memcpy(line.refund_id, refund->refund_id, sizeof(refund->refund_id));
    TRY(wechatpay_bill_fee(line.amount, true, &line.fee));
    *out = line;
    return ERR_OK;
}

/* A refund that had failed by then moved no money that day. */
static bool
moves_money(const struct wechatpay_bill_line *line)
{
    return strcmp(line->status, "FAIL") != 0;
}

/* Keeps a line of the day, and lets what was booked before it move the opening balance. */
static enum err
take_line(struct wechatpay_bill *bill, const struct wechatpay_bill_line *line)
{
    bool flow = bill->kind == WECHATPAY_BILL_FLOW;
    int order = day_cmp(day_of(line->booked, ZONE_CHINA_MIN), bill->day);
    if (flow && !moves_money(line)) {
        return ERR_OK;
    }
    if (flow && order < 0) {
        struct money net;
        TRY(money_sub(line->amount,
                      line->refund ? (struct money){ -line->fee.minor, line->fee.currency }
                                   : line->fee,
                      &net));
        return line->refund ? money_sub(bill->opening, net, &bill->opening)
                            : money_add(bill->opening, net, &bill->opening);
    }
    bool wanted = order == 0 && !(bill->kind == WECHATPAY_BILL_SUCCESS && line->refund)
                  && !(bill->kind == WECHATPAY_BILL_REFUND && !line->refund);
    return wanted ? wechatpay_bill_add(bill, line) : ERR_OK;
}

static enum err
take_order(struct wechatpay_bill *bill, const struct wechatpay_order *order)
{
    const struct wechatpay_refund *refund;
    struct wechatpay_bill_line line = line_of(order);
    if (order->paid.us == 0) {
        return ERR_OK;
    }
    TRY(wechatpay_bill_fee(line.amount, false, &line.fee));
    TRY(take_line(bill, &line));
    TAILQ_FOREACH(refund, &order->refunds, next) {
        TRY(line_of_refund(refund, &line));
        TRY(take_line(bill, &line));
    }
    return ERR_OK;
}

static int
by_booking(const void *a, const void *b)
{
    const struct wechatpay_bill_line *left = a;
    const struct wechatpay_bill_line *right = b;
    if (left->booked.us != right->booked.us) {
        return left->booked.us < right->booked.us ? -1 : 1;
    }
    int by_number = strcmp(left->transaction_id, right->transaction_id);
    return by_number != 0 ? by_number : strcmp(left->refund_id, right->refund_id);
}

/* 6.1: the rows of a trade bill are not in the order of time. Payments from the latest to the
 * earliest, then refunds: so nobody learns to rely on it. */
static int
by_whim(const void *a, const void *b)
{
    const struct wechatpay_bill_line *left = a;
    const struct wechatpay_bill_line *right = b;
    if (left->refund != right->refund) {
        return left->refund ? 1 : -1;
    }
    return left->refund ? by_booking(a, b) : by_booking(b, a);
}

static enum err
fill(const struct wechatpay *wechatpay, struct wechatpay_bill *bill)
{
    const struct wechatpay_order *order;
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        if (order->merchant == bill->merchant) {
            TRY(take_order(bill, order));
        }
    }
    if (bill->count > 1) {
        qsort(bill->lines, bill->count, sizeof(bill->lines[0]),
              bill->kind == WECHATPAY_BILL_FLOW ? by_booking : by_whim);
    }
    return wechatpay_bill_edit_apply(wechatpay, bill);
}

enum err
wechatpay_bill_make(struct wechatpay *wechatpay, const struct wechatpay_merchant *merchant,
                    enum wechatpay_bill_kind kind, struct day day, struct wechatpay_bill *out)
{
    struct wechatpay_bill bill = {
        .merchant = merchant,
        .kind = kind,
        .day = day,
        .opening = { .minor = OPENING_MINOR, .currency = CURRENCY_CNY },
        .more_sum = { .minor = 0, .currency = CURRENCY_CNY },
    };
    enum err err = fill(wechatpay, &bill);
    if (err != ERR_OK) {
        wechatpay_bill_fini(&bill);
        return err;
    }
    *out = bill;
    return ERR_OK;
}
