/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <string.h>

#include "body.h"
#include "order_request.h"
#include "payment_create.h"

#define RETURN_URL_MAX 256
#define EXPIRES_MIN_S  60
#define EXPIRES_MAX_S  86400
#define PAYER_MAX      128

/* RFC 3986 2: what an address is written with. All else is percent-encoded by whoever made it. */
static bool
is_address(struct span url)
{
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = url.at[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"<>\\^`{|}", c) != NULL) {
            return false;
        }
    }
    return true;
}

bool
payment_return_url_allowed(struct span url, const char *hosts)
{
    struct span https = SPAN_LIT("https://");
    struct span http = SPAN_LIT("http://");
    bool secure = span_starts(url, https);
    if ((!secure && !span_starts(url, http)) || !is_address(url)) {
        return false;
    }
    struct span rest = span_sub(url, secure ? https.len : http.len, url.len);
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?' && rest.at[end] != '#') {
        end++;
    }
    struct span host = span_sub(rest, 0, end);
    struct span words = span_of(hosts);
    bool more = true;
    while (more) {
        struct span word;
        more = span_cut(&words, ' ', &word);
        if (word.len > 0 && span_eq(word, host)) {
            return true;
        }
    }
    return false;
}

static bool
is_ip_address(struct span text)
{
    char plain[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (text.len >= sizeof(plain)) {
        return false;
    }
    memcpy(plain, text.at, text.len);
    plain[text.len] = 0;
    return inet_pton(AF_INET, plain, &address) == 1 || inet_pton(AF_INET6, plain, &address) == 1;
}

/* The payer's id belongs to JSAPI and to it alone; the address is known to the portal when the payer's
 * browser is at the portal's pages. */
static void
read_payer(struct body_object *root, struct attempt_choice *out)
{
    body_optional_string(root, "payer", 1, PAYER_MAX, &out->payer);
    body_optional_string(root, "payer_address", 1, INET6_ADDRSTRLEN, &out->payer_address);
    bool wanted = out->method == ADAPTER_JSAPI;
    if (wanted && span_empty(out->payer)) {
        body_fault(root, "payer", ERR_FIELD_MISSING);
    } else if (!wanted && out->payer.len > 0) {
        body_fault(root, "payer", ERR_FIELD_VALUE);
    }
    if (out->payer_address.len > 0 && !is_ip_address(out->payer_address)) {
        body_fault(root, "payer_address", ERR_FIELD_VALUE);
    }
}

/* Provider and method go together: both or none. */
static void
read_choice(struct body_object *root, const struct services *services, struct money amount,
            struct attempt_choice *out)
{
    struct span method = { 0 };
    body_optional_string(root, "provider", 1, 20, &out->provider);
    body_optional_string(root, "method", 1, 10, &method);
    enum err err = span_empty(method) ? ERR_OK : adapter_method_decode(method, &out->method);
    read_payer(root, out);
    if (span_empty(out->provider) && span_empty(method)) {
        return;
    }
    if (span_empty(out->provider) || span_empty(method)) {
        body_fault(root, span_empty(method) ? "method" : "provider", ERR_FIELD_MISSING);
        return;
    }
    if (err != ERR_OK) {
        body_fault(root, "method", err);
    } else if (adapter_find(out->provider) == NULL) {
        body_fault(root, "provider", ERR_PROVIDER_UNKNOWN);
    } else if (accounts_choose(services->accounts, out->provider, out->method, amount) == NULL) {
        body_fault(root, "method", ERR_METHOD_UNKNOWN);
    }
}

enum err
payment_request_read(struct http_request *request, const struct services *services,
                     struct payment_request *out, struct faults *faults)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(request, &body, faults));
    out->expires_in_s = config_int(services->config, CONFIG_payment_expires_s, 0);
    order_request_read(body_object(&body.root, "order"), &out->order);
    read_choice(&body.root, services, out->order.amount, &out->choice);
    body_string(&body.root, "return_url", 1, RETURN_URL_MAX, &out->return_url);
    body_optional_i64(&body.root, "expires_in_s", EXPIRES_MIN_S, EXPIRES_MAX_S, &out->expires_in_s);
    const char *hosts = config_text(services->config, CONFIG_portal_return_hosts, 0);
    if (out->return_url.len > 0 && !payment_return_url_allowed(out->return_url, hosts)) {
        body_fault(&body.root, "return_url", ERR_FIELD_VALUE);
    }
    /* Both, so that one answer names every field that is wrong. */
    enum err shape = body_verdict(&body);
    if (shape != ERR_OK && shape != ERR_VALIDATION) {
        return shape;
    }
    enum err rules = order_check(&out->order, &services->tariff, faults);
    return shape != ERR_OK ? shape : rules;
}
