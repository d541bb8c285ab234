/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_control.h"

#include "wechatpay_daybill.h"
#include "wechatpay_fault.h"
#include "wechatpay_gateway.h"
#include "wechatpay_notify.h"
#include "wechatpay_order.h"
#include "wechatpay_refund.h"

void
wechatpay_control_finish(struct control_call *call, enum err err, const char *refusal,
                         struct json_t *out)
{
    if (err == ERR_OK && refusal == NULL) {
        control_answer(call, out);
        return;
    }
    json_free(&out);
    if (err == ERR_OK) {
        control_refuse(call, 409, refusal, wechatpay_refusal_find(refusal)->message);
        return;
    }
    control_refuse(call, 400, err_name(err), err_text(err, LANGUAGE_EN));
}

enum err
wechatpay_control_text(const struct json_t *in, const char *name, struct span *out)
{
    return json_member(in, name) == NULL ? ERR_OK : json_get_string(in, name, out);
}

static enum err
optional_bool(const struct json_t *in, const char *name, bool *out)
{
    return json_member(in, name) == NULL ? ERR_OK : json_get_bool(in, name, out);
}

enum err
wechatpay_control_put_money(struct json_t *out, const char *name, struct money amount)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(money_format(amount, &text));
    return json_put_string(out, name, buf_span(&text));
}

enum err
wechatpay_control_put_wall(struct json_t *out, const char *name, struct wall_time t)
{
    if (t.us == 0) {
        return json_put_null(out, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wall_format(t, &text));
    return json_put_string(out, name, buf_span(&text));
}

enum err
wechatpay_control_order(struct wechatpay *wechatpay, const struct json_t *in,
                        struct wechatpay_order **out)
{
    struct span number;
    TRY(json_get_string(in, "out_trade_no", &number));
    struct wechatpay_order *order = wechatpay_order_find(wechatpay, NULL, number);
    if (order == NULL) {
        return ERR_FIELD_VALUE;
    }
    *out = order;
    return ERR_OK;
}

/* A new object with one empty list in it. */
static enum err
new_list(const char *name, struct json_t **out, struct json_t **list)
{
    TRY(json_new_object(out));
    TRY(json_new_array(list));
    return json_put(*out, name, *list);
}

static enum err
put_trade(const struct wechatpay_order *order, struct json_t *list)
{
    struct json_t *object;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "mchid", order->merchant->mchid));
    TRY(json_put_text(object, "out_trade_no", order->out_trade_no));
    TRY(json_put_text(object, "transaction_id", order->transaction_id));
    TRY(json_put_text(object, "trade_type", wechatpay_order_trade_type(order)));
    TRY(json_put_text(object, "status", wechatpay_order_trade_state(order)));
    TRY(wechatpay_control_put_money(object, "total", order->total));
    return wechatpay_control_put_wall(object, "success_time", order->paid);
}

static enum err
list_trades(struct wechatpay *wechatpay, struct json_t **out)
{
    struct json_t *list;
    const struct wechatpay_order *order;
    TRY(new_list("trades", out, &list));
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        /* Looking for it also closes what is to be closed by now. */
        TRY(put_trade(
            wechatpay_order_find(wechatpay, order->merchant, span_of(order->out_trade_no)), list));
    }
    return ERR_OK;
}

static void
trades(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = list_trades(self, &out);
    wechatpay_control_finish(call, err, NULL, out);
}

static enum err
put_refund(const struct wechatpay_refund *refund, struct json_t *list)
{
    struct json_t *object;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "mchid", refund->order->merchant->mchid));
    TRY(json_put_text(object, "out_trade_no", refund->order->out_trade_no));
    TRY(json_put_text(object, "transaction_id", refund->order->transaction_id));
    TRY(json_put_text(object, "out_refund_no", refund->out_refund_no));
    TRY(json_put_text(object, "refund_id", refund->refund_id));
    TRY(json_put_text(object, "status", wechatpay_refund_status_name(refund->status)));
    TRY(wechatpay_control_put_money(object, "refund", refund->amount));
    TRY(wechatpay_control_put_wall(object, "create_time", refund->created));
    return wechatpay_control_put_wall(
        object, "success_time",
        refund->status == WECHATPAY_REFUND_SUCCESS ? refund->finished : (struct wall_time){ 0 });
}

static enum err
list_refunds(struct wechatpay *wechatpay, struct json_t **out)
{
    struct json_t *list;
    const struct wechatpay_order *order;
    TRY(wechatpay_refund_settle(wechatpay));
    TRY(new_list("refunds", out, &list));
    TAILQ_FOREACH(order, &wechatpay->orders, next) {
        const struct wechatpay_refund *refund;
        TAILQ_FOREACH(refund, &order->refunds, next) {
            TRY(put_refund(refund, list));
        }
    }
    return ERR_OK;
}

static void
refunds(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = list_refunds(self, &out);
    wechatpay_control_finish(call, err, NULL, out);
}

static enum err
read_status(const struct json_t *in, enum wechatpay_refund_status *out)
{
    struct span text;
    TRY(json_get_string(in, "status", &text));
    for (size_t i = WECHATPAY_REFUND_SUCCESS; i < WECHATPAY_REFUND_STATUS_COUNT; i++) {
        if (span_eq_cstr(text, wechatpay_refund_status_name((enum wechatpay_refund_status)i))) {
            *out = (enum wechatpay_refund_status)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

static enum err
end_refund(struct wechatpay *wechatpay, const struct json_t *in, const char **refusal)
{
    struct span number;
    enum wechatpay_refund_status status;
    TRY(json_get_string(in, "out_refund_no", &number));
    TRY(read_status(in, &status));
    struct wechatpay_refund *refund = wechatpay_refund_find(wechatpay, NULL, number);
    return refund == NULL ? ERR_FIELD_VALUE
                          : wechatpay_refund_end(wechatpay, refund, status, refusal);
}

static void
refund_result(void *self, struct control_call *call, const struct json_t *in)
{
    const char *refusal = NULL;
    enum err err = end_refund(self, in, &refusal);
    wechatpay_control_finish(call, err, refusal, NULL);
}

static enum err
list_deliveries(const struct wechatpay *wechatpay, struct json_t **out)
{
    struct json_t *list;
    TRY(new_list("deliveries", out, &list));
    return wechatpay_notify_list(wechatpay, list);
}

static void
deliveries(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = list_deliveries(self, &out);
    wechatpay_control_finish(call, err, NULL, out);
}

static enum err
read_wish(struct wechatpay *wechatpay, const struct json_t *in, struct wechatpay_notice_wish *out)
{
    struct wechatpay_order *order;
    struct span number = SPAN("");
    struct span probe = SPAN("");
    TRY(wechatpay_control_order(wechatpay, in, &order));
    TRY(optional_bool(in, "forged", &out->forged));
    TRY(optional_bool(in, "resend", &out->resend));
    TRY(wechatpay_control_text(in, "probe", &probe));
    TRY(wechatpay_control_text(in, "out_refund_no", &number));
    out->order = order;
    out->probe = span_eq_cstr(probe, "SIGNTEST");
    if (!out->probe && !span_empty(probe)) {
        return ERR_FIELD_VALUE;
    }
    if (!span_empty(number)) {
        const struct wechatpay_refund *refund =
            wechatpay_refund_find(wechatpay, order->merchant, number);
        if (refund == NULL || refund->order != order) {
            return ERR_FIELD_VALUE;
        }
        out->refund = refund;
    }
    return ERR_OK;
}

static enum err
notify_known(struct wechatpay *wechatpay, struct control_call *call, const struct json_t *in)
{
    struct wechatpay_notice_wish wish = { .order = NULL };
    struct span total_text = SPAN("");
    struct money total;
    TRY(read_wish(wechatpay, in, &wish));
    TRY(wechatpay_control_text(in, "total", &total_text));
    if (!span_empty(total_text)) {
        TRY(money_parse(total_text, CURRENCY_CNY, &total));
        wish.total = &total;
    }
    return wechatpay_notify_now(wechatpay, &wish, call);
}

static void
notify(void *self, struct control_call *call, const struct json_t *in)
{
    enum err err = notify_known(self, call, in);
    if (err != ERR_OK) { /* else the receiver's reply answers it */
        wechatpay_control_finish(call, err, NULL, NULL);
    }
}

static enum err
release_due(struct wechatpay *wechatpay, struct json_t **out)
{
    TRY(wechatpay_refund_settle(wechatpay));
    TRY(json_new_object(out));
    return json_put_i64(*out, "sent", (int64_t)wechatpay_notify_release(wechatpay));
}

static void
release(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = release_due(self, &out);
    wechatpay_control_finish(call, err, NULL, out);
}

static void
idle(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    enum err err = wechatpay_notify_idle(self, call);
    if (err != ERR_OK) {
        wechatpay_control_finish(call, err, NULL, NULL);
    }
}

static enum err
read_fault(struct wechatpay *wechatpay, const struct json_t *in)
{
    struct span kind;
    struct span number = SPAN("");
    int64_t times = 1;
    TRY(json_get_string(in, "kind", &kind));
    TRY(wechatpay_control_text(in, "out_trade_no", &number));
    if (json_member(in, "times") != NULL) {
        TRY(json_get_i64(in, "times", &times));
    }
    return wechatpay_fault_add(wechatpay, kind, number, times);
}

static void
faults(void *self, struct control_call *call, const struct json_t *in)
{
    wechatpay_control_finish(call, read_fault(self, in), NULL, NULL);
}

static void
clear_faults(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    wechatpay_fault_clear(self);
    wechatpay_control_finish(call, ERR_OK, NULL, NULL);
}

static void
bill_edits(void *self, struct control_call *call, const struct json_t *in)
{
    wechatpay_control_finish(call, wechatpay_bill_edit(self, in), NULL, NULL);
}

/* 2.5: the next certificate is listed, and signs at once unless it is only to be announced. */
static enum err
rotate_known(struct wechatpay *wechatpay, const struct json_t *in)
{
    bool announce = false;
    TRY(optional_bool(in, "announce", &announce));
    wechatpay->next_listed = true;
    wechatpay->next_signs = wechatpay->next_signs || !announce;
    return ERR_OK;
}

static void
rotate(void *self, struct control_call *call, const struct json_t *in)
{
    wechatpay_control_finish(call, rotate_known(self, in), NULL, NULL);
}

void
wechatpay_control_add(struct wechatpay *wechatpay)
{
    static const struct {
        enum evhttp_cmd_type method;
        const char *path;
        control_fn fn;
    } calls[] = {
        { EVHTTP_REQ_POST, "/wechatpay/scan", wechatpay_control_scan },
        { EVHTTP_REQ_POST, "/wechatpay/open", wechatpay_control_open },
        { EVHTTP_REQ_POST, "/wechatpay/jsapi", wechatpay_control_jsapi },
        { EVHTTP_REQ_POST, "/wechatpay/pay", wechatpay_control_pay },
        { EVHTTP_REQ_GET, "/wechatpay/trades", trades },
        { EVHTTP_REQ_GET, "/wechatpay/refunds", refunds },
        { EVHTTP_REQ_POST, "/wechatpay/refund-result", refund_result },
        { EVHTTP_REQ_GET, "/wechatpay/deliveries", deliveries },
        { EVHTTP_REQ_POST, "/wechatpay/notify", notify },
        { EVHTTP_REQ_POST, "/wechatpay/release", release },
        { EVHTTP_REQ_POST, "/wechatpay/idle", idle },
        { EVHTTP_REQ_POST, "/wechatpay/faults", faults },
        { EVHTTP_REQ_POST, "/wechatpay/faults/clear", clear_faults },
        { EVHTTP_REQ_POST, "/wechatpay/bill-edits", bill_edits },
        { EVHTTP_REQ_POST, "/wechatpay/rotate", rotate },
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        control_add(wechatpay->world, calls[i].method, calls[i].path, calls[i].fn, wechatpay);
    }
}
