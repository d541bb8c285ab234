/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "invoice.h"

static struct invoice
good(void)
{
    return (struct invoice){
        .invoice_id = SPAN("F-1"),
        .order_no = SPAN("A-1"),
        .status = INVOICE_ISSUED,
        .number = SPAN("26312000000000000001"),
        .title = SPAN("某某有限公司"),
        .tax_no = SPAN("91350100M000100Y43"),
        .net_fen = 52830,
        .tax_fen = 3170,
        .total_fen = 56000,
        .issued_at = { .us = 1 },
    };
}

static void
expect_fault(const struct invoice *invoice, const char *field, enum err err)
{
    struct faults faults = { .count = 0 };
    CHECK_ERR(invoice_check(invoice, &faults), ERR_VALIDATION);
    cr_assert_eq(faults.count, 1, "%zu faults, first %s", faults.count, faults.list[0].field);
    cr_expect_str_eq(faults.list[0].field, field);
    cr_expect_eq(faults.list[0].err, err, "%s: %s", field, err_name(faults.list[0].err));
}

static void
expect_good(const struct invoice *invoice)
{
    struct faults faults = { .count = 0 };
    CHECK_OK(invoice_check(invoice, &faults));
}

Test(invoice, a_digital_and_a_coded_document_pass)
{
    struct invoice invoice = good();
    expect_good(&invoice);
    invoice.number = SPAN_LIT("00123456");
    invoice.code = SPAN_LIT("3100152620");
    expect_good(&invoice);
    invoice.code = SPAN_LIT("044001900111");
    expect_good(&invoice);
}

Test(invoice, total_is_net_and_tax_to_the_fen)
{
    struct invoice invoice = good();
    invoice.tax_fen = 3171;
    expect_fault(&invoice, "total", ERR_FIELD_VALUE);
}

Test(invoice, red_is_negative_and_names_its_blue)
{
    struct invoice invoice = good();
    invoice.red = true;
    invoice.blue_invoice_id = SPAN_LIT("F-0");
    expect_fault(&invoice, "total", ERR_FIELD_VALUE);
    invoice.net_fen = -52830;
    invoice.tax_fen = -3170;
    invoice.total_fen = -56000;
    expect_good(&invoice);
    invoice.blue_invoice_id = SPAN_LIT("");
    expect_fault(&invoice, "blue_invoice_id", ERR_FIELD_LENGTH);
    invoice = good();
    invoice.net_fen = -1;
    invoice.tax_fen = 0;
    invoice.total_fen = -1;
    expect_fault(&invoice, "total", ERR_FIELD_VALUE);
}

Test(invoice, an_issued_one_has_number_and_time)
{
    struct invoice invoice = good();
    invoice.issued_at.us = 0;
    expect_fault(&invoice, "issued_at", ERR_FIELD_MISSING);
    invoice = good();
    invoice.number = SPAN_LIT("");
    expect_fault(&invoice, "number", ERR_FIELD_LENGTH);
    invoice.status = INVOICE_ASKED;
    expect_good(&invoice);
}

Test(invoice, a_number_has_a_form_that_exists)
{
    static const struct {
        const char *number;
        const char *code;
        const char *field;
    } rows[] = { { "2631200000000000000", "", "number" },
                 { "26312000000000000001", "3100152620", "code" },
                 { "00123456", "", "code" },
                 { "00123456", "310015262", "code" } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct invoice invoice = good();
        invoice.number = span_of(rows[i].number);
        invoice.code = span_of(rows[i].code);
        expect_fault(&invoice, rows[i].field, ERR_FIELD_LENGTH);
    }
}

Test(invoice, texts_are_named)
{
    struct invoice invoice = good();
    invoice.invoice_id = SPAN_LIT("F 1");
    expect_fault(&invoice, "invoice_id", ERR_FIELD_CHARACTERS);
    invoice = good();
    invoice.title = SPAN_LIT("");
    expect_fault(&invoice, "title", ERR_FIELD_LENGTH);
    invoice = good();
    invoice.tax_no = SPAN_LIT("9135-0100");
    expect_fault(&invoice, "tax_no", ERR_FIELD_CHARACTERS);
}

Test(invoice, sums_that_overflow_are_refused)
{
    struct invoice invoice = good();
    struct faults faults = { .count = 0 };
    invoice.net_fen = INT64_MAX;
    invoice.tax_fen = INT64_MAX;
    invoice.total_fen = -2;
    CHECK_ERR(invoice_check(&invoice, &faults), ERR_VALIDATION);
}

/* A red document of the good one, which waits for its buyer. */
static struct invoice
red(void)
{
    struct invoice invoice = good();
    invoice.status = INVOICE_ASKED;
    invoice.red = true;
    invoice.blue_invoice_id = SPAN_LIT("F-0");
    invoice.net_fen = -52830;
    invoice.tax_fen = -3170;
    invoice.total_fen = -56000;
    invoice.red_reason = INVOICE_GOODS_RETURNED;
    invoice.confirmation = INVOICE_BUYER_TO_CONFIRM;
    invoice.confirmation_asked_at.us = 1;
    return invoice;
}

Test(invoice, reason_and_confirmation_are_those_of_a_red_document)
{
    struct invoice invoice = red();
    expect_good(&invoice);
    invoice.confirmation_asked_at.us = 0;
    expect_fault(&invoice, "confirmation.asked_at", ERR_FIELD_MISSING);
    invoice = red();
    invoice.confirmation_no = SPAN_LIT("31-1");
    expect_fault(&invoice, "confirmation.number", ERR_FIELD_CHARACTERS);
    invoice = good();
    invoice.red_reason = INVOICE_ALLOWANCE;
    expect_fault(&invoice, "red_reason", ERR_FIELD_VALUE);
    invoice = good();
    invoice.confirmation = INVOICE_CONFIRMED;
    expect_fault(&invoice, "confirmation", ERR_FIELD_VALUE);
}

/* 2024-12-01 09:00 to 2024-12-04 09:00. */
Test(invoice, an_open_confirmation_lapses_after_72_hours)
{
    const struct wall_time asked = { .us = INT64_C(1733014800000000) };
    const struct wall_time before = { .us = INT64_C(1733273999999000) };
    const struct wall_time after = { .us = INT64_C(1733274000000000) };
    static const enum invoice_confirmation open[] = { INVOICE_BUYER_TO_CONFIRM,
                                                      INVOICE_SELLER_TO_CONFIRM,
                                                      INVOICE_IN_REQUEST };
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        cr_expect(invoice_confirmation_open(open[i]));
        cr_expect_not(invoice_confirmation_lapsed(open[i], asked, before));
        cr_expect(invoice_confirmation_lapsed(open[i], asked, after));
    }
    cr_expect_not(invoice_confirmation_open(INVOICE_CONFIRMED));
    cr_expect_not(invoice_confirmation_lapsed(INVOICE_CONFIRMED, asked, after));
    cr_expect(invoice_confirmation_lapsed(INVOICE_EXPIRED, asked, before));
}

Test(invoice, allocations_sum_to_the_total_and_name_each_order_once)
{
    struct invoice invoice = good();
    struct invoice_allocation parts[] = { { SPAN("A-1"), 28000 }, { SPAN("A-2"), 28000 } };
    invoice.allocations = parts;
    invoice.allocation_count = 2;
    expect_good(&invoice);
    parts[1].amount_fen = 28001;
    expect_fault(&invoice, "allocations", ERR_FIELD_VALUE);
    parts[0].amount_fen = 56001;
    parts[1].amount_fen = -1;
    expect_fault(&invoice, "allocations", ERR_FIELD_VALUE);
    parts[0].amount_fen = parts[1].amount_fen = 28000;
    parts[1].order_no = parts[0].order_no;
    expect_fault(&invoice, "allocations", ERR_FIELD_VALUE);
    parts[0].order_no = SPAN_LIT("A-3"); /* the order it was reported under is not among them */
    parts[1].order_no = SPAN_LIT("A-2");
    expect_fault(&invoice, "allocations", ERR_FIELD_VALUE);
}

Test(invoice, words_are_read_as_they_are_written)
{
    enum invoice_kind kind = INVOICE_KIND_NONE;
    enum invoice_red_reason reason = INVOICE_RED_REASON_NONE;
    enum invoice_confirmation confirmation = INVOICE_CONFIRMATION_NONE;
    CHECK_OK(invoice_kind_decode(SPAN_LIT("special"), &kind));
    cr_expect_eq(kind, INVOICE_SPECIAL);
    CHECK_OK(invoice_red_reason_decode(SPAN_LIT("allowance"), &reason));
    cr_expect_eq(reason, INVOICE_ALLOWANCE);
    CHECK_OK(invoice_confirmation_decode(SPAN_LIT("seller_to_confirm"), &confirmation));
    cr_expect_eq(confirmation, INVOICE_SELLER_TO_CONFIRM);
    CHECK_ERR(invoice_kind_decode(SPAN_LIT(""), &kind), ERR_FIELD_VALUE);
    CHECK_ERR(invoice_red_reason_decode(SPAN_LIT("04"), &reason), ERR_FIELD_VALUE);
    CHECK_ERR(invoice_confirmation_decode(SPAN_LIT("02"), &confirmation), ERR_FIELD_VALUE);
}

Test(invoice, only_void_follows_issued)
{
    static const enum invoice_status all[] = { INVOICE_ASKED, INVOICE_ISSUED, INVOICE_FAILED,
                                               INVOICE_VOID };
    static const bool allowed[4][4] = {
        /* to:     asked  issued failed void */
        /* asked  */ { true, true, true, true },
        /* issued */ { false, true, false, true },
        /* failed */ { true, true, true, true },
        /* void   */ { false, false, false, true },
    };
    for (size_t from = 0; from < 4; from++) {
        for (size_t to = 0; to < 4; to++) {
            enum err want = allowed[from][to] ? ERR_OK : ERR_INVOICE_STATUS;
            cr_expect_eq(invoice_status_next(all[from], all[to]), want, "%zu to %zu", from, to);
        }
    }
}
