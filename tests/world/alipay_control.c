/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_control.h"

#include <stdlib.h>

#include "alipay_daybill.h"
#include "alipay_fault.h"
#include "alipay_gateway.h"
#include "alipay_notify.h"
#include "alipay_sign.h"
#include "alipay_trade.h"

static void
text_fini(char **text)
{
    free(*text);
}

void
alipay_control_finish(struct control_call *call, enum err err, struct json_t *out)
{
    if (err == ERR_OK) {
        control_answer(call, out);
        return;
    }
    json_free(&out);
    control_refuse(call, 400, err_name(err), err_text(err, LANGUAGE_EN));
}

enum err
alipay_control_put_wall(struct json_t *out, const char *name, struct wall_time t)
{
    if (t.us == 0) {
        return json_put_null(out, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wall_format(t, &text));
    return json_put_string(out, name, buf_span(&text));
}

/* An absent member leaves *out as it is. */
static enum err
optional_text(const struct json_t *in, const char *name, struct span *out)
{
    return json_member(in, name) == NULL ? ERR_OK : json_get_string(in, name, out);
}

static enum err
optional_bool(const struct json_t *in, const char *name, bool *out)
{
    return json_member(in, name) == NULL ? ERR_OK : json_get_bool(in, name, out);
}

enum err
alipay_control_trade(struct alipay *alipay, const struct json_t *in, struct alipay_trade **out)
{
    DEFER(text_fini) char *number = NULL;
    struct span text;
    TRY(json_get_string(in, "out_trade_no", &text));
    TRY(alipay_copy(text, &number));
    struct alipay_trade *trade = alipay_trade_find(alipay, NULL, number);
    if (trade == NULL) {
        return ERR_FIELD_VALUE;
    }
    *out = trade;
    return ERR_OK;
}

static enum err
find_scanned(struct alipay *alipay, const struct json_t *in, struct alipay_trade **out)
{
    DEFER(text_fini) char *code = NULL;
    struct span text;
    TRY(json_get_string(in, "qr_text", &text));
    TRY(alipay_copy(text, &code));
    struct alipay_trade *trade = alipay_trade_by_code(alipay, code);
    if (trade == NULL) {
        return ERR_FIELD_VALUE;
    }
    *out = trade;
    return ERR_OK;
}

static enum err
scanned(const struct alipay_trade *trade, struct json_t **out)
{
    TRY(json_new_object(out));
    TRY(json_put_text(*out, "out_trade_no", trade->out_trade_no));
    TRY(json_put_text(*out, "trade_no", trade->trade_no));
    return alipay_put_money(*out, "total_amount", trade->total);
}

static void
scan(void *self, struct control_call *call, const struct json_t *in)
{
    struct alipay_trade *trade = NULL;
    struct json_t *out = NULL;
    const char *sub_code = NULL;
    enum err err = find_scanned(self, in, &trade);
    if (err == ERR_OK) {
        alipay_trade_open(self, trade, &sub_code);
    }
    if (sub_code != NULL) {
        control_refuse(call, 409, sub_code, alipay_sub_msg(sub_code));
        return;
    }
    if (err == ERR_OK) {
        err = scanned(trade, &out);
    }
    alipay_control_finish(call, err, out);
}

static enum err
read_time(const struct json_t *in, const char *name, struct wall_time *out)
{
    struct span text = SPAN("");
    TRY(optional_text(in, name, &text));
    return span_empty(text) ? ERR_OK : wall_parse(text, out);
}

static enum err
pay_known(struct alipay *alipay, const struct json_t *in, struct json_t **out,
          const char **sub_code)
{
    struct alipay_trade *trade;
    struct wall_time at = { 0 };
    bool late = false;
    TRY(alipay_control_trade(alipay, in, &trade));
    TRY(read_time(in, "at", &at));
    TRY(optional_bool(in, "late", &late));
    if (late) {
        alipay_trade_cross(trade);
    }
    TRY(alipay_trade_pay(alipay, trade, at, sub_code));
    if (*sub_code != NULL) {
        return ERR_OK;
    }
    TRY(json_new_object(out));
    TRY(json_put_text(*out, "trade_no", trade->trade_no));
    return alipay_control_put_wall(*out, "gmt_payment", trade->paid);
}

static void
pay(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    const char *sub_code = NULL;
    enum err err = pay_known(self, in, &out, &sub_code);
    if (err == ERR_OK && sub_code != NULL) {
        control_refuse(call, 409, sub_code, alipay_sub_msg(sub_code));
        return;
    }
    alipay_control_finish(call, err, out);
}

static enum err
put_trade(const struct alipay_trade *trade, struct json_t *list)
{
    struct json_t *object;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "app_id", trade->app->app_id));
    TRY(json_put_text(object, "out_trade_no", trade->out_trade_no));
    TRY(json_put_text(object, "trade_no", trade->trade_no));
    TRY(json_put_text(object, "status", alipay_trade_status(trade)));
    TRY(alipay_put_money(object, "total_amount", trade->total));
    return alipay_control_put_wall(object, "gmt_payment", trade->paid);
}

static enum err
list_trades(struct alipay *alipay, struct json_t **out)
{
    struct json_t *list;
    struct alipay_trade *trade;
    TRY(json_new_object(out));
    TRY(json_new_array(&list));
    TRY(json_put(*out, "trades", list));
    TRY(alipay_trade_expire(alipay));
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if (trade->status != ALIPAY_ABSENT) {
            TRY(put_trade(trade, list));
        }
    }
    return ERR_OK;
}

static void
trades(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = list_trades(self, &out);
    alipay_control_finish(call, err, out);
}

static enum err
list_deliveries(const struct alipay *alipay, struct json_t **out)
{
    struct json_t *list;
    TRY(json_new_object(out));
    TRY(json_new_array(&list));
    TRY(json_put(*out, "deliveries", list));
    return alipay_notify_list(alipay, list);
}

static void
deliveries(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = list_deliveries(self, &out);
    alipay_control_finish(call, err, out);
}

/* A bool, or "foreign". */
static enum err
read_forged(const struct json_t *in, struct alipay_notice_wish *wish)
{
    struct span how;
    const struct json_t *forged = json_member(in, "forged");
    if (forged == NULL || json_as_string(forged, &how) != ERR_OK) {
        return optional_bool(in, "forged", &wish->forged);
    }
    wish->foreign = span_eq_cstr(how, "foreign");
    return wish->foreign ? ERR_OK : ERR_FIELD_VALUE;
}

static enum err
notify_known(struct alipay *alipay, struct control_call *call, const struct json_t *in)
{
    struct alipay_trade *trade;
    struct alipay_notice_wish wish = { .trade = NULL };
    struct span total_text = SPAN("");
    struct money total;
    TRY(alipay_control_trade(alipay, in, &trade));
    TRY(read_forged(in, &wish));
    TRY(optional_bool(in, "resend", &wish.resend));
    TRY(optional_text(in, "total_amount", &total_text));
    if (!span_empty(total_text)) {
        TRY(money_parse(total_text, CURRENCY_CNY, &total));
        wish.total = &total;
    }
    wish.trade = trade;
    return alipay_notify_now(alipay, &wish, call);
}

static void
notify(void *self, struct control_call *call, const struct json_t *in)
{
    enum err err = notify_known(self, call, in);
    if (err != ERR_OK) { /* else the receiver's reply answers it */
        alipay_control_finish(call, err, NULL);
    }
}

static enum err
release_due(struct alipay *alipay, const struct json_t *in, struct json_t **out)
{
    bool newest_first = false;
    int64_t max = INT64_MAX;
    TRY(optional_bool(in, "newest_first", &newest_first));
    if (json_member(in, "count") != NULL) {
        TRY(json_get_i64(in, "count", &max));
    }
    if (max < 1) {
        return ERR_FIELD_VALUE;
    }
    TRY(alipay_trade_expire(alipay));
    TRY(json_new_object(out));
    size_t sent = alipay_notify_release(alipay, newest_first, (size_t)max);
    return json_put_i64(*out, "sent", (int64_t)sent);
}

static void
release(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    enum err err = release_due(self, in, &out);
    alipay_control_finish(call, err, out);
}

static void
idle(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    enum err err = alipay_notify_idle(self, call);
    if (err != ERR_OK) {
        alipay_control_finish(call, err, NULL);
    }
}

static enum err
read_fault(struct alipay *alipay, const struct json_t *in)
{
    struct span kind;
    struct span number = SPAN("");
    int64_t times = 1;
    TRY(json_get_string(in, "kind", &kind));
    TRY(optional_text(in, "out_trade_no", &number));
    if (json_member(in, "times") != NULL) {
        TRY(json_get_i64(in, "times", &times));
    }
    return alipay_fault_add(alipay, kind, number, times);
}

static void
faults(void *self, struct control_call *call, const struct json_t *in)
{
    alipay_control_finish(call, read_fault(self, in), NULL);
}

static void
clear_faults(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    alipay_fault_clear(self);
    alipay_control_finish(call, ERR_OK, NULL);
}

static void
rotate(void *self, struct control_call *call, const struct json_t *in)
{
    (void)in;
    alipay_sign_rotate(self);
    alipay_control_finish(call, ERR_OK, NULL);
}

static void
bill_edits(void *self, struct control_call *call, const struct json_t *in)
{
    alipay_control_finish(call, alipay_bill_edit(self, in), NULL);
}

void
alipay_control_add(struct alipay *alipay)
{
    static const struct {
        enum evhttp_cmd_type method;
        const char *path;
        control_fn fn;
    } calls[] = {
        { EVHTTP_REQ_POST, "/alipay/scan", scan },
        { EVHTTP_REQ_POST, "/alipay/pay", pay },
        { EVHTTP_REQ_GET, "/alipay/trades", trades },
        { EVHTTP_REQ_GET, "/alipay/deliveries", deliveries },
        { EVHTTP_REQ_POST, "/alipay/notify", notify },
        { EVHTTP_REQ_POST, "/alipay/release", release },
        { EVHTTP_REQ_POST, "/alipay/idle", idle },
        { EVHTTP_REQ_POST, "/alipay/faults", faults },
        { EVHTTP_REQ_POST, "/alipay/faults/clear", clear_faults },
        { EVHTTP_REQ_POST, "/alipay/bill-edits", bill_edits },
        { EVHTTP_REQ_POST, "/alipay/rotate", rotate },
        { EVHTTP_REQ_GET, "/alipay/refunds", alipay_control_refunds },
        { EVHTTP_REQ_POST, "/alipay/refund", alipay_control_refund },
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        control_add(alipay->world, calls[i].method, calls[i].path, calls[i].fn, alipay);
    }
}
