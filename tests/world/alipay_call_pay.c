/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "alipay_gateway.h"
#include "alipay_trade.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (INT64_C(24) * 60 * MINUTE_MS)

/* The strings of one order, owned while it is placed. */
struct texts {
    char *out_trade_no;
    char *subject;
    char *body;
    char *passback;
    char *quit_url;
};

static void
texts_fini(struct texts *texts)
{
    free(texts->out_trade_no);
    free(texts->subject);
    free(texts->body);
    free(texts->passback);
    free(texts->quit_url);
}

static enum err
texts_read(const struct alipay_call *call, struct texts *out)
{
    TRY(alipay_copy(alipay_call_text(call, "out_trade_no"), &out->out_trade_no));
    TRY(alipay_copy(alipay_call_text(call, "subject"), &out->subject));
    TRY(alipay_copy(alipay_call_text(call, "body"), &out->body));
    TRY(alipay_copy(alipay_call_text(call, "passback_params"), &out->passback));
    return alipay_copy(alipay_call_text(call, "quit_url"), &out->quit_url);
}

/* 3: letters, digits and underscores, at most 64. */
static bool
is_number(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= ALIPAY_NUMBER_MAX
           && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
                  == len;
}

/* 3.1 counts characters, so a byte that continues one is not counted. */
static size_t
characters(const char *text)
{
    size_t count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        count += ((unsigned char)*at & 0xC0) != 0x80;
    }
    return count;
}

static bool
texts_fit(const struct texts *texts)
{
    return is_number(texts->out_trade_no) && texts->subject[0] != '\0'
           && characters(texts->subject) <= 256 && strpbrk(texts->subject, "/=&") == NULL
           && characters(texts->body) <= 400 && characters(texts->passback) <= 512
           && strpbrk(texts->passback, "&=? ") == NULL;
}

/* 3.1, 3.3. Absent is allowed for a code, whose product has only one name. */
static bool
product_fits(const struct alipay_call *call, enum alipay_product product)
{
    static const char *const codes[ALIPAY_PRODUCT_COUNT] = {
        [ALIPAY_PAGE] = "FAST_INSTANT_TRADE_PAY",
        [ALIPAY_WAP] = "QUICK_WAP_WAY",
        [ALIPAY_QR] = "FACE_TO_FACE_PAYMENT",
    };
    struct span code = alipay_call_text(call, "product_code");
    return span_eq_cstr(code, codes[product]) || (product == ALIPAY_QR && span_empty(code));
}

/* 3.1: "1m" to "15d", units m, h, d, or "1c" for the end of today. */
static bool
parse_timeout(struct span text, struct wall_time now, struct wall_time *out)
{
    if (span_eq_cstr(text, "1c")) {
        *out = day_start(day_add(day_of(now, ZONE_CHINA_MIN), 1), ZONE_CHINA_MIN);
        return true;
    }
    int64_t count;
    if (text.len < 2
        || span_to_i64(span_sub(text, 0, text.len - 1), 1, 15 * 24 * 60, &count) != ERR_OK) {
        return false;
    }
    unsigned char unit = text.at[text.len - 1];
    if (unit != 'm' && unit != 'h' && unit != 'd') {
        return false;
    }
    int64_t unit_ms = unit == 'm' ? MINUTE_MS : unit == 'h' ? 60 * MINUTE_MS : DAY_MS;
    *out = wall_add_ms(now, count * unit_ms);
    return count * unit_ms <= 15 * DAY_MS;
}

/* 3.1: an absolute time wins over a relative one; 3.3: three hours face to face. */
static bool
parse_expiry(const struct alipay_call *call, enum alipay_product product, struct wall_time *out)
{
    struct wall_time now = world_now(call->alipay->world);
    struct span absolute = alipay_call_text(call, "time_expire");
    struct span relative = alipay_call_text(call, "timeout_express");
    if (!span_empty(absolute)) {
        return absolute.len == 19 && wall_parse_civil(absolute, ZONE_CHINA_MIN, out) == ERR_OK;
    }
    if (!span_empty(relative)) {
        return parse_timeout(relative, now, out);
    }
    *out = wall_add_ms(now, product == ALIPAY_QR ? 180 * MINUTE_MS : 15 * DAY_MS);
    return true;
}

static bool
seller_fits(const struct alipay_call *call)
{
    struct span seller = alipay_call_text(call, "seller_id");
    return span_empty(seller) || span_eq_cstr(seller, call->app->seller_id);
}

enum err
alipay_call_order(struct alipay_call *call, enum alipay_product product, struct alipay_trade **out)
{
    DEFER(texts_fini) struct texts texts = { .subject = NULL };
    struct alipay_order order = { .app = call->app, .product = product };
    *out = NULL;
    TRY(texts_read(call, &texts));
    if (!texts_fit(&texts) || !product_fits(call, product) || !seller_fits(call)
        || !parse_expiry(call, product, &order.expires)) {
        call->sub_code = "ACQ.INVALID_PARAMETER";
        return ERR_OK;
    }
    if (!alipay_call_amount(call, "total_amount", &order.total)) {
        return ERR_OK;
    }
    order.out_trade_no = texts.out_trade_no;
    order.subject = texts.subject;
    order.body = texts.body;
    order.passback = texts.passback;
    order.quit_url = texts.quit_url;
    order.notify_url = alipay_form_get(call->params, "notify_url");
    order.return_url = alipay_form_get(call->params, "return_url");
    return alipay_trade_place(call->alipay, &order, out, &call->sub_code);
}

/* 3.3. */
enum err
alipay_call_precreate(struct alipay_call *call)
{
    struct alipay_trade *trade;
    TRY(alipay_call_order(call, ALIPAY_QR, &trade));
    if (trade == NULL) {
        return ERR_OK;
    }
    TRY(alipay_trade_code(call->alipay, trade));
    TRY(json_put_text(call->out, "out_trade_no", trade->out_trade_no));
    return json_put_text(call->out, "qr_code", trade->qr_code);
}
