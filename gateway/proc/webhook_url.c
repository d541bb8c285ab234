/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook_url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "address.h"

#define URL_MIN        12 /* "https://a.bc" */
#define HOST_MAX       253
#define LABEL_MAX      63
#define PORT_FREE_FROM 1024
#define PORT_HTTPS     443
#define PORT_HTTP      80

struct webhook_url_rules
webhook_url_rules_of(const struct config *config)
{
    return (struct webhook_url_rules){
        .allow_http = strcmp(config_text(config, CONFIG_server_mode, 0), "development") == 0,
        .allow_private = config_bool(config, CONFIG_webhooks_allow_private_address, 0),
    };
}

/* Backslashes, quotes and the like are read differently by different programs. */
static bool
is_plain(struct span url)
{
    static const char refused[] = "\\\"<>^`{|}#";
    for (size_t i = 0; i < url.len; i++) {
        if (url.at[i] <= ' ' || url.at[i] >= 0x7F || strchr(refused, url.at[i]) != NULL) {
            return false;
        }
    }
    return true;
}

/* What stands between the scheme and the path. */
static bool
take_authority(struct span url, bool allow_http, bool *secure, struct span *out)
{
    static const struct span https = SPAN("https://");
    static const struct span http = SPAN("http://");
    *secure = span_starts(url, https);
    if (!*secure && !(allow_http && span_starts(url, http))) {
        return false;
    }
    struct span rest = span_sub(url, *secure ? https.len : http.len, url.len);
    size_t end = span_index(rest, '/');
    size_t question = span_index(rest, '?');
    *out = span_sub(rest, 0, end < question ? end : question);
    return out->len > 0 && span_index(*out, '@') == out->len;
}

/* "host", "host:port", "[v6]" or "[v6]:port"; the port is 0 when none is given. */
static bool
take_host(struct span authority, struct span *host, bool *v6, uint64_t *port)
{
    struct span rest = authority;
    *v6 = authority.at[0] == '[';
    *port = 0;
    if (*v6) {
        rest = span_sub(authority, 1, authority.len);
        if (!span_cut(&rest, ']', host) || (rest.len > 0 && rest.at[0] != ':')) {
            return false;
        }
        if (rest.len == 0) {
            return true;
        }
        rest = span_sub(rest, 1, rest.len);
    } else if (!span_cut(&rest, ':', host)) {
        return true;
    }
    return span_to_u64(rest, 1, UINT16_MAX, port) == ERR_OK && rest.at[0] != '0';
}

static bool
port_allowed(uint64_t port, bool secure)
{
    return port == 0 || port >= PORT_FREE_FROM || port == (secure ? PORT_HTTPS : PORT_HTTP);
}

static bool
is_label(struct span label)
{
    for (size_t i = 0; i < label.len; i++) {
        bool edge = i == 0 || i == label.len - 1;
        if (!span_is_alnum(span_sub(label, i, 1)) && (edge || label.at[i] != '-')) {
            return false;
        }
    }
    return label.len > 0 && label.len <= LABEL_MAX;
}

static struct span
last_label(struct span host)
{
    size_t at = host.len;
    while (at > 0 && host.at[at - 1] != '.') {
        at--;
    }
    return span_sub(host, at, host.len);
}

/* A host whose last label is a number is an address to every resolver, in whatever odd form. */
static bool
is_number_like(struct span host)
{
    struct span last = last_label(host);
    return span_is_digits(last) || span_starts(last, SPAN_LIT("0x"))
           || span_starts(last, SPAN_LIT("0X"));
}

static enum err
check_literal(struct span host, int family, bool allow_private)
{
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    void *into = family == AF_INET ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr;
    if (host.len == 0 || host.len >= sizeof(text)) {
        return ERR_WEBHOOK_URL;
    }
    memcpy(text, host.at, host.len);
    text[host.len] = 0;
    /* inet_pton takes four decimal numbers without leading zeros, and nothing else. */
    if (inet_pton(family, text, into) != 1) {
        return ERR_WEBHOOK_URL;
    }
    const struct sockaddr *address =
        family == AF_INET ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
    return !allow_private && address_private(address) ? ERR_WEBHOOK_ADDRESS : ERR_OK;
}

static bool
same_word(struct span a, const char *b)
{
    return a.len == strlen(b) && strncasecmp((const char *)a.at, b, a.len) == 0;
}

/* Names that mean this machine or an inner network by what they are. */
static bool
is_inner_name(struct span host)
{
    static const char *const ends[] = { "localhost", "local", "internal", "lan", "home", "arpa" };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (same_word(last_label(host), ends[i])) {
            return true;
        }
    }
    return span_index(host, '.') == host.len;
}

static enum err
check_name(struct span host, bool allow_private)
{
    struct span rest = host;
    struct span label;
    bool more = true;
    if (host.len > HOST_MAX) {
        return ERR_WEBHOOK_URL;
    }
    while (more) {
        more = span_cut(&rest, '.', &label);
        if (!is_label(label)) {
            return ERR_WEBHOOK_URL;
        }
    }
    return !allow_private && is_inner_name(host) ? ERR_WEBHOOK_ADDRESS : ERR_OK;
}

enum err
webhook_url_check(struct span url, struct webhook_url_rules rules)
{
    struct span authority;
    struct span host;
    bool secure = false;
    bool v6 = false;
    uint64_t port = 0;
    if (url.len < URL_MIN || url.len > WEBHOOK_URL_MAX) {
        return ERR_FIELD_LENGTH;
    }
    if (!is_plain(url) || !take_authority(url, rules.allow_http, &secure, &authority)
        || !take_host(authority, &host, &v6, &port) || !port_allowed(port, secure)) {
        return ERR_WEBHOOK_URL;
    }
    if (v6) {
        return check_literal(host, AF_INET6, rules.allow_private);
    }
    return is_number_like(host) ? check_literal(host, AF_INET, rules.allow_private)
                                : check_name(host, rules.allow_private);
}
