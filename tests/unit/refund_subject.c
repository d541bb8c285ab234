/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored with the keys of calls about refunds, and whose decision stands. */
#include "refund_subject.h"

#include "check.h"
#include "crypto.h"

#define NUMBER "260310007000000001101R01"

static struct arena *arena;

static void
start(void)
{
    CHECK_OK(arena_new((size_t)64 * 1024, &arena));
}

static void
finish(void)
{
    arena_free(&arena);
}

TestSuite(refund_subject, .init = start, .fini = finish);

Test(refund_subject, reads_back_as_it_was_written)
{
    const struct refund_subject subject = { SPAN(NUMBER), SPAN("checker") };
    struct refund_subject read = { .client = SPAN("") };
    struct span text;
    CHECK_OK(refund_subject_write(&subject, arena, &text));
    CHECK_TEXT(text, NUMBER " checker");
    CHECK_OK(refund_subject_read(text, &read));
    CHECK_TEXT(read.refund_no, NUMBER);
    CHECK_TEXT(read.client, "checker");
}

Test(refund_subject, without_a_refund_or_a_client_names_nothing)
{
    static const char *const texts[] = { "", " ", NUMBER, NUMBER " ", " checker" };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct refund_subject read;
        cr_expect_eq(refund_subject_read(span_of(texts[i]), &read), ERR_FIELD_VALUE, "%s",
                     texts[i]);
    }
}

Test(refund_subject, a_request_is_named_by_its_key_and_what_was_sent)
{
    struct span text;
    CHECK_OK(refund_request_key(SPAN_LIT("k1"), SPAN_LIT("\x01\xab"), arena, &text));
    CHECK_TEXT(text, "k1 01ab");
}

Test(refund_subject, a_route_decides_one_thing_or_nothing)
{
    cr_expect_eq(refund_event_of_route(SPAN_LIT("refund_confirm")), REFUND_CONFIRM);
    cr_expect_eq(refund_event_of_route(SPAN_LIT("refund_approve")), REFUND_APPROVE);
    cr_expect_eq(refund_event_of_route(SPAN_LIT("refund_reject")), REFUND_REJECT);
    cr_expect_eq(refund_event_of_route(SPAN_LIT("refund_withdraw")), REFUND_WITHDRAW);
    cr_expect_eq(refund_event_of_route(SPAN_LIT("refund_create")), REFUND_EVENT_NONE);
}

Test(refund_subject, a_decision_that_no_longer_stands_is_nobodys)
{
    struct refund refund = { .state = REFUND_REQUESTED, .requested_by = SPAN("finance") };
    CHECK_TEXT(refund_decided_by(&refund, REFUND_CONFIRM), "finance");
    CHECK_TEXT(refund_decided_by(&refund, REFUND_APPROVE), "");
    CHECK_TEXT(refund_decided_by(&refund, REFUND_EVENT_NONE), "");
    refund.state = REFUND_APPROVED;
    refund.approved_by = SPAN_LIT("checker");
    CHECK_TEXT(refund_decided_by(&refund, REFUND_APPROVE), "checker");
    CHECK_TEXT(refund_decided_by(&refund, REFUND_CONFIRM), "");
    refund.state = REFUND_WITHDRAWN;
    refund.withdrawn_by = SPAN_LIT("finance");
    CHECK_TEXT(refund_decided_by(&refund, REFUND_APPROVE), "");
    CHECK_TEXT(refund_decided_by(&refund, REFUND_WITHDRAW), "finance");
}
