/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "alipay_daybill.h"
#include "alipay_gateway.h"
#include "alipay_trade.h"

#define FEE_PPM          6000
#define READY_MS         (INT64_C(9) * 60 * 60 * 1000) /* 6.1: about 09:00 of the next day */
#define EXPORTED_MS      (((INT64_C(8) * 60 + 51) * 60 + 2) * 1000)
#define OPENING_MINOR    1000000 /* of each seller's account */
#define LINK_LIFE_MS     30000
#define TOKEN_BYTES      16
#define LINK_URL_MAX     1024
#define EXPIRED_TITLE    "下载超时"
#define EXPIRED_SENTENCE "下载超时,请重新下载"

struct alipay_link {
    TAILQ_ENTRY(alipay_link) next;
    char token[2 * TOKEN_BYTES + 1];
    const struct alipay_app *app;
    enum alipay_bill_kind kind;
    struct day day;
    struct wall_time made;
};

void
alipay_bill_fini(struct alipay_bill *bill)
{
    free(bill->lines);
    free(bill->last_column);
    bill->lines = NULL;
    bill->last_column = NULL;
}

enum err
alipay_bill_add(struct alipay_bill *bill, const struct alipay_bill_line *line)
{
    if (bill->count == ALIPAY_BILL_LINES_MAX) {
        return ERR_BUF_FULL;
    }
    if (bill->count == bill->cap) {
        size_t cap = bill->cap == 0 ? 64 : bill->cap * 2;
        struct alipay_bill_line *lines = reallocarray(bill->lines, cap, sizeof(*lines));
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
alipay_bill_fee(struct money amount, struct money *out)
{
    struct money fee;
    TRY(money_rate(amount, FEE_PPM, &fee));
    return money_make(-fee.minor, fee.currency, out);
}

static struct alipay_bill_line
line_of(const struct alipay_trade *trade)
{
    struct alipay_bill_line line = { .refund = false };
    memcpy(line.out_trade_no, trade->out_trade_no, sizeof(trade->out_trade_no));
    memcpy(line.trade_no, trade->trade_no, sizeof(trade->trade_no));
    line.subject = trade->subject;
    line.remark = trade->body == NULL ? trade->subject : trade->body;
    line.created = trade->created;
    return line;
}

/* Keeps a line of the day, and lets what came before it move the opening balance. */
static enum err
take_line(struct alipay_bill *bill, const struct alipay_bill_line *line)
{
    int order = day_cmp(day_of(line->finished, ZONE_CHINA_MIN), bill->day);
    if (order < 0) {
        TRY(money_add(bill->opening, line->amount, &bill->opening));
        return money_add(bill->opening, line->fee, &bill->opening);
    }
    return order == 0 ? alipay_bill_add(bill, line) : ERR_OK;
}

static enum err
add_payment(struct alipay_bill *bill, const struct alipay_trade *trade)
{
    struct alipay_bill_line line = line_of(trade);
    line.finished = trade->paid;
    line.amount = trade->total;
    TRY(alipay_bill_fee(line.amount, &line.fee));
    return take_line(bill, &line);
}

static enum err
add_refund(struct alipay_bill *bill, const struct alipay_trade *trade,
           const struct alipay_refund *refund)
{
    struct alipay_bill_line line = line_of(trade);
    line.refund = true;
    line.finished = refund->at;
    if (refund->reason != NULL) {
        line.remark = refund->reason;
    }
    memcpy(line.request_no, refund->request_no, sizeof(line.request_no));
    TRY(money_make(-refund->amount.minor, refund->amount.currency, &line.amount));
    TRY(money_make(0, refund->amount.currency, &line.fee));
    return take_line(bill, &line);
}

static enum err
add_trade(struct alipay_bill *bill, const struct alipay_trade *trade)
{
    const struct alipay_refund *refund;
    if (trade->paid.us != 0) {
        TRY(add_payment(bill, trade));
    }
    TAILQ_FOREACH(refund, &trade->refunds, next) {
        TRY(add_refund(bill, trade, refund));
    }
    return ERR_OK;
}

static int
by_completion(const void *a, const void *b)
{
    const struct alipay_bill_line *left = a;
    const struct alipay_bill_line *right = b;
    if (left->finished.us != right->finished.us) {
        return left->finished.us < right->finished.us ? -1 : 1;
    }
    int by_number = strcmp(left->trade_no, right->trade_no);
    if (by_number != 0) {
        return by_number;
    }
    return left->refund == right->refund ? strcmp(left->request_no, right->request_no)
                                         : (left->refund ? 1 : -1);
}

static enum err
fill(const struct alipay *alipay, struct alipay_bill *bill)
{
    const struct alipay_trade *trade;
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        if (trade->app == bill->app) {
            TRY(add_trade(bill, trade));
        }
    }
    if (bill->count > 1) {
        qsort(bill->lines, bill->count, sizeof(bill->lines[0]), by_completion);
    }
    return bill->kind == ALIPAY_BILL_TRADE ? alipay_bill_edit_apply(alipay, bill) : ERR_OK;
}

enum err
alipay_bill_make(struct alipay *alipay, const struct alipay_app *app, enum alipay_bill_kind kind,
                 struct day day, struct alipay_bill *out)
{
    struct alipay_bill bill = { .app = app, .kind = kind, .day = day };
    bill.opening = (struct money){ .minor = OPENING_MINOR, .currency = CURRENCY_CNY };
    /* The provider makes a day's bill once, early the next day: asked twice, it is the same file. */
    bill.exported = wall_add_ms(day_start(day_add(day, 1), ZONE_CHINA_MIN), EXPORTED_MS);
    bill.more_sum = (struct money){ .minor = 0, .currency = CURRENCY_CNY };
    enum err err = fill(alipay, &bill);
    if (err != ERR_OK) {
        alipay_bill_fini(&bill);
        return err;
    }
    *out = bill;
    return ERR_OK;
}

static const char *const kind_names[ALIPAY_BILL_KIND_COUNT] = {
    [ALIPAY_BILL_TRADE] = "trade",
    [ALIPAY_BILL_FLOW] = "signcustomer",
};

/* "bill_type"; COUNT when it is none that there is here. */
static enum alipay_bill_kind
kind_wanted(const struct alipay_call *call)
{
    struct span type = alipay_call_text(call, "bill_type");
    size_t kind = 0;
    while (kind < ALIPAY_BILL_KIND_COUNT && !span_eq_cstr(type, kind_names[kind])) {
        kind++;
    }
    return (enum alipay_bill_kind)kind;
}

/* 6.1: what the call for a link is refused with; NULL when the bill is there. */
static const char *
link_refusal(const struct alipay_call *call, struct day *day)
{
    struct span date = alipay_call_text(call, "bill_date");
    struct wall_time now = world_now(call->alipay->world);
    if (kind_wanted(call) == ALIPAY_BILL_KIND_COUNT) {
        return "TYPE_NOT_SUPPORTED";
    }
    if (date.len != 10 || day_parse(date, day) != ERR_OK
        || day_cmp(*day, day_of(now, ZONE_CHINA_MIN)) >= 0) {
        return "INVAILID_ARGUMENTS";
    }
    struct wall_time ready = wall_add_ms(day_start(day_add(*day, 1), ZONE_CHINA_MIN), READY_MS);
    return now.us < ready.us ? "BILL_NOT_EXIST" : NULL;
}

static enum err
fill_link(struct alipay *alipay, struct alipay_link *link)
{
    DEFER(buf_fini) struct buf token = BUF_MAX(2 * TOKEN_BYTES);
    unsigned char random[TOKEN_BYTES];
    TRY(crypto_random(random, sizeof(random)));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), &token));
    memcpy(link->token, token.at, token.len);
    link->made = world_now(alipay->world);
    return ERR_OK;
}

static enum err
new_link(struct alipay *alipay, const struct alipay_app *app, enum alipay_bill_kind kind,
         struct day day, const struct alipay_link **out)
{
    struct alipay_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return ERR_NO_MEMORY;
    }
    link->app = app;
    link->kind = kind;
    link->day = day;
    enum err err = fill_link(alipay, link);
    if (err != ERR_OK) {
        free(link);
        return err;
    }
    TAILQ_INSERT_TAIL(&alipay->links, link, next);
    *out = link;
    return ERR_OK;
}

static enum err
put_link(struct alipay_call *call, const struct alipay_link *link)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(LINK_URL_MAX);
    struct day day = link->day;
    const char *seller = link->app->seller_id;
    const char *kind = kind_names[link->kind];
    TRY(buf_printf(&url, "http://127.0.0.1:%u/downloadBillFile.resource?bizType=%s",
                   (unsigned)call->alipay->bill_port, kind));
    TRY(buf_printf(&url, "&userId=%s0156&fileType=csv.zip&bizDates=%04d%02d%02d", seller, day.year,
                   day.month, day.mday));
    TRY(buf_printf(&url, "&downloadFileName=%s0156_%04d%02d%02d.csv.zip", seller, day.year,
                   day.month, day.mday));
    TRY(buf_printf(&url, "&fileId=%%2F%s%%2F%s0156%%2F%04d%02d%02d.csv.zip", kind, seller, day.year,
                   day.month, day.mday));
    TRY(buf_printf(&url, "&timestamp=%lld&token=%s", (long long)(link->made.us / 1000),
                   link->token));
    return json_put_string(call->out, "bill_download_url", buf_span(&url));
}

enum err
alipay_call_bill(struct alipay_call *call)
{
    struct day day;
    call->sub_code = link_refusal(call, &day);
    if (call->sub_code != NULL) {
        return ERR_OK;
    }
    DEFER(alipay_bill_fini) struct alipay_bill bill = { .count = 0 };
    enum alipay_bill_kind kind = kind_wanted(call);
    TRY(alipay_bill_make(call->alipay, call->app, kind, day, &bill));
    if (bill.not_ready) {
        call->sub_code = "BILL_NOT_EXIST";
        return ERR_OK;
    }
    const struct alipay_link *link;
    TRY(new_link(call->alipay, call->app, kind, day, &link));
    TRY(put_link(call, link));
    return bill.count != 0
               ? ERR_OK
               : json_put_text(call->out, "bill_file_code", "EMPTY_DATA_WITH_BILL_FILE");
}

static const struct alipay_link *
living_link(const struct alipay *alipay, const char *token)
{
    struct wall_time now = world_now(alipay->world);
    const struct alipay_link *link;
    TAILQ_FOREACH(link, &alipay->links, next) {
        if (strcmp(link->token, token) == 0) {
            return wall_ms_between(link->made, now) <= LINK_LIFE_MS ? link : NULL;
        }
    }
    return NULL;
}

/* 6.1: a dead link is answered with a page and 200. */
static enum err
serve(struct alipay *alipay, struct evhttp_request *req, const char *token)
{
    const struct alipay_link *link = token == NULL ? NULL : living_link(alipay, token);
    if (link == NULL) {
        alipay_reply_page(req, HTTP_OK, EXPIRED_TITLE, EXPIRED_SENTENCE);
        return ERR_OK;
    }
    DEFER(alipay_bill_fini) struct alipay_bill bill = { .count = 0 };
    DEFER(buf_fini) struct buf zip = BUF_MAX(2 * ALIPAY_BILL_MAX);
    DEFER(buf_fini) struct buf packed = BUF_MAX(2 * ALIPAY_BILL_MAX);
    TRY(alipay_bill_make(alipay, link->app, link->kind, link->day, &bill));
    TRY(alipay_bill_zip(&bill, &zip));
    if (bill.gzip) {
        TRY(alipay_gzip(buf_span(&zip), &packed));
    }
    alipay_reply(req, HTTP_OK, "application/octet-stream", buf_span(bill.gzip ? &packed : &zip));
    return ERR_OK;
}

void
alipay_bill_serve(struct alipay *alipay, struct evhttp_request *req)
{
    DEFER(alipay_form_fini) struct alipay_params query = { .count = 0 };
    DEFER(alipay_form_fini) struct alipay_params all = { .count = 0 };
    enum err err = alipay_request_params(req, &query, &all);
    if (err == ERR_OK) {
        err = serve(alipay, req, alipay_form_get(&query, "token"));
    }
    if (err != ERR_OK) {
        alipay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}

void
alipay_bill_free_links(struct alipay *alipay)
{
    while (!TAILQ_EMPTY(&alipay->links)) {
        struct alipay_link *link = TAILQ_FIRST(&alipay->links);
        TAILQ_REMOVE(&alipay->links, link, next);
        free(link);
    }
}
