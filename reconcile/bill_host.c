/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_host.h"

#include <string.h>
#include <strings.h>

/* The authority without the scheme's own port; false when it holds anything but a host and a port. */
static bool
authority_of(struct span url, struct span *out)
{
    bool plain = span_starts(url, SPAN_LIT("http://"));
    if (!plain && !span_starts(url, SPAN_LIT("https://"))) {
        return false;
    }
    struct span rest = span_sub(url, plain ? 7 : 8, url.len);
    size_t end = 0;
    while (end < rest.len && strchr("/?#", rest.at[end]) == NULL) {
        struct span byte = span_sub(rest, end, 1);
        if (!span_is_alnum(byte) && strchr(".-:", rest.at[end]) == NULL) {
            return false;
        }
        end++;
    }
    struct span authority = span_sub(rest, 0, end);
    struct span port = plain ? SPAN_LIT(":80") : SPAN_LIT(":443");
    if (span_ends(authority, port)) {
        authority.len -= port.len;
    }
    *out = authority;
    return authority.len > 0;
}

static bool
same_host(struct span a, struct span b)
{
    return a.len == b.len && strncasecmp((const char *)a.at, (const char *)b.at, a.len) == 0;
}

static bool
all_visible(struct span url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.at[i] <= ' ' || url.at[i] >= 0x7F || url.at[i] == '\\') {
            return false;
        }
    }
    return true;
}

bool
bill_host_allowed(struct span url, const struct adapter_account *account,
                  const struct adapter_bill *bill)
{
    struct span host;
    struct span gateway;
    if (!all_visible(url) || !authority_of(url, &host)) {
        return false;
    }
    struct span rest = span_of(account->bill_hosts);
    if (span_empty(span_trim(rest, " "))) {
        bool own = authority_of(span_of(account->gateway_url), &gateway);
        return (own && same_host(host, gateway))
               || (bill->download_host != NULL && same_host(host, span_of(bill->download_host)));
    }
    struct span word;
    bool more = true;
    while (more) {
        more = span_cut(&rest, ' ', &word);
        if (word.len > 0 && same_host(host, word)) {
            return true;
        }
    }
    return false;
}
