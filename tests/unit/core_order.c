/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"
#include "order.h"
#include "vectors.h"

static const struct order_tariff tariff = {
    .unit_fee_fen = { [ORDER_KIND_NONE] = -1,
                      [ORDER_NEW] = 28000,
                      [ORDER_REPLACEMENT] = 8000,
                      [ORDER_CHANGE] = 1,
                      [ORDER_RENEWAL] = -1 },
};

static struct order
good(void)
{
    return (struct order){
        .order_no = SPAN("A-1"),
        .kind = ORDER_NEW,
        .applicant = ORDER_SUPPLIER,
        .unit_name = SPAN("某某（集团）有限公司"),
        .uscc = SPAN("91350100M000100Y43"),
        .quantity = 3,
        .unit_fee = { .minor = 28000, .currency = CURRENCY_CNY },
        .amount = { .minor = 84000, .currency = CURRENCY_CNY },
        .invoice = { .title = SPAN("某某（集团）有限公司"), .tax_no = SPAN("91350100M000100Y43") },
    };
}

static void
expect_fault(const struct order *order, const char *field, enum err err)
{
    struct faults faults = { .count = 0 };
    CHECK_ERR(order_check(order, &tariff, &faults), ERR_VALIDATION);
    cr_assert_eq(faults.count, 1, "%zu faults, first %s", faults.count, faults.list[0].field);
    cr_expect_str_eq(faults.list[0].field, field);
    cr_expect_eq(faults.list[0].err, err, "%s: %s", field, err_name(faults.list[0].err));
}

Test(order, a_right_order_passes)
{
    struct order order = good();
    struct faults faults = { .count = 0 };
    CHECK_OK(order_check(&order, &tariff, &faults));
}

Test(order, the_amount_is_quantity_times_fee_to_the_fen)
{
    struct order order = good();
    order.amount.minor = 83999;
    expect_fault(&order, "order.amount", ERR_ORDER_AMOUNT);
    order.amount.minor = 84001;
    expect_fault(&order, "order.amount", ERR_ORDER_AMOUNT);
}

Test(order, the_fee_is_the_tariffs)
{
    struct order order = good();
    order.unit_fee.minor = 8000;
    order.amount.minor = 24000;
    expect_fault(&order, "order.unit_fee", ERR_ORDER_TARIFF);
    order = good();
    order.kind = ORDER_RENEWAL; /* the tariff has no row for it */
    expect_fault(&order, "order.unit_fee", ERR_ORDER_TARIFF);
}

Test(order, one_fen_is_an_amount)
{
    struct order order = good();
    struct faults faults = { .count = 0 };
    order.kind = ORDER_CHANGE;
    order.quantity = 1;
    order.unit_fee.minor = 1;
    order.amount.minor = 1;
    CHECK_OK(order_check(&order, &tariff, &faults));
}

Test(order, quantities_outside_are_named)
{
    struct order order = good();
    order.quantity = 0;
    expect_fault(&order, "order.quantity", ERR_FIELD_VALUE);
    order.quantity = ORDER_QUANTITY_MAX + 1;
    expect_fault(&order, "order.quantity", ERR_FIELD_VALUE);
}

Test(order, each_text_is_named_by_its_path)
{
    static const struct {
        const char *field;
        size_t offset;
        const char *value;
        enum err err;
    } rows[] = {
        { "order.order_no", offsetof(struct order, order_no), "", ERR_FIELD_LENGTH },
        { "order.order_no", offsetof(struct order, order_no), "A 1", ERR_FIELD_CHARACTERS },
        { "order.order_no", offsetof(struct order, order_no), "单-1", ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), " 某某", ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "a\tb", ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "某某\u3000",
          ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "\u00a0某", ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "某\u200b某",
          ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "某\u2028某",
          ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "某\u202e某",
          ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "\xC2\x85某",
          ERR_FIELD_CHARACTERS },
        { "order.unit_name", offsetof(struct order, unit_name), "某\U000e0041",
          ERR_FIELD_CHARACTERS },
        { "order.uscc", offsetof(struct order, uscc), "91350100M000100Y4", ERR_FIELD_LENGTH },
        { "order.uscc", offsetof(struct order, uscc), "91350100M000100Y4I", ERR_FIELD_CHARACTERS },
        { "order.invoice.title", offsetof(struct order, invoice.title), "", ERR_FIELD_LENGTH },
        { "order.invoice.tax_no", offsetof(struct order, invoice.tax_no), "9135-100M00010",
          ERR_FIELD_CHARACTERS },
        { "order.invoice.tax_no", offsetof(struct order, invoice.tax_no), "1234567890123456",
          ERR_FIELD_LENGTH },
        { "order.invoice.phone", offsetof(struct order, invoice.phone), "010-12345678",
          ERR_FIELD_CHARACTERS },
        { "order.invoice.mobile", offsetof(struct order, invoice.mobile), "1380000000",
          ERR_FIELD_LENGTH },
        { "order.invoice.bank", offsetof(struct order, invoice.bank), "某行 ",
          ERR_FIELD_CHARACTERS },
        { "order.invoice.bank_account", offsetof(struct order, invoice.bank_account), "6222 0200",
          ERR_FIELD_CHARACTERS },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct order order = good();
        struct span value = span_of(rows[i].value);
        memcpy((char *)&order + rows[i].offset, &value, sizeof(value));
        expect_fault(&order, rows[i].field, rows[i].err);
    }
}

Test(order, every_wrong_field_is_named_at_once)
{
    struct order order = good();
    struct faults faults = { .count = 0 };
    order.order_no = SPAN_LIT("");
    order.amount.minor = 1;
    order.invoice.phone = SPAN_LIT("-");
    CHECK_ERR(order_check(&order, &tariff, &faults), ERR_VALIDATION);
    cr_expect_eq(faults.count, 3);
}

Test(order, check_characters_of_credit_codes_agree_with_the_published_ones)
{
    struct json_t *file = vectors_json("invoice/uscc.json");
    struct json_t *cases = json_member(file, "cases");
    cr_assert_gt(json_count(cases), 20);
    size_t valid = 0;
    for (size_t i = 0; i < json_count(cases); i++) {
        struct json_t *one = json_element(cases, i);
        struct span code = vectors_text(one, "code");
        bool want = false;
        CHECK_OK(json_get_bool(one, "uscc_valid", &want));
        cr_expect_eq(order_uscc_checks(code), want, "%.*s", SPAN_ARG(code));
        valid += want ? 1 : 0;
    }
    cr_expect_gt(valid, 0);
    cr_expect_lt(valid, json_count(cases));
    json_free(&file);
}

Test(order, statuses_go_forward_or_end)
{
    static const enum order_status line[] = { ORDER_DRAFT, ORDER_PAID, ORDER_SUBMITTED,
                                              ORDER_REVIEWED, ORDER_ISSUED };
    const size_t count = sizeof(line) / sizeof(line[0]);
    for (size_t from = 0; from < count; from++) {
        CHECK_OK(order_status_next(line[from], line[from]));
        for (size_t to = 0; to < from; to++) {
            CHECK_ERR(order_status_next(line[from], line[to]), ERR_ORDER_STATUS);
        }
    }
    CHECK_ERR(order_status_next(ORDER_CANCELLED, ORDER_PAID), ERR_ORDER_STATUS);
    CHECK_ERR(order_status_next(ORDER_REJECTED, ORDER_ISSUED), ERR_ORDER_STATUS);
    CHECK_ERR(order_status_next(ORDER_DRAFT, ORDER_STATUS_COUNT), ERR_ORDER_STATUS);
}

Test(order, codes_are_read_as_they_are_written)
{
    static const char *const kinds[] = { "new", "replacement", "change", "renewal" };
    static const char *const applicants[] = { "purchaser", "supplier", "agency" };
    for (size_t i = 0; i < 4; i++) {
        enum order_kind kind = ORDER_KIND_NONE;
        CHECK_OK(order_kind_decode(span_of(kinds[i]), &kind));
        cr_expect_str_eq(order_kind_code(kind), kinds[i]);
        cr_expect_gt(strlen(order_kind_text(kind, LANGUAGE_ZH)), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        enum order_applicant applicant = ORDER_APPLICANT_NONE;
        CHECK_OK(order_applicant_decode(span_of(applicants[i]), &applicant));
        cr_expect_str_eq(order_applicant_code(applicant), applicants[i]);
    }
    enum order_kind kind = ORDER_KIND_NONE;
    CHECK_ERR(order_kind_decode(SPAN_LIT("NEW"), &kind), ERR_FIELD_VALUE);
    CHECK_ERR(order_kind_decode(SPAN_LIT(""), &kind), ERR_FIELD_VALUE);
}
