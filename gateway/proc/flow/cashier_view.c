/* SPDX-License-Identifier: Apache-2.0 */
#include "account.h"
#include "cashier_page.h"
#include "qr.h"

/* The pages of gateway/web filled with what a payment says. */

#define MARKUP_MAX_BYTES ((size_t)128 * 1024)
#define ORIGINS_MAX      512
#define REFRESH_S        "3"
#define POLICY                                                                             \
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; " \
    "base-uri 'none'; form-action 'self'"
#define POLICY_SUBMIT "script-src 'self'; " POLICY

static const struct {
    enum adapter_method method;
    const char *zh;
    const char *en;
} method_names[] = {
    { ADAPTER_PAGE, "电脑网页支付", "in this browser" },
    { ADAPTER_WAP, "手机网页支付", "in the phone's browser" },
    { ADAPTER_QR, "扫码支付", "by scanning a code" },
    { ADAPTER_B2B, "企业网银", "from a company's bank account" },
};

static enum err
render_method(const struct cashier *cashier, const struct adapter *adapter, size_t row,
              struct buf *out)
{
    bool en = cashier->language == LANGUAGE_EN;
    DEFER(buf_fini) struct buf action = BUF_MAX(CASHIER_TEXT_MAX);
    TRY(cashier_local_url(cashier, "", "", &action));
    const struct template_value values[] = {
        { "action", buf_span(&action) },
        { "provider", span_of(adapter->name) },
        { "method", span_of(adapter_method_code(method_names[row].method)) },
        { "provider_name", span_of(en ? adapter->name_en : adapter->name_zh) },
        { "method_name", span_of(en ? method_names[row].en : method_names[row].zh) },
    };
    return template_render(page_asset(ASSET_cashier_method_html), values,
                           sizeof(values) / sizeof(values[0]), out);
}

/* Every way to pay that some account offers for this amount. */
static enum err
render_methods(const struct cashier *cashier, struct buf *out)
{
    const size_t rows = sizeof(method_names) / sizeof(method_names[0]);
    for (size_t i = 0; i < adapter_registry_count * rows; i++) {
        const struct adapter *adapter = adapter_registry[i / rows];
        size_t row = i % rows;
        if (accounts_choose(cashier->services->accounts, span_of(adapter->name),
                            method_names[row].method, cashier->payment->amount)
            != NULL) {
            TRY(render_method(cashier, adapter, row, out));
        }
    }
    return ERR_OK;
}

static void
put_order(struct page *page)
{
    const struct payment *payment = page->cashier->payment;
    struct money unit_fee = payment->amount;
    DEFER(buf_fini) struct buf quantity = BUF_MAX(CASHIER_TEXT_MAX);
    unit_fee.minor /= payment->quantity;
    page_put(page, "kind", span_of(order_kind_text(payment->kind, page->cashier->language)));
    page_put_buf(page, "quantity", &quantity, buf_i64(&quantity, payment->quantity));
    page_put_money(page, "unit_fee", unit_fee);
    page_put_time(page, "expires_at", payment->expires_at);
}

void
cashier_show_methods(struct cashier *cashier, enum err notice)
{
    struct page page;
    DEFER(buf_fini) struct buf methods = BUF_MAX(MARKUP_MAX_BYTES);
    page_open(&page, cashier);
    page_put_payment(&page);
    put_order(&page);
    page_put_other_language(&page);
    page_put_buf(&page, "methods", &methods, render_methods(cashier, &methods));
    page_put(&page, "notice",
             notice == ERR_OK ? SPAN_LIT("") : span_of(err_text(notice, cashier->language)));
    page_reply(&page, ASSET_cashier_html, notice == ERR_OK ? 200 : err_http_status(notice), notice,
               SPAN_LIT(POLICY));
}

void
cashier_show_qr(struct cashier *cashier, const struct attempt *attempt)
{
    struct page page;
    DEFER(buf_fini) struct buf svg = BUF_MAX(QR_SVG_MAX_BYTES);
    DEFER(buf_fini) struct buf query = BUF_MAX(CASHIER_TEXT_MAX);
    const char *query_text = NULL;
    page_open(&page, cashier);
    page_put_payment(&page);
    enum err err = buf_text(&query, "?qr=");
    err = err == ERR_OK ? buf_append(&query, attempt->attempt_no) : err;
    err = err == ERR_OK ? buf_cstr(&query, &query_text) : err;
    if (err != ERR_OK) {
        cashier_show_error(cashier, err);
        return;
    }
    page_put(&page, "provider_name", cashier_provider_name(cashier, attempt->provider));
    page_put_buf(&page, "qr_svg", &svg, qr_svg(attempt->qr_text, &svg));
    page_put_local_url(&page, "poll_url", "", query_text);
    page_put(&page, "refresh_s", SPAN_LIT(REFRESH_S));
    page_reply(&page, ASSET_qr_html, 200, ERR_OK, SPAN_LIT(POLICY));
}

static enum err
render_fields(const struct attempt_action *action, struct buf *out)
{
    for (size_t i = 0; i < action->fields.count; i++) {
        const struct template_value values[] = {
            { "name", action->fields.list[i].name },
            { "value", action->fields.list[i].value },
        };
        TRY(template_render(page_asset(ASSET_redirect_field_html), values, 2, out));
    }
    return ERR_OK;
}

void
cashier_show_redirect(struct cashier *cashier, const struct attempt_action *action)
{
    struct page page;
    DEFER(buf_fini) struct buf fields = BUF_MAX(MARKUP_MAX_BYTES);
    DEFER(buf_fini) struct buf policy = BUF_MAX(sizeof(POLICY_SUBMIT) + ORIGINS_MAX);
    page_open(&page, cashier);
    page_put_payment(&page);
    page_put(&page, "provider_name", cashier_provider_name(cashier, cashier->provider));
    page_put(&page, "action", action->url);
    page_put_buf(&page, "fields", &fields, render_fields(action, &fields));
    enum err err = buf_text(&policy, POLICY_SUBMIT " ");
    err = err == ERR_OK ? cashier_form_origins(action->url, &policy) : err;
    if (err != ERR_OK) {
        page.err = err;
    }
    page_reply(&page, ASSET_redirect_html, 200, ERR_OK, buf_span(&policy));
}

/* A redirect would not do: browsers hold form-action against it, and it would bring no referrer. */
void
cashier_show_leave(struct cashier *cashier, const struct attempt_action *action)
{
    struct page page;
    page_open(&page, cashier);
    page_put_payment(&page);
    page_put(&page, "provider_name", cashier_provider_name(cashier, cashier->provider));
    page_put(&page, "leave_url", action->url);
    page.names_origin = true;
    page_reply(&page, ASSET_leave_html, 200, ERR_OK, SPAN_LIT(POLICY));
}

/* The attempt that brought the money, NULL when none did. */
static const struct attempt *
paid_attempt(const struct cashier *cashier)
{
    for (size_t i = 0; i < cashier->attempt_count; i++) {
        if (cashier->attempts[i].paid_at.us != 0) {
            return &cashier->attempts[i];
        }
    }
    return NULL;
}

void
cashier_show_result(struct cashier *cashier, enum cashier_result result)
{
    static const char *const names[] = { "paid", "closed", "expired", "unknown" };
    const struct attempt *paid = result == CASHIER_PAID ? paid_attempt(cashier) : NULL;
    struct page page;
    page_open(&page, cashier);
    page_put_payment(&page);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        page_put(&page, names[i], i == (size_t)result ? SPAN_LIT("1") : SPAN_LIT(""));
    }
    page_put(&page, "provider_name",
             paid == NULL ? SPAN_LIT("") : cashier_provider_name(cashier, paid->provider));
    page_put_time(&page, "paid_at", paid == NULL ? (struct wall_time){ 0 } : paid->paid_at);
    page_put_local_url(&page, "poll_url", "/return", "");
    page_put(&page, "refresh_s", SPAN_LIT(REFRESH_S));
    page_reply(&page, ASSET_result_html, 200, ERR_OK, SPAN_LIT(POLICY));
}

void
cashier_show_error(struct cashier *cashier, enum err err)
{
    struct page page;
    page_open(&page, cashier);
    page_put(&page, "detail", span_of(err_text(err, cashier->language)));
    page_put(&page, "request_id", span_of(cashier->request->request_id));
    page_put(&page, "back_url", SPAN_LIT(""));
    page_reply(&page, ASSET_error_html, err_http_status(err), err, SPAN_LIT(POLICY));
}
