/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include "text_rule.h"

static const char *const kinds[ORDER_KIND_COUNT] = {
    [ORDER_KIND_NONE] = "",    [ORDER_NEW] = "new",         [ORDER_REPLACEMENT] = "replacement",
    [ORDER_CHANGE] = "change", [ORDER_RENEWAL] = "renewal",
};

static const char *const kind_texts[ORDER_KIND_COUNT][LANGUAGE_COUNT] = {
    [ORDER_KIND_NONE] = { "", "" },
    [ORDER_NEW] = { "新办", "New certificate" },
    [ORDER_REPLACEMENT] = { "补办", "Replacement" },
    [ORDER_CHANGE] = { "信息变更", "Information change" },
    [ORDER_RENEWAL] = { "延期续费", "Renewal" },
};

static const char *const applicants[ORDER_APPLICANT_COUNT] = {
    [ORDER_APPLICANT_NONE] = "",
    [ORDER_PURCHASER] = "purchaser",
    [ORDER_SUPPLIER] = "supplier",
    [ORDER_AGENCY] = "agency",
};

static const char *const statuses[ORDER_STATUS_COUNT] = {
    [ORDER_STATUS_NONE] = "",        [ORDER_DRAFT] = "draft",         [ORDER_PAID] = "paid",
    [ORDER_SUBMITTED] = "submitted", [ORDER_REVIEWED] = "reviewed",   [ORDER_ISSUED] = "issued",
    [ORDER_REJECTED] = "rejected",   [ORDER_CANCELLED] = "cancelled",
};

/* What each status may become. Rejected and cancelled are ends; issued may be cancelled (revoked). */
static const bool next_statuses[ORDER_STATUS_COUNT][ORDER_STATUS_COUNT] = {
    [ORDER_DRAFT] = { [ORDER_PAID] = true, [ORDER_CANCELLED] = true, [ORDER_REJECTED] = true },
    [ORDER_PAID] = { [ORDER_SUBMITTED] = true, [ORDER_CANCELLED] = true, [ORDER_REJECTED] = true },
    [ORDER_SUBMITTED] = { [ORDER_REVIEWED] = true,
                          [ORDER_CANCELLED] = true,
                          [ORDER_REJECTED] = true },
    [ORDER_REVIEWED] = { [ORDER_ISSUED] = true, [ORDER_CANCELLED] = true, [ORDER_REJECTED] = true },
    [ORDER_ISSUED] = { [ORDER_CANCELLED] = true },
};

enum err
order_status_next(enum order_status from, enum order_status to)
{
    bool known = from > ORDER_STATUS_NONE && from < ORDER_STATUS_COUNT && to > ORDER_STATUS_NONE
                 && to < ORDER_STATUS_COUNT;
    return known && (from == to || next_statuses[from][to]) ? ERR_OK : ERR_ORDER_STATUS;
}

/* The table has no ring, so this ends. */
bool
order_status_reaches(enum order_status from, enum order_status to)
{
    if (order_status_next(from, to) == ERR_OK) {
        return true;
    }
    for (int step = ORDER_DRAFT; step < ORDER_STATUS_COUNT; step++) {
        if (step != (int)from && order_status_next(from, (enum order_status)step) == ERR_OK
            && order_status_reaches((enum order_status)step, to)) {
            return true;
        }
    }
    return false;
}

const char *
order_kind_code(enum order_kind kind)
{
    return kind < ORDER_KIND_COUNT ? kinds[kind] : "";
}

const char *
order_kind_text(enum order_kind kind, enum language language)
{
    return kind < ORDER_KIND_COUNT && language < LANGUAGE_COUNT ? kind_texts[kind][language] : "";
}

const char *
order_applicant_code(enum order_applicant applicant)
{
    return applicant < ORDER_APPLICANT_COUNT ? applicants[applicant] : "";
}

const char *
order_status_code(enum order_status status)
{
    return status < ORDER_STATUS_COUNT ? statuses[status] : "";
}

static enum err
find(struct span s, const char *const *codes, int count, int *out)
{
    for (int i = 1; i < count; i++) {
        if (span_eq_cstr(s, codes[i])) {
            *out = i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

enum err
order_kind_decode(struct span s, enum order_kind *out)
{
    int at = 0;
    TRY(find(s, kinds, ORDER_KIND_COUNT, &at));
    *out = (enum order_kind)at;
    return ERR_OK;
}

enum err
order_applicant_decode(struct span s, enum order_applicant *out)
{
    int at = 0;
    TRY(find(s, applicants, ORDER_APPLICANT_COUNT, &at));
    *out = (enum order_applicant)at;
    return ERR_OK;
}

enum err
order_status_decode(struct span s, enum order_status *out)
{
    int at = 0;
    TRY(find(s, statuses, ORDER_STATUS_COUNT, &at));
    *out = (enum order_status)at;
    return ERR_OK;
}

/* GB 32100-2015: 31 characters without I, O, S, V, Z; weights are powers of 3 modulo 31. */
static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int
uscc_value(unsigned char c)
{
    for (int i = 0; uscc_alphabet[i] != 0; i++) {
        if ((unsigned char)uscc_alphabet[i] == c) {
            return i;
        }
    }
    return -1;
}

static bool
uscc_shape(struct span uscc)
{
    for (size_t i = 0; i < uscc.len; i++) {
        if (uscc_value(uscc.at[i]) < 0) {
            return false;
        }
    }
    return uscc.len == 18;
}

bool
order_uscc_checks(struct span uscc)
{
    if (!uscc_shape(uscc)) {
        return false;
    }
    int sum = 0;
    int weight = 1;
    for (size_t i = 0; i < 17; i++) {
        sum += uscc_value(uscc.at[i]) * weight;
        weight = weight * 3 % 31;
    }
    return uscc_value(uscc.at[17]) == (31 - sum % 31) % 31;
}

static const struct text_rule order_no_rule = { "order_no", 1, 64, TEXT_NUMBER };
static const struct text_rule unit_name_rule = { "unit_name", 1, 300, TEXT_LINE };

static void
check_money(const struct order *order, const struct order_tariff *tariff, struct faults *faults)
{
    bool kind_known = order->kind > ORDER_KIND_NONE && order->kind < ORDER_KIND_COUNT;
    if (order->quantity < 1 || order->quantity > ORDER_QUANTITY_MAX) {
        faults_add(faults, "order", "quantity", ERR_FIELD_VALUE);
        return;
    }
    if (kind_known && tariff != NULL
        && tariff->unit_fee_fen[order->kind] != order->unit_fee.minor) {
        faults_add(faults, "order", "unit_fee", ERR_ORDER_TARIFF);
    }
    struct money product;
    if (money_times(order->unit_fee, order->quantity, &product) != ERR_OK
        || !money_eq(product, order->amount)) {
        faults_add(faults, "order", "amount", ERR_ORDER_AMOUNT);
    } else if (order->amount.minor < 1 || order->amount.minor > MONEY_MAX_MINOR) {
        faults_add(faults, "order", "amount", ERR_AMOUNT_OVERFLOW);
    }
}

/* As the tax platform takes them: no blank, dash or other special character in numbers. */
static void
check_invoice(const struct order_invoice_profile *invoice, struct faults *faults)
{
    const struct {
        struct text_rule rule;
        struct span value;
    } fields[] = {
        { { "title", 1, 300, TEXT_LINE }, invoice->title },
        { { "address", 0, 300, TEXT_LINE }, invoice->address },
        { { "phone", 0, 20, TEXT_DIGITS }, invoice->phone },
        { { "mobile", 0, 11, TEXT_DIGITS }, invoice->mobile },
        { { "bank", 0, 200, TEXT_LINE }, invoice->bank },
        { { "bank_account", 0, 40, TEXT_DIGITS }, invoice->bank_account },
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        text_check(&fields[i].rule, fields[i].value, "order.invoice", faults);
    }
    invoice_tax_no_check(invoice->tax_no, "order.invoice", faults);
    if (invoice->mobile.len != 0 && invoice->mobile.len != 11) {
        faults_add(faults, "order.invoice", "mobile", ERR_FIELD_LENGTH);
    }
}

enum err
order_check(const struct order *order, const struct order_tariff *tariff, struct faults *faults)
{
    text_check(&order_no_rule, order->order_no, "order", faults);
    text_check(&unit_name_rule, order->unit_name, "order", faults);
    if (!uscc_shape(order->uscc)) {
        faults_add(faults, "order", "uscc",
                   order->uscc.len == 18 ? ERR_FIELD_CHARACTERS : ERR_FIELD_LENGTH);
    }
    check_money(order, tariff, faults);
    check_invoice(&order->invoice, faults);
    return faults_verdict(faults);
}
