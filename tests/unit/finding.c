/* SPDX-License-Identifier: Apache-2.0 */
#include "finding.h"

#include <string.h>

#include "check.h"

Test(finding, every_row_can_be_found_by_its_name)
{
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        enum finding found = FINDING_NONE;
        CHECK_OK(finding_decode(span_of(finding_name((enum finding)i)), &found));
        cr_expect_eq((int)found, i, "%s stands twice", finding_name((enum finding)i));
    }
}

Test(finding, unknown_names_are_refused)
{
    enum finding found = FINDING_PAY_OK;
    CHECK_ERR(finding_decode(SPAN_LIT("PAY_FINE"), &found), ERR_FIELD_VALUE);
    CHECK_ERR(finding_decode(SPAN_LIT("pay_ok"), &found), ERR_FIELD_VALUE);
    CHECK_ERR(finding_decode(SPAN_LIT("NONE"), &found), ERR_FIELD_VALUE);
    CHECK_ERR(finding_decode(SPAN_LIT(""), &found), ERR_FIELD_VALUE);
    cr_expect_eq(found, FINDING_PAY_OK);
}

Test(finding, every_row_says_what_it_is_in_both_languages)
{
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        enum finding f = (enum finding)i;
        cr_expect(finding_text(f, LANGUAGE_ZH)[0] != 0 && finding_text(f, LANGUAGE_EN)[0] != 0
                      && finding_cause(f)[0] != 0,
                  "%s", finding_name(f));
        cr_expect_neq(finding_kind(f), FINDING_KIND_NONE, "%s", finding_name(f));
        cr_expect(finding_severity(f) >= 0 && finding_severity(f) <= 4, "%s", finding_name(f));
    }
}

/* A note stands beside a primary class and never moves money between buckets; a primary class is
 * always in a bucket. */
Test(finding, bucket_follows_kind)
{
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        enum finding f = (enum finding)i;
        if (finding_kind(f) == FINDING_NOTE) {
            cr_expect_eq(finding_bucket(f), FINDING_BUCKET_FINDING, "%s", finding_name(f));
        }
        if (finding_kind(f) == FINDING_PRIMARY) {
            cr_expect_neq(finding_bucket(f), FINDING_BUCKET_FINDING, "%s", finding_name(f));
            cr_expect_neq(finding_bucket(f), FINDING_BUCKET_BLOCK, "%s", finding_name(f));
        }
        if (finding_bucket(f) == FINDING_BUCKET_BLOCK) {
            cr_expect_eq(finding_kind(f), FINDING_BLOCK, "%s", finding_name(f));
        }
    }
}

Test(finding, gravest_findings_are_never_left_alone)
{
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        enum finding f = (enum finding)i;
        if (finding_severity(f) == 1) {
            cr_expect_neq(finding_action(f), FINDING_DO_NOTHING, "%s", finding_name(f));
        }
        if (finding_bucket(f) == FINDING_BUCKET_LONG || finding_bucket(f) == FINDING_BUCKET_SHORT) {
            cr_expect_neq(finding_action(f), FINDING_DO_NOTHING, "%s", finding_name(f));
        }
    }
}

Test(finding, a_value_out_of_the_table_reads_as_none)
{
    cr_expect_str_eq(finding_name((enum finding)(FINDING_COUNT + 1)), "NONE");
}
