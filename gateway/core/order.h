/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_ORDER_H
#define TALLYGATE_CORE_ORDER_H

/* The portal's CA order, as much of it as money needs, and the rules it must keep before money may
 * move. */

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "fault.h"
#include "invoice.h"
#include "money.h"
#include "span.h"

enum order_kind {
    ORDER_KIND_NONE,
    ORDER_NEW,
    ORDER_REPLACEMENT,
    ORDER_CHANGE,
    ORDER_RENEWAL,
    ORDER_KIND_COUNT
};
enum order_applicant {
    ORDER_APPLICANT_NONE,
    ORDER_PURCHASER,
    ORDER_SUPPLIER,
    ORDER_AGENCY,
    ORDER_APPLICANT_COUNT
};

/* Status at the portal. */
enum order_status {
    ORDER_STATUS_NONE,
    ORDER_DRAFT,
    ORDER_PAID,
    ORDER_SUBMITTED,
    ORDER_REVIEWED,
    ORDER_ISSUED,
    ORDER_REJECTED,
    ORDER_CANCELLED,
    ORDER_STATUS_COUNT
};

/* The invoice data that the applicant gave. All may be empty but title; see order_check. */
struct order_invoice_profile {
    struct span title;
    struct span tax_no;
    struct span address;
    struct span phone;
    struct span mobile;
    struct span bank;
    struct span bank_account;
    enum invoice_kind kind; /* asked for; NONE: not said */
};

struct order {
    struct span order_no; /* 1 to 64 of letters, digits, '-' and '_' */
    enum order_kind kind;
    enum order_applicant applicant;
    struct span unit_name;
    struct span uscc; /* unified social credit code; a wrong check character is a warning only */
    int64_t quantity;
    struct money unit_fee;
    struct money amount;
    struct order_invoice_profile invoice;
};

/* Unit fees by kind, in fen; -1 where the tariff has no row. */
struct order_tariff {
    int64_t unit_fee_fen[ORDER_KIND_COUNT];
};

#define ORDER_QUANTITY_MAX 9999

/* Names every wrong field with its dotted path ("order.invoice.tax_no"), in the order of the
 * document. Rules: lengths, allowed characters, amount = quantity x unit fee, unit fee = tariff (NULL: of any tariff),
 * invoice fields as the tax platform takes them (no blank, dash or special character in tax number,
 * phone, mobile and account). Errors: VALIDATION when anything was added. */
MUST_USE enum err order_check(const struct order *order, const struct order_tariff *tariff,
                              struct faults *faults);

/* True when the code has 18 characters of the alphabet and its check character fits (GB 32100). */
bool order_uscc_checks(struct span uscc);

/* The portal's statuses may go forward, or end in rejected or cancelled. Errors: ORDER_STATUS. */
MUST_USE enum err order_status_next(enum order_status from, enum order_status to);

/* True when any number of such steps, also none, leads from one to the other. */
bool order_status_reaches(enum order_status from, enum order_status to);

const char *order_kind_code(enum order_kind kind);                         /* "new" */
const char *order_kind_text(enum order_kind kind, enum language language); /* "新办" */
const char *order_applicant_code(enum order_applicant applicant);          /* "supplier" */
const char *order_status_code(enum order_status status);
MUST_USE enum err order_kind_decode(struct span s, enum order_kind *out);
MUST_USE enum err order_applicant_decode(struct span s, enum order_applicant *out);
MUST_USE enum err order_status_decode(struct span s, enum order_status *out);

#endif
