/* SPDX-License-Identifier: Apache-2.0 */
/* The tax of what stands on an invoice: both ways to round it are right, a few fen are nothing, more is told. */
#include "check.h"
#include "invoice_item.h"
#include "vectors.h"

/* 2 certificates at 280.00 with 6 %: 560.00 / 1.06 = 528.30, and 31.70 of tax. */
static struct invoice_item
good(void)
{
    return (struct invoice_item){ .name = SPAN("数字证书"),
                                  .quantity = SPAN("2"),
                                  .taxed = INVOICE_TAXED_BY_RATE,
                                  .rate_ppm = 60000,
                                  .net_fen = 52830,
                                  .tax_fen = 3170,
                                  .total_fen = 56000 };
}

static void
expect_fault(const struct invoice_item *item, const char *field, enum err err)
{
    struct faults faults = { .count = 0 };
    invoice_item_check(item, "items.0", &faults);
    cr_assert_eq(faults.count, 1, "%zu faults, first %s", faults.count, faults.list[0].field);
    cr_expect_str_eq(faults.list[0].field, field);
    cr_expect_eq(faults.list[0].err, err, "%s: %s", field, err_name(faults.list[0].err));
}

static void
expect_good(const struct invoice_item *item)
{
    struct faults faults = { .count = 0 };
    invoice_item_check(item, "items.0", &faults);
    cr_expect_eq(faults.count, 0, "%s", faults.list[0].field);
}

Test(invoice_item, adds_up_in_itself)
{
    struct invoice_item item = good();
    expect_good(&item);
    item.tax_fen = 3171;
    expect_fault(&item, "items.0.total", ERR_FIELD_VALUE);
    item.tax_fen = -3170;
    item.net_fen = -52830;
    item.total_fen = -56000; /* a discount */
    expect_good(&item);
    item.net_fen = INT64_MAX;
    item.tax_fen = INT64_MAX;
    struct faults faults = { .count = 0 };
    invoice_item_check(&item, "", &faults);
    cr_expect_eq(faults.count, 3);
}

Test(invoice_item, has_a_name_and_a_quantity_that_is_a_decimal)
{
    static const char *const decimals[] = { "", "1", "-2", "0.5", "1234567890.1234567890123" };
    static const char *const others[] = {
        "1.", ".5", "1.2.3", "two", "1e3", "--1", "-", "123456789012345678901234567890123"
    };
    struct invoice_item item = good();
    item.name = SPAN_LIT("");
    expect_fault(&item, "items.0.name", ERR_FIELD_LENGTH);
    item = good();
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        item.quantity = span_of(decimals[i]);
        expect_good(&item);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        item.quantity = span_of(others[i]);
        expect_fault(&item, "items.0.quantity", ERR_FIELD_VALUE);
    }
}

/* 0 % is a rate; free of tax is not 0 %. */
Test(invoice_item, has_a_rate_where_it_is_taxed_by_one)
{
    struct invoice_item item = good();
    item.rate_ppm = INVOICE_RATE_ABSENT;
    expect_fault(&item, "items.0.rate_ppm", ERR_FIELD_MISSING);
    item.rate_ppm = 1000001;
    expect_fault(&item, "items.0.rate_ppm", ERR_FIELD_VALUE);
    item.rate_ppm = 0;
    expect_good(&item);
    item.taxed = INVOICE_TAXED_EXEMPT;
    expect_fault(&item, "items.0.rate_ppm", ERR_FIELD_VALUE);
    item.taxed = INVOICE_TAXED_OUTSIDE;
    expect_fault(&item, "items.0.rate_ppm", ERR_FIELD_VALUE);
    item.rate_ppm = INVOICE_RATE_ABSENT;
    expect_good(&item);
    item.taxed = INVOICE_TAXED_MARGIN;
    expect_good(&item);
    item.rate_ppm = 60000;
    expect_good(&item);
}

Test(invoice_item, words_come_back)
{
    for (int i = 0; i < INVOICE_TAXED_COUNT; i++) {
        enum invoice_taxed taxed = INVOICE_TAXED_COUNT;
        CHECK_OK(invoice_taxed_decode(span_of(invoice_taxed_code((enum invoice_taxed)i)), &taxed));
        cr_expect_eq((int)taxed, i);
    }
    enum invoice_taxed untouched = INVOICE_TAXED_MARGIN;
    CHECK_ERR(invoice_taxed_decode(SPAN_LIT(""), &untouched), ERR_FIELD_VALUE);
    cr_expect_eq(untouched, INVOICE_TAXED_MARGIN);
}

static int64_t
fen(const struct json_t *entry, const char *name)
{
    int64_t value = 0;
    CHECK_OK(json_get_i64(entry, name, &value));
    return value;
}

/* "1.5" as parts of a million. */
static int64_t
rate_of(struct span percent)
{
    struct span rest = percent;
    struct span whole;
    uint64_t number = 0;
    uint64_t tenth = 0;
    bool point = span_cut(&rest, '.', &whole);
    CHECK_OK(span_to_u64(whole, 0, 100, &number));
    if (point) {
        cr_assert_eq(rest.len, 1);
        CHECK_OK(span_to_u64(rest, 0, 9, &tenth));
    }
    return (int64_t)(number * 10000 + tenth * 1000);
}

/* The tax that the price with tax leads to and the one that the price without leads to, both worked out elsewhere. */
Test(invoice_item, both_ways_of_the_vectors_are_right)
{
    struct json_t *root = vectors_json("invoice/amounts.json");
    struct json_t *list = json_member(root, "cases");
    size_t both = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *entry = json_element(list, i);
        if (!span_eq_cstr(vectors_text(entry, "kind"), "from_tax_inclusive")) {
            continue;
        }
        struct invoice_item item = { .rate_ppm = rate_of(vectors_text(entry, "rate_percent")),
                                     .net_fen = fen(entry, "ex_fen"),
                                     .tax_fen = fen(entry, "tax_fen"),
                                     .total_fen = fen(entry, "incl_fen") };
        for (int turn = 0; turn < 2; turn++) {
            cr_expect_eq(invoice_item_off(&item), 0, "case %zu", i);
            item.tax_fen = -item.tax_fen; /* and of a red document */
            item.net_fen = -item.net_fen;
            item.total_fen = -item.total_fen;
        }
        item.tax_fen = fen(entry, "tax_recomputed_fen");
        item.total_fen = item.net_fen + item.tax_fen;
        cr_expect_eq(invoice_item_off(&item), 0, "case %zu from the net", i);
        both += item.tax_fen != fen(entry, "tax_fen") ? 1 : 0;
    }
    cr_expect_gt(both, 0, "no case in which they differ");
    json_free(&root);
}

/* 10000 at 6 %: 600, or from 10607: 10607 / 1.06 = 10006.6, so 600. */
Test(invoice_item, is_off_by_what_it_is_more_than_the_nearer_way)
{
    struct invoice_item item = { .rate_ppm = 60000, .net_fen = 10000 };
    static const int64_t offs[] = { 0, 1, 6, 7, -1, -6, -7, 500, -600 };
    for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
        item.tax_fen = 600 + offs[i];
        item.total_fen = 10600 + offs[i];
        int64_t off = invoice_item_off(&item);
        /* The other way gives back 6 % of the difference, so it is the nearer one from 9 fen on. */
        int64_t other = offs[i] - (offs[i] * 6 + (offs[i] < 0 ? -53 : 53)) / 106;
        cr_expect_eq(off, other, "%lld: %lld, not %lld", (long long)offs[i], (long long)off,
                     (long long)other);
    }
    item = (struct invoice_item){ .taxed = INVOICE_TAXED_MARGIN, .net_fen = 1, .tax_fen = 99 };
    cr_expect_eq(invoice_item_off(&item), 0);
    item.taxed = INVOICE_TAXED_EXEMPT;
    cr_expect_eq(invoice_item_off(&item), INT64_MAX, "no tax at all is right there");
    item.tax_fen = 0;
    cr_expect_eq(invoice_item_off(&item), 0);
    item = (struct invoice_item){ .rate_ppm = 1, .net_fen = INT64_MIN, .total_fen = INT64_MAX };
    cr_expect_eq(invoice_item_off(&item), INT64_MAX, "and no overflow");
}

static bool
fits(const struct invoice_item *items, size_t count, int64_t net_fen, int64_t tax_fen)
{
    struct invoice_sums sums = { .count = 0 };
    for (size_t i = 0; i < count; i++) {
        invoice_sums_add(&sums, &items[i]);
    }
    return invoice_sums_fit(&sums, net_fen, tax_fen, net_fen + tax_fen);
}

static struct invoice_item
off_by(int64_t off_fen)
{
    return (struct invoice_item){
        .rate_ppm = 60000, .net_fen = 10000, .tax_fen = 600 + off_fen, .total_fen = 10600 + off_fen
    };
}

Test(invoice_item, a_document_is_what_stands_on_it)
{
    struct invoice_item items[] = { good(), good() };
    items[1].net_fen = -943; /* 10.00 less: 10 / 1.06 = 9.43 */
    items[1].tax_fen = -57;
    items[1].total_fen = -1000;
    cr_expect(fits(items, 2, 52830 - 943, 3170 - 57));
    cr_expect_not(fits(items, 2, 52830, 3170), "the discount is missing on it");
    cr_expect_not(fits(items, 2, 52830 - 942, 3170 - 58), "the sums are others");
    items[0].net_fen = INT64_MAX;
    items[1].net_fen = INT64_MAX;
    cr_expect_not(fits(items, 2, -2, 0), "a sum without room is none");
}

/* Each within 6 fen; together within 1 for each, at least 6. */
Test(invoice_item, what_all_are_off_by_has_less_room_than_each)
{
    struct invoice_item items[8];
    for (size_t i = 0; i < 8; i++) {
        items[i] = off_by(0);
    }
    items[0] = off_by(6);
    cr_expect(fits(items, 1, 10000, 606));
    items[0] = off_by(7);
    cr_expect_not(fits(items, 1, 10000, 607));
    items[0] = off_by(4);
    items[1] = off_by(3);
    cr_expect_not(fits(items, 2, 20000, 1207), "7 of 6");
    items[1] = off_by(-4);
    cr_expect(fits(items, 2, 20000, 1200), "they are not far off together");
    for (size_t i = 0; i < 8; i++) {
        items[i] = off_by(1);
    }
    cr_expect(fits(items, 8, 80000, 4808), "8 of 8");
    items[0] = off_by(2);
    cr_expect_not(fits(items, 8, 80000, 4809), "9 of 8");
}
