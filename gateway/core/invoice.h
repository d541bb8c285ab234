/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_INVOICE_H
#define TALLYGATE_CORE_INVOICE_H

/* An invoice as the tax side reports it, and what may follow what. Facts: fen, tax-inclusive total
 * equals ex-tax plus tax to the fen; a red document has negative amounts and names its blue one. */

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"
#include "fault.h"
#include "span.h"

enum invoice_status {
    INVOICE_STATUS_NONE,
    INVOICE_ASKED,  /* requested, not issued */
    INVOICE_ISSUED, /* a valid document: blue when positive, red when negative */
    INVOICE_FAILED,
    INVOICE_VOID,
    INVOICE_STATUS_COUNT
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
};

/* A tax number, also that of an order's buyer: empty, or 15, 17, 18 or 20 letters and digits. Adds
 * FIELD_LENGTH or FIELD_CHARACTERS under "tax_no". */
void invoice_tax_no_check(struct span tax_no, const char *prefix, struct faults *faults);

/* A number is needed once the invoice is issued, and must have a form that exists wherever it is
 * given. Errors: VALIDATION with the fields named. */
MUST_USE enum err invoice_check(const struct invoice *invoice, struct faults *faults);

/* asked -> issued | failed | void; failed -> asked | issued | void; issued -> void; same -> same.
 * Errors: INVOICE_STATUS. */
MUST_USE enum err invoice_status_next(enum invoice_status from, enum invoice_status to);

const char *invoice_status_code(enum invoice_status status);
MUST_USE enum err invoice_status_decode(struct span s, enum invoice_status *out);

#endif
