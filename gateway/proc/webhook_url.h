/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_WEBHOOK_URL_H
#define TALLYGATE_PROC_WEBHOOK_URL_H

/* Which addresses a client may have us call. This looks at the text; the transport looks at the address that is
 * connected to in the end, so that a name which is bent to the inside later helps nobody. */

#include <stdbool.h>

#include "config.h"
#include "err.h"
#include "span.h"

#define WEBHOOK_URL_MAX 400

struct webhook_url_rules {
    bool allow_http;    /* development mode */
    bool allow_private; /* webhooks.allow_private_address */
};

struct webhook_url_rules webhook_url_rules_of(const struct config *config);

/* https, a host of letters, digits, dots and hyphens or a plain IP address (no shortened, octal, hexadecimal or
 * single-number form of one), port 443 or from 1024 on (80 for http), no user, no fragment, visible ASCII.
 * Errors: FIELD_LENGTH, WEBHOOK_URL, WEBHOOK_ADDRESS for what names this machine or an inner network. */
MUST_USE enum err webhook_url_check(struct span url, struct webhook_url_rules rules);

#endif
