/* SPDX-License-Identifier: Apache-2.0 */
#include "cashier_page.h"

#include "flow.h"

#define PAGE_MAX_BYTES ((size_t)256 * 1024)
#define HTML_TYPE      "text/html; charset=utf-8"

void
page_put(struct page *page, const char *name, struct span value)
{
    if (page->count == PAGE_VALUES_MAX) {
        page->err = ERR_BUF_FULL;
        return;
    }
    page->values[page->count++] = (struct template_value){ .name = name, .value = value };
}

/* Copies a text into the request's arena. */
void
page_put_buf(struct page *page, const char *name, const struct buf *text, enum err err)
{
    struct span copy = { .at = NULL, .len = 0 };
    if (err == ERR_OK) {
        err = arena_copy(page->cashier->request->arena, buf_span(text), &copy);
    }
    page->err = page->err == ERR_OK ? err : page->err;
    page_put(page, name, copy);
}

void
page_put_money(struct page *page, const char *name, struct money money)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(CASHIER_TEXT_MAX);
    page_put_buf(page, name, &text, money_format(money, &text));
}

void
page_put_time(struct page *page, const char *name, struct wall_time time)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(CASHIER_TEXT_MAX);
    enum err err = time.us == 0 ? ERR_OK : wall_format_civil(time, ZONE_CHINA_MIN, &text);
    page_put_buf(page, name, &text, err);
}

/* "/pay/{token}" with a tail such as "/return", and the language when the payer chose one. */
enum err
cashier_local_url(const struct cashier *cashier, const char *tail, const char *query,
                  struct buf *out)
{
    TRY(buf_text(out, "/pay/"));
    TRY(buf_append(out, cashier->token));
    TRY(buf_text(out, tail));
    TRY(buf_text(out, query));
    if (!cashier->language_chosen) {
        return ERR_OK;
    }
    TRY(buf_text(out, span_empty(span_of(query)) ? "?" : "&"));
    return buf_text(out, cashier->language == LANGUAGE_EN ? "lang=en" : "lang=zh-CN");
}

void
page_put_local_url(struct page *page, const char *name, const char *tail, const char *query)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(CASHIER_TEXT_MAX);
    page_put_buf(page, name, &url, cashier_local_url(page->cashier, tail, query, &url));
}

void
page_put_other_language(struct page *page)
{
    struct cashier other = *page->cashier;
    DEFER(buf_fini) struct buf url = BUF_MAX(CASHIER_TEXT_MAX);
    other.language_chosen = true;
    other.language = other.language == LANGUAGE_EN ? LANGUAGE_ZH : LANGUAGE_EN;
    page_put_buf(page, "other_url", &url, cashier_local_url(&other, "", "", &url));
}

/* Minutes and seconds left, empty when the time is over. */
static void
page_put_remaining(struct page *page)
{
    int64_t ms = wall_ms_between(clock_wall(), page->cashier->payment->expires_at);
    DEFER(buf_fini) struct buf text = BUF_MAX(CASHIER_TEXT_MAX);
    enum err err = ms <= 0 ? ERR_OK
                           : buf_printf(&text, "%02lld:%02lld", (long long)(ms / 60000),
                                        (long long)(ms / 1000 % 60));
    page_put_buf(page, "remaining", &text, err);
}

void
page_open(struct page *page, struct cashier *cashier)
{
    bool en = cashier->language == LANGUAGE_EN;
    *page = (struct page){ .cashier = cashier, .err = ERR_OK };
    page_put(page, "lang", en ? SPAN_LIT("en") : SPAN_LIT("zh-CN"));
    page_put(page, "zh", en ? SPAN_LIT("") : SPAN_LIT("1"));
    page_put(page, "en", en ? SPAN_LIT("1") : SPAN_LIT(""));
    page_put(page, "seller",
             span_of(config_text(cashier->services->config, CONFIG_portal_name, 0)));
}

/* What every page about a payment shows of it. */
void
page_put_payment(struct page *page)
{
    const struct payment *payment = page->cashier->payment;
    page_put(page, "order_no", payment->order_no);
    page_put(page, "return_url", payment->return_url);
    page_put_money(page, "amount", payment->amount);
    page_put_remaining(page);
    page_put_local_url(page, "back_url", "", "");
}

struct span
cashier_provider_name(const struct cashier *cashier, struct span provider)
{
    const struct adapter *adapter = adapter_find(provider);
    if (adapter == NULL) {
        return provider;
    }
    return span_of(cashier->language == LANGUAGE_EN ? adapter->name_en : adapter->name_zh);
}

struct span
page_asset(enum asset asset)
{
    return span_make(asset_files[asset].at, asset_files[asset].len);
}

/* The plain problem is what is left when even the error page cannot be made. */
void
page_reply(struct page *page, enum asset asset, int status, enum err why, struct span policy)
{
    struct http_request *request = page->cashier->request;
    DEFER(buf_fini) struct buf html = BUF_MAX(PAGE_MAX_BYTES);
    enum err err = page->err;
    if (err == ERR_OK) {
        err = template_render(page_asset(asset), page->values, page->count, &html);
    }
    if (err != ERR_OK) {
        flow_log(request, err_http_status(err), err);
        http_problem(request, err, NULL, 0);
        return;
    }
    const struct http_header headers[] = {
        { SPAN("Content-Security-Policy"), policy },
        { SPAN("Content-Language"), page->values[0].value },
        { SPAN("Vary"), SPAN("Accept-Language") },
        { SPAN("Referrer-Policy"), SPAN("origin") },
    };
    size_t count = sizeof(headers) / sizeof(headers[0]) - (page->names_origin ? 0 : 1);
    flow_log(request, status, why);
    http_reply(request, status, HTML_TYPE, buf_span(&html), headers, count);
}

static void
send_browser(struct cashier *cashier, const char *tail, const char *query)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(CASHIER_TEXT_MAX);
    enum err err = cashier_local_url(cashier, tail, query, &url);
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return;
    }
    const struct http_header location = { .name = SPAN("Location"), .value = buf_span(&url) };
    flow_log(cashier->request, 303, ERR_OK);
    http_reply(cashier->request, 303, HTML_TYPE, SPAN_LIT(""), &location, 1);
}

void
cashier_send_to(struct cashier *cashier, struct span qr_attempt_no)
{
    DEFER(buf_fini) struct buf query = BUF_MAX(CASHIER_TEXT_MAX);
    const char *query_text = "";
    enum err err = ERR_OK;
    if (!span_empty(qr_attempt_no)) {
        err = buf_text(&query, "?qr=");
        err = err == ERR_OK ? buf_append(&query, qr_attempt_no) : err;
        err = err == ERR_OK ? buf_cstr(&query, &query_text) : err;
    }
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return;
    }
    send_browser(cashier, "", query_text);
}

void
cashier_send_back(struct cashier *cashier)
{
    send_browser(cashier, "/return", "");
}
