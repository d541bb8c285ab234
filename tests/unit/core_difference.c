/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"
#include "difference.h"

static bool
allows(int from, int event, struct difference_edge *out)
{
    *out = (struct difference_edge){ .to = DIFFERENCE_STATE_NONE };
    return difference_next((enum difference_state)from, (enum difference_event)event, out)
           == ERR_OK;
}

/* Rows and columns in the order of the enumerations; a dot refuses, "=" keeps, a letter is the state it goes to. */
static const char letters[] =
    "-coapxerzhs"; /* none, checking, open, assigned, proposed, approved, executing, resolved, closed,
                                                 auto_closed, superseded */
/*                                   find check confirm change return heal supersede assign comment attach propose approve reject
                                     execute settle done fail close reopen answer uphold unsettle reverse lapse */
static const char *const cells[DIFFERENCE_STATE_COUNT] = {
    [DIFFERENCE_STATE_NONE] = "oc......................",
    [DIFFERENCE_CHECKING] = "..o=.hsa==.........=o...",
    [DIFFERENCE_OPEN] = "...=.hsa==.........=....",
    [DIFFERENCE_ASSIGNED] = "...=.hs===p........=....",
    [DIFFERENCE_PROPOSED] = "...a.hs.==.xa...........",
    [DIFFERENCE_APPROVED] = "...a.hs.==..aer.......as",
    [DIFFERENCE_EXECUTING] = "...=....==.....ra.......",
    [DIFFERENCE_RESOLVED] = "...=....==.......z...o..",
    [DIFFERENCE_CLOSED] = "...o....==........o.....",
    [DIFFERENCE_AUTO_CLOSED] = "....o...==........o.....",
    [DIFFERENCE_SUPERSEDED] = "....o...==..............",
};

Test(core_difference, every_cell_is_as_the_life_of_a_difference_has_it)
{
    for (int s = DIFFERENCE_STATE_NONE; s < DIFFERENCE_STATE_COUNT; s++) {
        cr_assert_eq(strlen(cells[s]), DIFFERENCE_EVENT_COUNT - 1, "state %d", s);
        for (int e = DIFFERENCE_FIND; e < DIFFERENCE_EVENT_COUNT; e++) {
            char cell = cells[s][e - 1];
            struct difference_edge edge;
            cr_assert_eq(allows(s, e, &edge), cell != '.', "%d %d", s, e);
            if (cell != '.') {
                cr_expect_eq(edge.effect, cell == '=' ? ATTEMPT_KEEP : ATTEMPT_MOVE, "%d %d", s, e);
                cr_expect_eq((int)edge.to, cell == '=' ? s : (int)(strchr(letters, cell) - letters),
                             "%d %d", s, e);
            }
        }
    }
}

Test(core_difference, what_is_no_state_or_event_refuses)
{
    struct difference_edge edge = { .to = DIFFERENCE_CLOSED };
    CHECK_ERR(difference_next(DIFFERENCE_STATE_COUNT, DIFFERENCE_COMMENT, &edge), ERR_EDGE);
    CHECK_ERR(difference_next(DIFFERENCE_OPEN, DIFFERENCE_EVENT_COUNT, &edge), ERR_EDGE);
    CHECK_ERR(difference_next(DIFFERENCE_OPEN, DIFFERENCE_EVENT_NONE, &edge), ERR_EDGE);
    cr_expect_eq(edge.to, DIFFERENCE_CLOSED);
}

/* Whatever people do, only two of them together come to something that is executed. */
Test(core_difference, nothing_is_executed_that_was_not_proposed_and_approved)
{
    for (int s = DIFFERENCE_STATE_NONE; s < DIFFERENCE_STATE_COUNT; s++) {
        struct difference_edge edge;
        cr_expect_eq(allows(s, DIFFERENCE_EXECUTE, &edge), s == DIFFERENCE_APPROVED);
        cr_expect_eq(allows(s, DIFFERENCE_SETTLE, &edge), s == DIFFERENCE_APPROVED);
        cr_expect_eq(allows(s, DIFFERENCE_APPROVE, &edge), s == DIFFERENCE_PROPOSED);
        cr_expect_eq(allows(s, DIFFERENCE_PROPOSE, &edge), s == DIFFERENCE_ASSIGNED);
    }
}

Test(core_difference, every_state_reads_back_from_its_code)
{
    for (int s = DIFFERENCE_CHECKING; s < DIFFERENCE_STATE_COUNT; s++) {
        enum difference_state read = DIFFERENCE_STATE_NONE;
        CHECK_OK(difference_state_decode(span_of(difference_state_code((enum difference_state)s)),
                                         &read));
        cr_expect_eq(read, (enum difference_state)s);
    }
    enum difference_state untouched = DIFFERENCE_OPEN;
    CHECK_ERR(difference_state_decode(SPAN_LIT("none"), &untouched), ERR_FIELD_VALUE);
    CHECK_ERR(difference_state_decode(SPAN_LIT("Open"), &untouched), ERR_FIELD_VALUE);
    cr_expect_eq(untouched, DIFFERENCE_OPEN);
}

/* Also a code that is new tomorrow. */
Test(core_difference, every_code_that_makes_one_has_a_family_and_something_to_do)
{
    size_t made = 0;
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        enum finding finding = (enum finding)i;
        if (difference_makes(finding)) {
            made++;
            cr_expect_str_neq(difference_family(finding), "", "%s", finding_name(finding));
            cr_expect_str_neq(difference_action(finding), "nothing", "%s", finding_name(finding));
        }
    }
    cr_expect_gt(made, 50);
}

Test(core_difference, makes_nothing_of_what_is_well_or_only_noted_or_blocks)
{
    cr_expect(difference_makes(FINDING_SHORT_PAY));
    cr_expect(difference_makes(FINDING_ORD_NOT_ADVANCED));
    cr_expect(difference_makes(FINDING_REF_LATE_SUCCESS));
    cr_expect_not(difference_makes(FINDING_PAY_OK));
    cr_expect_not(difference_makes(FINDING_DAY_IN_TRANSIT));
    cr_expect_not(difference_makes(FINDING_FEE_ROUNDING));
    cr_expect_not(difference_makes(FINDING_FILE_HASH));
    cr_expect_not(difference_makes(FINDING_NONE));
}

Test(core_difference, a_code_stays_in_its_family_while_it_changes)
{
    cr_expect_str_eq(difference_family(FINDING_SHORT_PAY), "money");
    cr_expect_str_eq(difference_family(FINDING_ST_FALSE_SUCCESS), "money");
    cr_expect_str_eq(difference_family(FINDING_REF_MISSING), "money");
    cr_expect_str_eq(difference_family(FINDING_DUP_PAY_CROSS), "duplicate");
    cr_expect_str_eq(difference_family(FINDING_ORD_CLOSED_PAID), "order");
    cr_expect_str_eq(difference_family(FINDING_INV_NO_MONEY), "invoice");
    cr_expect_str_eq(difference_family(FINDING_FEE_RATE), "fee");
    cr_expect_str_eq(difference_family(FINDING_FILE_HASH), "");
}

Test(core_difference, ages_have_no_gap_and_read_back)
{
    static const struct {
        int64_t days;
        const char *code;
    } rows[] = {
        { -1, "0-1" }, { 0, "0-1" },  { 1, "0-1" },   { 2, "2-3" },  { 3, "2-3" },    { 4, "4-7" },
        { 7, "4-7" },  { 8, "8-30" }, { 30, "8-30" }, { 31, "31-" }, { 4000, "31-" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t from = 0;
        int64_t to = 0;
        cr_expect_str_eq(difference_age_code(rows[i].days), rows[i].code);
        CHECK_OK(difference_age_decode(span_of(rows[i].code), &from, &to));
        cr_expect(rows[i].days < 0 || (from <= rows[i].days && rows[i].days <= to));
    }
    int64_t untouched = 7;
    CHECK_ERR(difference_age_decode(SPAN_LIT("0-2"), &untouched, &untouched), ERR_FIELD_VALUE);
    cr_expect_eq(untouched, 7);
}

#define NUMBER "0123456789abcdef0123456789abcdef"

Test(core_difference, an_id_is_its_number_with_a_front)
{
    static const char *const wrong[] = {
        "",
        NUMBER,
        "dif_",
        "dif_" NUMBER "0",
        "DIF_" NUMBER,
        "dif_0123456789ABCDEF0123456789abcdef",
        "pay_" NUMBER,
        "dif_0123456789abcdef0123456789abcde",
    };
    struct span number = { 0 };
    DEFER(buf_fini) struct buf id = BUF_MAX(64);
    CHECK_OK(difference_of_id(SPAN_LIT("dif_" NUMBER), &number));
    CHECK_TEXT(number, NUMBER);
    CHECK_OK(difference_id(number, &id));
    CHECK_TEXT(buf_span(&id), "dif_" NUMBER);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK_ERR(difference_of_id(span_of(wrong[i]), &number), ERR_DIFFERENCE_UNKNOWN);
    }
}
