/* SPDX-License-Identifier: Apache-2.0 */
#include "invoice.h"

#include <stdio.h>

#include "money.h"
#include "text_rule.h"

static const char *const statuses[INVOICE_STATUS_COUNT] = {
    [INVOICE_STATUS_NONE] = "",  [INVOICE_ASKED] = "asked", [INVOICE_ISSUED] = "issued",
    [INVOICE_FAILED] = "failed", [INVOICE_VOID] = "void",
};

static const char *const kinds[INVOICE_KIND_COUNT] = {
    [INVOICE_KIND_NONE] = "",
    [INVOICE_SPECIAL] = "special",
    [INVOICE_ORDINARY] = "ordinary",
};

static const char *const reasons[INVOICE_RED_REASON_COUNT] = {
    [INVOICE_RED_REASON_NONE] = "",
    [INVOICE_ISSUED_WRONGLY] = "issued_wrongly",
    [INVOICE_GOODS_RETURNED] = "goods_returned",
    [INVOICE_SERVICE_STOPPED] = "service_stopped",
    [INVOICE_ALLOWANCE] = "allowance",
};

static const struct {
    const char *code;
    bool open; /* somebody has yet to answer, within 72 hours */
} confirmations[INVOICE_CONFIRMATION_COUNT] = {
    [INVOICE_CONFIRMATION_NONE] = { "", false },
    [INVOICE_NOT_NEEDED] = { "not_needed", false },
    [INVOICE_BUYER_TO_CONFIRM] = { "buyer_to_confirm", true },
    [INVOICE_SELLER_TO_CONFIRM] = { "seller_to_confirm", true },
    [INVOICE_CONFIRMED] = { "confirmed", false },
    [INVOICE_DENIED_BY_BUYER] = { "denied_by_buyer", false },
    [INVOICE_DENIED_BY_SELLER] = { "denied_by_seller", false },
    [INVOICE_EXPIRED] = { "expired", false },
    [INVOICE_WITHDRAWN] = { "withdrawn", false },
    [INVOICE_WITHDRAWN_CONFIRMED] = { "withdrawn_after_confirmation", false },
    [INVOICE_IN_REQUEST] = { "in_request", true },
};

static const bool next_statuses[INVOICE_STATUS_COUNT][INVOICE_STATUS_COUNT] = {
    [INVOICE_ASKED] = { [INVOICE_ISSUED] = true, [INVOICE_FAILED] = true, [INVOICE_VOID] = true },
    [INVOICE_FAILED] = { [INVOICE_ASKED] = true, [INVOICE_ISSUED] = true, [INVOICE_VOID] = true },
    [INVOICE_ISSUED] = { [INVOICE_VOID] = true },
};

enum err
invoice_status_next(enum invoice_status from, enum invoice_status to)
{
    bool known = from > INVOICE_STATUS_NONE && from < INVOICE_STATUS_COUNT
                 && to > INVOICE_STATUS_NONE && to < INVOICE_STATUS_COUNT;
    return known && (from == to || next_statuses[from][to]) ? ERR_OK : ERR_INVOICE_STATUS;
}

const char *
invoice_status_code(enum invoice_status status)
{
    return status < INVOICE_STATUS_COUNT ? statuses[status] : "";
}

enum err
invoice_status_decode(struct span s, enum invoice_status *out)
{
    for (int i = INVOICE_ASKED; i < INVOICE_STATUS_COUNT; i++) {
        if (span_eq_cstr(s, statuses[i])) {
            *out = (enum invoice_status)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

bool
invoice_confirmation_open(enum invoice_confirmation confirmation)
{
    return confirmation < INVOICE_CONFIRMATION_COUNT && confirmations[confirmation].open;
}

bool
invoice_confirmation_lapsed(enum invoice_confirmation confirmation, struct wall_time asked_at,
                            struct wall_time now)
{
    return confirmation == INVOICE_EXPIRED
           || (invoice_confirmation_open(confirmation)
               && wall_ms_between(asked_at, now) >= INVOICE_CONFIRMATION_MS);
}

const char *
invoice_kind_code(enum invoice_kind kind)
{
    return kind < INVOICE_KIND_COUNT ? kinds[kind] : "";
}

const char *
invoice_red_reason_code(enum invoice_red_reason reason)
{
    return reason < INVOICE_RED_REASON_COUNT ? reasons[reason] : "";
}

const char *
invoice_confirmation_code(enum invoice_confirmation confirmation)
{
    return confirmation < INVOICE_CONFIRMATION_COUNT ? confirmations[confirmation].code : "";
}

enum err
invoice_kind_decode(struct span s, enum invoice_kind *out)
{
    for (int i = 1; i < INVOICE_KIND_COUNT; i++) {
        if (span_eq_cstr(s, kinds[i])) {
            *out = (enum invoice_kind)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

enum err
invoice_red_reason_decode(struct span s, enum invoice_red_reason *out)
{
    for (int i = 1; i < INVOICE_RED_REASON_COUNT; i++) {
        if (span_eq_cstr(s, reasons[i])) {
            *out = (enum invoice_red_reason)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

enum err
invoice_confirmation_decode(struct span s, enum invoice_confirmation *out)
{
    for (int i = 1; i < INVOICE_CONFIRMATION_COUNT; i++) {
        if (span_eq_cstr(s, confirmations[i].code)) {
            *out = (enum invoice_confirmation)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

static bool
in_range(int64_t fen)
{
    return fen >= -MONEY_MAX_MINOR && fen <= MONEY_MAX_MINOR;
}

/* The one equation that must hold to the fen: total = net + tax. Red documents are negative. */
static void
check_amounts(const struct invoice *invoice, struct faults *faults)
{
    if (!in_range(invoice->net_fen)) {
        faults_add(faults, "", "net", ERR_AMOUNT_OVERFLOW);
    }
    if (!in_range(invoice->tax_fen)) {
        faults_add(faults, "", "tax", ERR_AMOUNT_OVERFLOW);
    }
    bool sign_fits = invoice->red ? invoice->total_fen < 0 : invoice->total_fen > 0;
    if (!in_range(invoice->total_fen) || !sign_fits
        || invoice->net_fen + invoice->tax_fen != invoice->total_fen) {
        faults_add(faults, "", "total", ERR_FIELD_VALUE);
    }
}

/* Lengths that exist: 15 of the old registration, 18 of the credit code, 17 and 20 of others. */
void
invoice_tax_no_check(struct span tax_no, const char *prefix, struct faults *faults)
{
    static const struct text_rule rule = { "tax_no", 0, 20, TEXT_ALNUM };
    size_t len = tax_no.len;
    size_t before = faults->count;
    text_check(&rule, tax_no, prefix, faults);
    bool exists = len == 0 || len == 15 || len == 17 || len == 18 || len == 20;
    if (faults->count == before && !exists) {
        faults_add(faults, prefix, "tax_no", ERR_FIELD_LENGTH);
    }
}

static void
check_number(const struct invoice *invoice, struct faults *faults)
{
    bool digital = invoice->number.len == 20 && invoice->code.len == 0;
    bool coded = invoice->number.len == 8 && (invoice->code.len == 10 || invoice->code.len == 12);
    if (!digital && !coded) {
        bool number_fits = invoice->number.len == 20 || invoice->number.len == 8;
        faults_add(faults, "", number_fits ? "code" : "number", ERR_FIELD_LENGTH);
    }
}

/* Reason and confirmation speak of a red document alone, and the clock needs its beginning. */
static void
check_red(const struct invoice *invoice, struct faults *faults)
{
    bool state = invoice->confirmation != INVOICE_CONFIRMATION_NONE;
    if (!invoice->red && invoice->red_reason != INVOICE_RED_REASON_NONE) {
        faults_add(faults, "", "red_reason", ERR_FIELD_VALUE);
    }
    if (!invoice->red && state) {
        faults_add(faults, "", "confirmation", ERR_FIELD_VALUE);
        return;
    }
    if (state && invoice->confirmation_asked_at.us == 0) {
        faults_add(faults, "confirmation", "asked_at", ERR_FIELD_MISSING);
    }
    static const struct text_rule number = { "number", 0, 40, TEXT_ALNUM };
    text_check(&number, invoice->confirmation_no, "confirmation", faults);
}

static bool
named_before(const struct invoice *invoice, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (span_eq(invoice->allocations[k].order_no, invoice->allocations[i].order_no)) {
            return true;
        }
    }
    return false;
}

/* Every fen of the document is for exactly one order. */
static void
check_allocations(const struct invoice *invoice, struct faults *faults)
{
    static const struct text_rule order_no = { "order_no", 1, 64, TEXT_NUMBER };
    int64_t sum = 0;
    bool home = invoice->allocation_count == 0;
    bool fits = invoice->allocation_count <= INVOICE_ALLOCATIONS_MAX;
    for (size_t i = 0; fits && i < invoice->allocation_count; i++) {
        const struct invoice_allocation *one = &invoice->allocations[i];
        text_check(&order_no, one->order_no, "allocations", faults);
        home = home || span_eq(one->order_no, invoice->order_no);
        bool sign = invoice->red ? one->amount_fen < 0 : one->amount_fen > 0;
        fits = in_range(one->amount_fen) && sign && !named_before(invoice, i);
        sum += fits ? one->amount_fen : 0;
    }
    if (!fits || !home || (invoice->allocation_count > 0 && sum != invoice->total_fen)) {
        faults_add(faults, "", "allocations", ERR_FIELD_VALUE);
    }
}

static void
check_items(const struct invoice *invoice, struct faults *faults)
{
    if (invoice->item_count > INVOICE_ITEMS_MAX) {
        faults_add(faults, "", "items", ERR_FIELD_LENGTH);
        return;
    }
    for (size_t i = 0; i < invoice->item_count; i++) {
        char prefix[FAULT_FIELD_MAX];
        (void)snprintf(prefix, sizeof(prefix), "items.%zu", i);
        invoice_item_check(&invoice->items[i], prefix, faults);
    }
}

enum err
invoice_check(const struct invoice *invoice, struct faults *faults)
{
    const struct {
        struct text_rule rule;
        struct span value;
    } fields[] = {
        { { "invoice_id", 1, 64, TEXT_NUMBER }, invoice->invoice_id },
        { { "order_no", 1, 64, TEXT_NUMBER }, invoice->order_no },
        { { "blue_invoice_id", invoice->red ? 1 : 0, 64, TEXT_NUMBER }, invoice->blue_invoice_id },
        { { "number", 0, 20, TEXT_DIGITS }, invoice->number },
        { { "code", 0, 12, TEXT_DIGITS }, invoice->code },
        { { "title", 1, 300, TEXT_LINE }, invoice->title },
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        text_check(&fields[i].rule, fields[i].value, "", faults);
    }
    bool issued = invoice->status == INVOICE_ISSUED;
    if (issued || invoice->number.len > 0 || invoice->code.len > 0) {
        check_number(invoice, faults);
    }
    if (issued && invoice->issued_at.us == 0) {
        faults_add(faults, "", "issued_at", ERR_FIELD_MISSING);
    }
    invoice_tax_no_check(invoice->tax_no, "", faults);
    check_amounts(invoice, faults);
    check_red(invoice, faults);
    check_allocations(invoice, faults);
    check_items(invoice, faults);
    return faults_verdict(faults);
}
