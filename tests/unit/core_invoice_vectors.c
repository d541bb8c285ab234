/* SPDX-License-Identifier: Apache-2.0 */
/* Every entry of the invoice vectors, as a report of an invoice: what is taken, and which field is
 * named when it is not. */
#include <string.h>

#include "check.h"
#include "invoice.h"
#include "vectors.h"

#define IDENTIFIERS "invoice/identifiers.json"
#define AMOUNTS     "invoice/amounts.json"

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

/* NULL when the invoice is taken; else the one field that is wrong. */
static const char *
wrong_field(const struct invoice *invoice, struct faults *faults)
{
    faults->count = 0;
    enum err err = invoice_check(invoice, faults);
    cr_assert_eq(err, faults->count == 0 ? ERR_OK : ERR_VALIDATION);
    for (size_t i = 1; i < faults->count; i++) {
        cr_expect_str_eq(faults->list[i].field, faults->list[0].field);
    }
    return faults->count == 0 ? NULL : faults->list[0].field;
}

static void
expect_wrong(const struct invoice *invoice, const char *want, struct span what)
{
    struct faults faults;
    const char *got = wrong_field(invoice, &faults);
    bool same = want == NULL || got == NULL ? want == got : strcmp(want, got) == 0;
    cr_expect(same, "%.*s: wrong is %s, not %s", SPAN_ARG(what), got == NULL ? "nothing" : got,
              want == NULL ? "nothing" : want);
}

/* The field at fault in each entry that is called invalid, by what the entry says about it. */
static const struct {
    const char *number;
    const char *field;
} invalid[] = {
    { "1234567", "number" },    { "12345678", "code" },     { "25312000000123456789", "code" },
    { "0123456789", "number" }, { "2.5312E+19", "number" },
};

static const char *
field_at_fault(struct span number)
{
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        if (span_eq_cstr(number, invalid[i].number)) {
            return invalid[i].field;
        }
    }
    cr_assert_fail("no row for %.*s", SPAN_ARG(number));
    return NULL;
}

/* Whatever became of the invoice: a number that is given at all must be one. */
Test(invoice_vectors, a_number_and_its_code_are_taken_or_named)
{
    static const enum invoice_status all[] = { INVOICE_ASKED, INVOICE_ISSUED, INVOICE_FAILED,
                                               INVOICE_VOID };
    struct json_t *root = vectors_json(IDENTIFIERS);
    struct json_t *list = json_member(root, "identifiers");
    size_t refused = 0;
    cr_assert_eq(json_count(list), 15);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *entry = json_element(list, i);
        struct invoice invoice = good();
        invoice.number = vectors_text(entry, "number");
        invoice.code = vectors_text(entry, "code");
        bool bad = span_eq_cstr(vectors_text(entry, "kind"), "invalid");
        for (size_t k = 0; k < 4; k++) {
            invoice.status = all[k];
            expect_wrong(&invoice, bad ? field_at_fault(invoice.number) : NULL,
                         vectors_text(entry, "why"));
        }
        refused += bad ? 1 : 0;
    }
    cr_expect_eq(refused, sizeof(invalid) / sizeof(invalid[0]));
    json_free(&root);
}

/* Both ways of writing a taxpayer are taken when they are plain; width and blanks are refused,
 * never repaired. */
Test(invoice_vectors, tax_numbers_are_taken_or_named)
{
    struct json_t *root = vectors_json(IDENTIFIERS);
    struct json_t *list = json_member(root, "tax_number_matching");
    size_t refused = 0;
    cr_assert_eq(json_count(list), 6);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *entry = json_element(list, i);
        struct span why = vectors_text(entry, "why");
        struct invoice invoice = good();
        invoice.tax_no = vectors_text(entry, "a");
        expect_wrong(&invoice, NULL, why);
        invoice.tax_no = vectors_text(entry, "b");
        bool bad = span_starts(why, SPAN_LIT("full-width")) || span_eq_cstr(why, "blanks");
        expect_wrong(&invoice, bad ? "tax_no" : NULL, why);
        refused += bad ? 1 : 0;
        invoice.tax_no = span_sub(vectors_text(entry, "a"), 1, 15 + 1); /* 16 have no meaning */
        expect_wrong(&invoice, "tax_no", why);
    }
    cr_expect_eq(refused, 2);
    json_free(&root);
}

/* A title is a line of text; which titles mean the same is no question of the report. */
Test(invoice_vectors, titles_are_taken_as_they_are_written)
{
    struct json_t *root = vectors_json(IDENTIFIERS);
    struct json_t *list = json_member(root, "title_matching");
    cr_assert_eq(json_count(list), 5);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *entry = json_element(list, i);
        struct invoice invoice = good();
        invoice.title = vectors_text(entry, "a");
        expect_wrong(&invoice, NULL, vectors_text(entry, "why"));
        invoice.title = vectors_text(entry, "b");
        expect_wrong(&invoice, NULL, vectors_text(entry, "why"));
    }
    json_free(&root);
}

static int64_t
fen(const struct json_t *entry, const char *name)
{
    int64_t value = 0;
    CHECK_OK(json_get_i64(entry, name, &value));
    return value;
}

/* The three figures as they stand, then each of them a fen off, then with the sign turned. */
static void
check_amounts(struct json_t *entry)
{
    struct invoice invoice = good();
    invoice.net_fen = fen(entry, "ex_fen");
    invoice.tax_fen = fen(entry, "tax_fen");
    invoice.total_fen = fen(entry, "incl_fen");
    invoice.red = invoice.total_fen < 0;
    invoice.blue_invoice_id = invoice.red ? SPAN_LIT("F-0") : SPAN_LIT("");
    struct span note = vectors_text(entry, "note");
    expect_wrong(&invoice, NULL, note);
    int64_t *const figures[] = { &invoice.net_fen, &invoice.tax_fen, &invoice.total_fen };
    for (size_t i = 0; i < 3; i++) {
        *figures[i] += 1;
        expect_wrong(&invoice, "total", note);
        *figures[i] -= 2;
        expect_wrong(&invoice, "total", note);
        *figures[i] += 1;
    }
    for (size_t i = 0; i < 3; i++) {
        *figures[i] = -*figures[i];
    }
    expect_wrong(&invoice, "total", note);
}

/* Tax worked out anew from the rounded net may be a fen away: then it is not this invoice's tax. */
static bool
recomputed_tax_fits(struct json_t *entry)
{
    struct invoice invoice = good();
    struct faults faults;
    invoice.net_fen = fen(entry, "ex_fen");
    invoice.tax_fen = fen(entry, "tax_recomputed_fen");
    invoice.total_fen = fen(entry, "incl_fen");
    invoice.red = invoice.total_fen < 0;
    invoice.blue_invoice_id = invoice.red ? SPAN_LIT("F-0") : SPAN_LIT("");
    return wrong_field(&invoice, &faults) == NULL;
}

Test(invoice_vectors, amounts_tie_to_the_fen)
{
    struct json_t *root = vectors_json(AMOUNTS);
    struct json_t *list = json_member(root, "cases");
    size_t tails = 0;
    cr_assert_eq(json_count(list), 19);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *entry = json_element(list, i);
        check_amounts(entry);
        if (span_eq_cstr(vectors_text(entry, "kind"), "from_tax_inclusive")) {
            bool tail = fen(entry, "tail_diff_fen") != 0;
            cr_expect_eq(recomputed_tax_fits(entry), !tail);
            tails += tail ? 1 : 0;
        }
    }
    cr_expect_eq(tails, 2);
    json_free(&root);
}

Test(invoice_vectors, lines_and_their_totals_tie)
{
    struct json_t *root = vectors_json(AMOUNTS);
    struct json_t *whole = json_member(root, "multi_line");
    struct json_t *list = json_member(whole, "lines");
    cr_assert_eq(json_count(list), 3);
    for (size_t i = 0; i < json_count(list); i++) {
        check_amounts(json_element(list, i));
    }
    check_amounts(json_member(whole, "totals"));
    json_free(&root);
}
