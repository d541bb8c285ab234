/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "check.h"
#include "period_view.h"

Test(flow_period, each_hindrance_is_a_fault_under_the_name_of_its_finding)
{
    struct faults faults = { .count = 0 };
    period_hindrances(
        SPAN_LIT(
            "earlier/2026-11-22 no_run/ bill/FILE_TRAILER_SUM severe/ORD_PRICE unassigned/LONG_UNKNOWN"),
        &faults);
    static const struct fault want[] = { { "2026-11-22", ERR_SIGNOFF_EARLIER },
                                         { "day", ERR_SIGNOFF_RUN },
                                         { "FILE_TRAILER_SUM", ERR_SIGNOFF_BILL },
                                         { "ORD_PRICE", ERR_SIGNOFF_SEVERE },
                                         { "LONG_UNKNOWN", ERR_SIGNOFF_UNASSIGNED } };
    cr_assert_eq(faults.count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_str_eq(faults.list[i].field, want[i].field);
        cr_expect_eq(faults.list[i].err, want[i].err);
    }
}

Test(flow_period, no_hindrance_is_no_fault)
{
    struct faults faults = { .count = 0 };
    period_hindrances(SPAN_LIT(""), &faults);
    cr_expect_eq(faults.count, 0);
}

Test(flow_period, each_outcome_of_the_statements_is_told_as_its_error)
{
    static const struct {
        const char *outcome;
        bool signs;
        enum err want;
    } rows[] = {
        { "prepared", false, ERR_OK },
        { "signed", true, ERR_OK },
        { "signed", false, ERR_SIGNOFF_SIGNED },
        { "withdrawn", false, ERR_OK },
        { "hindered", true, ERR_SIGNOFF_HINDERED },
        { "changed", true, ERR_SIGNOFF_CHANGED },
        { "asked", false, ERR_OK },
        { "opened", false, ERR_OK },
        { "open", false, ERR_SIGNOFF_OPEN },
        { "later", false, ERR_SIGNOFF_LATER },
        { "waiting", false, ERR_SIGNOFF_WAITING },
        { "nothing", true, ERR_SIGNOFF_NONE },
        { "same_person", true, ERR_SIGNOFF_SAME_PERSON },
        { "lost_race", true, ERR_LOST_RACE },
        { "something else", true, ERR_DB_ROWS },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_ERR(period_outcome(span_of(rows[i].outcome), rows[i].signs), rows[i].want);
    }
}
