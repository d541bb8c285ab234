/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_FINDING_H
#define TALLYGATE_BASE_FINDING_H

/* The registry of what reconciliation can say about a file, a line, a payment, an order or an
 * invoice. Rows of finding.def feed code, SQL, reports and the manual. */

#include "err.h"
#include "span.h"

enum finding_kind {
    FINDING_KIND_NONE,
    FINDING_PRIMARY,
    FINDING_NOTE,
    FINDING_BLOCK,
    FINDING_KIND_COUNT
};

enum finding_bucket {
    FINDING_BUCKET_FINDING, /* no bucket: stands beside a primary class */
    FINDING_BUCKET_NOTHING, /* a result of its own without money */
    FINDING_BUCKET_MATCHED,
    FINDING_BUCKET_AMOUNT,
    FINDING_BUCKET_LONG,
    FINDING_BUCKET_SHORT,
    FINDING_BUCKET_TRANSIT,
    FINDING_BUCKET_DUP,
    FINDING_BUCKET_SCOPE,
    FINDING_BUCKET_BLOCK,
    FINDING_BUCKET_COUNT
};

enum finding_action {
    FINDING_DO_NOTHING,
    FINDING_DO_AUTOMATIC, /* done by itself and logged */
    FINDING_DO_QUERY,     /* ask the provider, then act on the signed answer */
    FINDING_DO_PROPOSE,   /* prepares a request that two people approve */
    FINDING_DO_PERSON,    /* a person investigates */
    FINDING_DO_STOP,      /* nothing is published for the day */
    FINDING_ACTION_COUNT
};

enum finding {
    FINDING_NONE,
#define FINDING(name, kind, bucket, severity, action, zh, en, cause) FINDING_##name,
#include "finding.def"
#undef FINDING
    FINDING_COUNT
};

const char *finding_name(enum finding finding); /* "PAY_OK"; never NULL */
const char *finding_text(enum finding finding, enum language language);
const char *finding_cause(enum finding finding);
enum finding_kind finding_kind(enum finding finding);
enum finding_bucket finding_bucket(enum finding finding);
enum finding_action finding_action(enum finding finding);
int finding_severity(enum finding finding); /* 1..4; 0 none */

/* Errors: FIELD_VALUE. */
MUST_USE enum err finding_decode(struct span name, enum finding *out);

#endif
