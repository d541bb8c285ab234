/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"
#include "clearance.h"

/* A paid draft order of two certificates with its one attempt proved. */
static struct clearance_facts
good(void)
{
    return (struct clearance_facts){
        .status = ORDER_PAID,
        .quantity = 2,
        .payment = CLEARANCE_PAID,
        .proved_whole = 1,
    };
}

static bool
says(const struct clearance *clearance, const char *code)
{
    for (size_t i = 0; i < clearance->count; i++) {
        if (strcmp(clearance_reason_code(clearance->reasons[i]), code) == 0) {
            return true;
        }
    }
    return false;
}

static void
expect_blocked(struct clearance_facts facts, const char *code, const char *next)
{
    struct clearance clearance = clearance_judge(&facts);
    cr_expect_not(clearance.cleared, "%s", code);
    cr_expect_not(clearance.may_submit, "%s", code);
    cr_expect_not(clearance.may_issue, "%s", code);
    cr_expect(says(&clearance, code), "%s is not among the reasons", code);
    for (size_t i = 0; i < clearance.count; i++) {
        if (strcmp(clearance_reason_code(clearance.reasons[i]), code) == 0) {
            cr_expect(clearance_reason_blocks(clearance.reasons[i]), "%s", code);
            cr_expect_str_eq(clearance_reason_next(clearance.reasons[i]), next, "%s", code);
        }
    }
}

Test(clearance, a_proved_payment_of_the_whole_amount_clears)
{
    struct clearance_facts facts = good();
    struct clearance clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(clearance.may_submit);
    cr_expect_not(clearance.may_issue);
    cr_expect_eq(clearance.certainty, CLEARANCE_CONFIRMED);
    cr_expect_eq(clearance.count, 1, "only that nothing can be issued yet");
    cr_expect(says(&clearance, "not_submitted"));
}

Test(clearance, what_is_not_proved_is_a_reason_with_its_next_step)
{
    struct clearance_facts none = { .status = ORDER_DRAFT, .quantity = 1 };
    expect_blocked(none, "no_payment", "create_payment");
    struct clearance_facts facts = none;
    facts.payment = CLEARANCE_OPEN;
    expect_blocked(facts, "not_tried", "pay");
    facts.pending = 1;
    expect_blocked(facts, "attempt_pending", "refresh");
    facts.pending = 0;
    facts.unknown = 1;
    expect_blocked(facts, "attempt_unknown", "refresh");
    facts.unknown = 0;
    facts.payment = CLEARANCE_CLOSED;
    expect_blocked(facts, "payment_closed", "create_payment");
    facts.payment = CLEARANCE_PAID;
    expect_blocked(facts, "amount_differs", "person");
}

Test(clearance, an_amount_that_two_people_took_clears_and_is_told)
{
    struct clearance_facts facts = good();
    facts.payment = CLEARANCE_CLOSED;
    facts.proved_whole = 0;
    facts.accepted = 1;
    struct clearance clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(clearance.may_submit);
    cr_expect(says(&clearance, "amount_accepted"));
    cr_expect_not(says(&clearance, "payment_closed"));
    cr_expect_eq(clearance.certainty, CLEARANCE_CONFIRMED);
    facts.mismatch = true; /* another one, that nobody decided about */
    expect_blocked(facts, "mismatch", "person");
}

Test(clearance, a_bank_transfer_that_two_people_confirmed_clears_and_is_told)
{
    struct clearance_facts facts = { .status = ORDER_PAID, .quantity = 2, .manual = 1 };
    struct clearance clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(clearance.may_submit);
    cr_expect(says(&clearance, "manual_payment"));
    cr_expect_not(says(&clearance, "no_payment"));
    cr_expect_eq(clearance.certainty, CLEARANCE_CONFIRMED);
    facts.payment = CLEARANCE_OPEN; /* the payer was at the cashier too, and may pay there yet */
    facts.pending = 1;
    clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(says(&clearance, "attempt_beside"));
    facts.payment = CLEARANCE_PAID;
    facts.pending = 0;
    facts.proved_whole = 1;
    clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(says(&clearance, "duplicate"));
}

Test(clearance, a_bank_transfer_of_less_or_of_one_person_or_given_back_clears_nothing)
{
    struct clearance_facts facts = { .status = ORDER_PAID, .quantity = 2, .manual_part = true };
    expect_blocked(facts, "amount_differs", "person");
    facts.manual_part = false;
    facts.manual_waiting = 1;
    expect_blocked(facts, "no_payment", "create_payment");
    struct clearance clearance = clearance_judge(&facts);
    cr_expect(says(&clearance, "manual_waiting"));
    facts = good();
    facts.manual_back = true; /* paid online, given back by transfer */
    expect_blocked(facts, "refunded", "");
}

Test(clearance, money_that_is_doubted_or_goes_back_does_not_clear)
{
    struct clearance_facts facts = good();
    facts.mismatch = true;
    expect_blocked(facts, "mismatch", "person");
    facts = good();
    facts.proved_whole = 0;
    facts.unproved = 1;
    expect_blocked(facts, "amount_differs", "person");
    facts.unproved = 0;
    facts.undecided = 1;
    expect_blocked(facts, "undecided", "wait");
    facts.undecided = 0;
    facts.refund_open = 1;
    expect_blocked(facts, "refund_under_way", "wait");
    facts.refund_open = 0;
    facts.refunded = 1;
    expect_blocked(facts, "refunded", "");
}

Test(clearance, an_order_that_ended_is_not_cleared_by_its_money)
{
    struct clearance_facts facts = good();
    facts.status = ORDER_REJECTED;
    expect_blocked(facts, "order_rejected", "");
    facts.status = ORDER_CANCELLED;
    expect_blocked(facts, "order_cancelled", "");
}

Test(clearance, a_duplicate_clears_and_is_told)
{
    struct clearance_facts facts = good();
    facts.proved_whole = 2;
    facts.duplicate = true;
    facts.late = true;
    facts.unknown = 1;
    struct clearance clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(clearance.may_submit);
    cr_expect(says(&clearance, "duplicate"));
    cr_expect(says(&clearance, "late"));
    cr_expect(says(&clearance, "attempt_beside"));
    facts.proved_whole = 1;
    facts.refunded = 1; /* what was too much went back */
    clearance = clearance_judge(&facts);
    cr_expect(clearance.cleared);
    cr_expect(says(&clearance, "surplus_refund"));
}

Test(clearance, the_status_at_the_portal_decides_what_is_left_to_do)
{
    static const struct {
        enum order_status status;
        int64_t issued;
        bool submit;
        bool issue;
        const char *why;
    } rows[] = {
        { ORDER_DRAFT, 0, true, false, "not_submitted" },
        { ORDER_PAID, 0, true, false, "not_submitted" },
        { ORDER_SUBMITTED, 0, false, false, "not_reviewed" },
        { ORDER_REVIEWED, 0, false, true, NULL },
        { ORDER_ISSUED, 1, false, true, NULL },
        { ORDER_ISSUED, 2, false, false, "all_issued" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct clearance_facts facts = good();
        facts.status = rows[i].status;
        facts.issued_quantity = rows[i].issued;
        struct clearance clearance = clearance_judge(&facts);
        cr_expect(clearance.cleared, "row %zu", i);
        cr_expect_eq(clearance.may_submit, rows[i].submit, "row %zu", i);
        cr_expect_eq(clearance.may_issue, rows[i].issue, "row %zu", i);
        cr_expect_eq(clearance.count, rows[i].why == NULL ? 0 : 1, "row %zu", i);
        cr_expect(rows[i].why == NULL || says(&clearance, rows[i].why), "row %zu", i);
    }
}

Test(clearance, certainty_is_the_worst_of_what_is_open)
{
    struct clearance_facts facts = { .status = ORDER_DRAFT, .quantity = 1 };
    cr_expect_str_eq(clearance_certainty_code(clearance_judge(&facts).certainty), "confirmed");
    facts.payment = CLEARANCE_OPEN;
    facts.pending = 1;
    cr_expect_str_eq(clearance_certainty_code(clearance_judge(&facts).certainty), "provisional");
    facts.unknown = 1;
    cr_expect_str_eq(clearance_certainty_code(clearance_judge(&facts).certainty), "unknown");
}

/* Every combination of small facts, against the sentence of the API's document, written out a second time. */
static void
compare(const struct clearance_facts *f)
{
    struct clearance clearance = clearance_judge(f);
    bool ended = f->status == ORDER_REJECTED || f->status == ORDER_CANCELLED;
    bool money = (f->payment == CLEARANCE_PAID && f->proved_whole >= 1) || f->manual >= 1;
    bool impossible =
        f->payment == CLEARANCE_PAID
        && f->proved_whole + f->undecided + f->refund_open + f->refunded + f->unproved == 0;
    bool cleared = money && !impossible && f->unproved == 0 && !f->mismatch && !ended;
    size_t blocking = 0;
    for (size_t i = 0; i < clearance.count; i++) {
        blocking += clearance_reason_blocks(clearance.reasons[i]) ? 1 : 0;
    }
    cr_assert_eq(clearance.cleared, cleared);
    cr_assert_eq(clearance.cleared, blocking == 0,
                 "a refusal names its reason, and only a refusal");
    cr_assert(!clearance.may_submit || cleared);
    cr_assert(!clearance.may_issue || cleared);
}

Test(clearance, in_every_combination_only_proved_whole_money_clears)
{
    for (unsigned bits = 0; bits < 1u << 11; bits++) {
        for (enum order_status status = ORDER_DRAFT; status < ORDER_STATUS_COUNT; status++) {
            for (enum clearance_payment payment = 0; payment < CLEARANCE_PAYMENT_COUNT; payment++) {
                struct clearance_facts facts = {
                    .status = status,
                    .quantity = 1,
                    .payment = payment,
                    .proved_whole = bits & 1,
                    .refund_open = bits >> 1 & 1,
                    .refunded = bits >> 2 & 1,
                    .unproved = bits >> 3 & 1,
                    .pending = bits >> 4 & 1,
                    .unknown = bits >> 5 & 1,
                    .duplicate = bits >> 6 & 1,
                    .late = bits >> 7 & 1,
                    .mismatch = bits >> 8 & 1,
                    .undecided = bits >> 9 & 1,
                    .manual = bits >> 10 & 1,
                };
                /* An attempt belongs to a payment, and one that was paid makes its payment paid. */
                bool any = (bits & (63 | 1u << 9)) != 0;
                bool any_paid = (bits & (15 | 1u << 9)) != 0;
                if ((payment == CLEARANCE_NONE && any) || (payment != CLEARANCE_PAID && any_paid)) {
                    continue;
                }
                compare(&facts);
            }
        }
    }
}

Test(clearance, every_row_has_its_texts)
{
    for (enum clearance_reason reason = 0; reason < CLEARANCE_REASON_COUNT; reason++) {
        cr_expect_gt(strlen(clearance_reason_code(reason)), 0);
        cr_expect_gt(strlen(clearance_reason_text(reason, LANGUAGE_EN)), 10);
        cr_expect_gt(strlen(clearance_reason_text(reason, LANGUAGE_ZH)), 10);
        for (enum clearance_reason other = 0; other < reason; other++) {
            cr_expect_str_neq(clearance_reason_code(reason), clearance_reason_code(other));
        }
    }
}

Test(clearance, states_of_a_payment_decode)
{
    enum clearance_payment payment = CLEARANCE_PAID;
    CHECK_OK(clearance_payment_decode(SPAN_LIT(""), &payment));
    cr_expect_eq(payment, CLEARANCE_NONE);
    CHECK_OK(clearance_payment_decode(SPAN_LIT("closed"), &payment));
    cr_expect_eq(payment, CLEARANCE_CLOSED);
    CHECK_ERR(clearance_payment_decode(SPAN_LIT("late"), &payment), ERR_FIELD_VALUE);
}
