/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <string.h>

#include "check.h"
#include "span.h"

Test(fault, one_wrong_field_fails_the_whole)
{
    struct faults faults = { .count = 0 };
    CHECK_OK(faults_verdict(&faults));
    faults_add(&faults, "order", "amount", ERR_OK);
    CHECK_OK(faults_verdict(&faults));
    faults_add(&faults, "order.invoice", "tax_no", ERR_FIELD_MISSING);
    CHECK_ERR(faults_verdict(&faults), ERR_VALIDATION);
    cr_expect_str_eq(faults.list[0].field, "order.invoice.tax_no");
    cr_expect_eq(faults.list[0].err, ERR_FIELD_MISSING);
}

Test(fault, paths_have_no_stray_points)
{
    struct faults faults = { .count = 0 };
    faults_add(&faults, "", "amount", ERR_AMOUNT);
    faults_add(&faults, "order", "", ERR_FIELD_TYPE);
    cr_expect_str_eq(faults.list[0].field, "amount");
    cr_expect_str_eq(faults.list[1].field, "order");
}

Test(fault, long_names_are_cut_and_further_faults_dropped)
{
    struct faults faults = { .count = 0 };
    char name[200];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = 0;
    for (int i = 0; i < FAULTS_MAX + 5; i++) {
        name[0] = (char)('0' + i);
        faults_add(&faults, "order", name, ERR_FIELD_UNKNOWN);
    }
    cr_expect_eq(faults.count, FAULTS_MAX);
    cr_expect_eq(strlen(faults.list[FAULTS_MAX - 1].field), FAULT_FIELD_MAX - 1);
}

Test(fault, a_field_is_named_once)
{
    struct faults faults = { .count = 0 };
    faults_add(&faults, "order", "amount", ERR_FIELD_MISSING);
    faults_add(&faults, "order", "amount", ERR_ORDER_AMOUNT);
    faults_add(&faults, "order", "amount_paid", ERR_FIELD_UNKNOWN);
    cr_assert_eq(faults.count, 2);
    cr_expect_eq(faults.list[0].err, ERR_FIELD_MISSING);
    cr_expect_str_eq(faults.list[1].field, "order.amount_paid");
}

Test(fault, a_missing_object_stands_for_its_fields)
{
    struct faults faults = { .count = 0 };
    faults_add(&faults, "", "order", ERR_FIELD_MISSING);
    faults_add(&faults, "order", "amount", ERR_ORDER_AMOUNT);
    faults_add(&faults, "order.invoice", "title", ERR_FIELD_LENGTH);
    cr_expect_eq(faults.count, 1);
}

/* A field goes out in a JSON text: half a character would spoil the whole answer. */
Test(fault, a_cut_name_ends_with_a_whole_character)
{
    static const char *const characters[] = { "é", "字", "😀" };
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        for (size_t shift = 0; shift < 4; shift++) {
            struct faults faults = { .count = 0 };
            char name[FAULT_FIELD_MAX * 5] = "aaa";
            size_t each = strlen(characters[i]);
            for (size_t at = shift; at + each < sizeof(name); at += each) {
                memcpy(name + at, characters[i], each);
            }
            faults_add(&faults, "", name, ERR_FIELD_UNKNOWN);
            cr_assert_eq(faults.count, 1);
            size_t len = strlen(faults.list[0].field);
            cr_expect(span_is_utf8(span_make(faults.list[0].field, len)));
            cr_expect_geq(len, FAULT_FIELD_MAX - 1 - 3);
        }
    }
}
