/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_EVIDENCE_H
#define TALLYGATE_BASE_EVIDENCE_H

/* A verified statement of a provider. It can be made in one place only, adapters/verify.c, after the
 * signature was checked; everything else can hold, read and free it, but not invent it. */

#include <stdbool.h>

#include "clock.h"
#include "crypto.h"
#include "err.h"
#include "money.h"
#include "span.h"

enum evidence_source {
    EVIDENCE_NONE,
    EVIDENCE_CALLBACK,
    EVIDENCE_QUERY, /* a query's, close's or create's signed answer */
    EVIDENCE_BILL,
    EVIDENCE_SOURCE_COUNT
};

/* What the provider says about one of our attempts. */
enum evidence_verdict {
    EVIDENCE_VERDICT_NONE,
    EVIDENCE_PAID,
    EVIDENCE_UNPAID,       /* known or not, but still payable */
    EVIDENCE_UNPAID_FINAL, /* not paid and never will be */
    EVIDENCE_CLOSED,       /* closed at the provider */
    EVIDENCE_REFUNDED,     /* was paid, has been refunded in full or part: paid stays paid */
    EVIDENCE_SENT,         /* the provider accepted the order (precreate answered) */
    EVIDENCE_VERDICT_COUNT
};

/* The statement's own words. Empty spans and CURRENCY_NONE mean "the statement does not say". */
struct evidence_claim {
    enum evidence_source source;
    enum evidence_verdict verdict;
    struct span provider;          /* "alipay" */
    struct span account;           /* configuration name of the account that verified it */
    struct span application;       /* app_id */
    struct span merchant;          /* seller id, merchant number */
    struct span merchant_order_no; /* our attempt number */
    struct span provider_trade_no;
    struct span provider_status; /* as printed by the provider, for the record */
    struct money amount;         /* order amount */
    struct wall_time paid_at;    /* provider's time of payment; 0 if not said */
    struct day bill_day;         /* the day on whose bill it stands; year 0 if not said */
    struct span trace;          /* what else the provider's bills name the trade by; may be empty */
    struct span refund_no;      /* our number of the refund that the statement is about */
    struct money refunded;      /* what of it has moved */
    struct wall_time stated_at; /* provider's time of this statement; 0 if not said */
    struct span signer;         /* serial of the key or certificate that verified it */
    struct span raw;            /* the exact bytes that were verified */
};

struct evidence;

const struct evidence_claim *evidence_claim(const struct evidence *evidence);
struct span evidence_digest(const struct evidence *evidence); /* SHA-256 of raw, 32 bytes */
struct wall_time evidence_observed_at(const struct evidence *evidence);
void evidence_free(struct evidence **evidence);

const char *evidence_source_code(enum evidence_source source); /* "callback", "query", "bill" */

#endif
