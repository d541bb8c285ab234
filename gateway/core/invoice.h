/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_INVOICE_H
#define TALLYGATE_CORE_INVOICE_H

/* An invoice as the tax side reports it, and what may follow what. Facts: fen, tax-inclusive total
 * equals ex-tax plus tax to the fen; a red document has negative amounts and names its blue one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"
#include "fault.h"
#include "invoice_item.h"
#include "span.h"

enum invoice_status {
    INVOICE_STATUS_NONE,
    INVOICE_ASKED,  /* requested, not issued */
    INVOICE_ISSUED, /* a valid document: blue when positive, red when negative */
    INVOICE_FAILED,
    INVOICE_VOID,
    INVOICE_STATUS_COUNT
};

/* 票种: whether the buyer may deduct. */
enum invoice_kind {
    INVOICE_KIND_NONE, /* not said */
    INVOICE_SPECIAL,
    INVOICE_ORDINARY,
    INVOICE_KIND_COUNT
};

/* 红冲原因. An error wants "issued wrongly", money that went back one of the others. */
enum invoice_red_reason {
    INVOICE_RED_REASON_NONE, /* not said */
    INVOICE_ISSUED_WRONGLY,
    INVOICE_GOODS_RETURNED,
    INVOICE_SERVICE_STOPPED,
    INVOICE_ALLOWANCE,
    INVOICE_RED_REASON_COUNT
};

/* 红字发票信息确认单, in the order of the tax side's codes 01 to 10. */
enum invoice_confirmation {
    INVOICE_CONFIRMATION_NONE, /* not said */
    INVOICE_NOT_NEEDED,
    INVOICE_BUYER_TO_CONFIRM,
    INVOICE_SELLER_TO_CONFIRM,
    INVOICE_CONFIRMED,
    INVOICE_DENIED_BY_BUYER,
    INVOICE_DENIED_BY_SELLER,
    INVOICE_EXPIRED,
    INVOICE_WITHDRAWN,
    INVOICE_WITHDRAWN_CONFIRMED,
    INVOICE_IN_REQUEST,
    INVOICE_CONFIRMATION_COUNT
};

#define INVOICE_CONFIRMATION_MS (INT64_C(72) * 60 * 60 * 1000) /* then an open one has lapsed */
#define INVOICE_ALLOCATIONS_MAX 64                             /* orders of one document */

/* What of a document's total is for an order; has the total's sign. */
struct invoice_allocation {
    struct span order_no;
    int64_t amount_fen;
};

struct invoice {
    struct span invoice_id; /* the portal's own id, 1 to 64 of letters, digits, '-', '_' */
    struct span order_no;
    enum invoice_status status;
    bool red;
    struct span blue_invoice_id; /* of a red document */
    struct span number;          /* 20 digits, or 8 digits with a code of 10 or 12 */
    struct span code;
    struct span title;
    struct span tax_no;
    int64_t net_fen;   /* 金额, ex tax */
    int64_t tax_fen;   /* 税额 */
    int64_t total_fen; /* 价税合计 */
    struct wall_time asked_at;
    struct wall_time issued_at;
    enum invoice_kind kind;
    enum invoice_red_reason red_reason; /* of a red document */
    struct span confirmation_no;        /* of a red document */
    enum invoice_confirmation confirmation;
    struct wall_time confirmation_asked_at;       /* the 72 hours run from here */
    const struct invoice_allocation *allocations; /* borrowed; none: all of it is for order_no */
    size_t allocation_count;
    const struct invoice_item *items; /* borrowed; none: nobody said what stands on it */
    size_t item_count;
};

/* A tax number, also that of an order's buyer: empty, or 15, 17, 18 or 20 letters and digits. Adds
 * FIELD_LENGTH or FIELD_CHARACTERS under "tax_no". */
void invoice_tax_no_check(struct span tax_no, const char *prefix, struct faults *faults);

/* A number is needed once the invoice is issued, and must have a form that exists wherever it is
 * given. Reason and confirmation belong to red documents; a confirmation has a state and a time.
 * Allocations name order_no, no order twice, and sum to the total. Items add up each in itself; whether they are those of the document is
 * for reconciliation to tell (INV_TAX). Errors: VALIDATION with the fields named. */
MUST_USE enum err invoice_check(const struct invoice *invoice, struct faults *faults);

/* asked -> issued | failed | void; failed -> asked | issued | void; issued -> void; same -> same.
 * Errors: INVOICE_STATUS. */
MUST_USE enum err invoice_status_next(enum invoice_status from, enum invoice_status to);

/* Does the 72-hour clock of a confirmation run, and has it run out at `now`? */
bool invoice_confirmation_open(enum invoice_confirmation confirmation);
bool invoice_confirmation_lapsed(enum invoice_confirmation confirmation, struct wall_time asked_at,
                                 struct wall_time now);

/* Codes; "" is none. Errors of the decoders: FIELD_VALUE, also for "". */
const char *invoice_kind_code(enum invoice_kind kind);
const char *invoice_red_reason_code(enum invoice_red_reason reason);
const char *invoice_confirmation_code(enum invoice_confirmation confirmation);
MUST_USE enum err invoice_kind_decode(struct span s, enum invoice_kind *out);
MUST_USE enum err invoice_red_reason_decode(struct span s, enum invoice_red_reason *out);
MUST_USE enum err invoice_confirmation_decode(struct span s, enum invoice_confirmation *out);
const char *invoice_status_code(enum invoice_status status);
MUST_USE enum err invoice_status_decode(struct span s, enum invoice_status *out);

#endif
