/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "refund.h"

static enum refund_state
after(enum refund_state from, enum refund_event event)
{
    struct refund_edge edge = { .to = REFUND_STATE_NONE };
    CHECK_OK(refund_next(from, event, &edge));
    return edge.to;
}

static void
refuses(enum refund_state from, enum refund_event event)
{
    struct refund_edge edge;
    CHECK_ERR(refund_next(from, event, &edge), ERR_EDGE);
}

Test(core_refund, is_sent_by_nobody_before_it_is_approved)
{
    refuses(REFUND_STATE_NONE, REFUND_SEND);
    refuses(REFUND_PROPOSED, REFUND_SEND);
    refuses(REFUND_PROPOSED, REFUND_APPROVE);
    refuses(REFUND_REQUESTED, REFUND_SEND);
    refuses(REFUND_REJECTED, REFUND_SEND);
    cr_expect_eq(after(REFUND_PROPOSED, REFUND_CONFIRM), REFUND_REQUESTED);
    cr_expect_eq(after(REFUND_REQUESTED, REFUND_APPROVE), REFUND_APPROVED);
    cr_expect_eq(after(REFUND_APPROVED, REFUND_SEND), REFUND_SENT);
}

Test(core_refund, is_taken_back_only_between_its_approval_and_its_sending)
{
    for (int s = REFUND_STATE_NONE; s < REFUND_STATE_COUNT; s++) {
        if (s != REFUND_APPROVED) {
            refuses((enum refund_state)s, REFUND_WITHDRAW);
        }
    }
    cr_expect_eq(after(REFUND_APPROVED, REFUND_WITHDRAW), REFUND_WITHDRAWN);
    for (int e = REFUND_EVENT_NONE; e < REFUND_EVENT_COUNT; e++) {
        refuses(REFUND_WITHDRAWN, (enum refund_event)e);
    }
}

Test(core_refund, silence_makes_it_unknown_and_never_failed)
{
    cr_expect_eq(after(REFUND_SENT, REFUND_NO_ANSWER), REFUND_UNKNOWN);
    for (int s = REFUND_UNKNOWN; s < REFUND_STATE_COUNT; s++) {
        cr_expect_eq(after((enum refund_state)s, REFUND_NO_ANSWER), (enum refund_state)s);
    }
}

Test(core_refund, a_mismatch_moves_nothing_in_any_state)
{
    for (int s = REFUND_SENT; s < REFUND_STATE_COUNT; s++) {
        struct refund_edge edge;
        CHECK_OK(refund_next((enum refund_state)s, REFUND_MISMATCH, &edge));
        cr_expect_eq(edge.to, (enum refund_state)s);
        cr_expect_eq(edge.effect, ATTEMPT_ALARM);
    }
}

Test(core_refund, what_has_ended_is_never_sent_again)
{
    static const enum refund_state ends[] = { REFUND_SUCCEEDED, REFUND_FAILED, REFUND_REJECTED,
                                              REFUND_WITHDRAWN };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        refuses(ends[i], REFUND_SEND);
        refuses(ends[i], REFUND_APPROVE);
        cr_expect(refund_state_final(ends[i]));
        cr_expect(!refund_state_open(ends[i]));
    }
    refuses(REFUND_ACCEPTED, REFUND_SEND);
}

Test(core_refund, every_state_reads_back_from_its_code)
{
    for (int s = REFUND_PROPOSED; s < REFUND_STATE_COUNT; s++) {
        enum refund_state read = REFUND_STATE_NONE;
        CHECK_OK(refund_state_decode(span_of(refund_state_code((enum refund_state)s)), &read));
        cr_expect_eq(read, (enum refund_state)s);
    }
    enum refund_state untouched = REFUND_SENT;
    CHECK_ERR(refund_state_decode(SPAN_LIT("none"), &untouched), ERR_FIELD_VALUE);
    CHECK_ERR(refund_state_decode(SPAN_LIT("Sent"), &untouched), ERR_FIELD_VALUE);
    cr_expect_eq(untouched, REFUND_SENT);
}

Test(core_refund, only_a_providers_word_ends_what_was_sent)
{
    static const enum refund_event ends[] = { REFUND_SUCCEED, REFUND_FAIL, REFUND_ACCEPT,
                                              REFUND_EVENT_ABNORMAL, REFUND_MISMATCH };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        cr_expect(refund_event_needs_evidence(ends[i]));
    }
    cr_expect(!refund_event_needs_evidence(REFUND_NO_ANSWER));
    cr_expect(!refund_event_needs_evidence(REFUND_SEND));
}
