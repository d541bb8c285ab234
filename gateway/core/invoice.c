/* SPDX-License-Identifier: Apache-2.0 */
#include "invoice.h"

#include "money.h"
#include "text_rule.h"

static const char *const statuses[INVOICE_STATUS_COUNT] = {
    [INVOICE_STATUS_NONE] = "",  [INVOICE_ASKED] = "asked", [INVOICE_ISSUED] = "issued",
    [INVOICE_FAILED] = "failed", [INVOICE_VOID] = "void",
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
    return faults_verdict(faults);
}
