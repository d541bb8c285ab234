/* SPDX-License-Identifier: Apache-2.0 */
/* What a harmless query proves, and that its number cannot be one of ours. */
#include "rehearsal.h"

#include "check.h"
#include "number.h"

Test(rehearsal, only_a_verified_answer_that_says_something_proves_the_key)
{
    static const struct {
        enum err err;
        enum adapter_handling handling;
        enum err why;
        bool proven;
        enum rehearsal want;
    } rows[] = {
        { ERR_OK, ADAPTER_DONE, ERR_OK, false, REHEARSAL_UNDECIDED },
        { ERR_OK, ADAPTER_HANDLING_NONE, ERR_OK, true, REHEARSAL_UNDECIDED },
        { ERR_OK, ADAPTER_RETRY, ERR_PROVIDER_BUSY, false, REHEARSAL_UNDECIDED },
        { ERR_OK, ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, true, REHEARSAL_UNDECIDED },
        { ERR_OK, ADAPTER_ASK_AGAIN, ERR_PROVIDER_UNVERIFIED, false, REHEARSAL_ONE_WAY },
        { ERR_OK, ADAPTER_ASK_AGAIN, ERR_PROVIDER_TRADE_ABSENT, false, REHEARSAL_ONE_WAY },
        { ERR_OK, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, false, REHEARSAL_REFUSED },
        { ERR_OK, ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, true, REHEARSAL_REFUSED },
        { ERR_OK, ADAPTER_REFUSED, ERR_PROVIDER_REFUSED, false, REHEARSAL_REFUSED },
        { ERR_PROVIDER_UNVERIFIED, ADAPTER_DONE, ERR_OK, true, REHEARSAL_UNVERIFIED },
        { ERR_PROVIDER_PROTOCOL, ADAPTER_HANDLING_NONE, ERR_OK, false, REHEARSAL_UNDECIDED },
        { ERR_PROVIDER_NOT_SENT, ADAPTER_HANDLING_NONE, ERR_OK, false, REHEARSAL_NOT_REACHED },
        { ERR_PROVIDER_NO_ANSWER, ADAPTER_HANDLING_NONE, ERR_OK, false, REHEARSAL_NOT_REACHED },
        { ERR_KEYS_AWAY, ADAPTER_HANDLING_NONE, ERR_OK, false, REHEARSAL_NOT_REACHED },
        { ERR_KEYS_POLICY, ADAPTER_DONE, ERR_OK, true, REHEARSAL_NOT_REACHED },
        { ERR_OK, ADAPTER_DONE, ERR_OK, true, REHEARSAL_PROVEN },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct adapter_answer answer = { .handling = rows[i].handling, .err = rows[i].why };
        cr_expect_eq(rehearsal_judge(rows[i].err, &answer, rows[i].proven), rows[i].want, "row %zu",
                     i);
    }
}

Test(rehearsal, its_number_has_our_form_and_a_day_before_us)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct span first;
    struct span second;
    int slot;
    CHECK_OK(arena_new(65536, &arena));
    CHECK_OK(rehearsal_number(arena, &first));
    CHECK_OK(rehearsal_number(arena, &second));
    CHECK_OK(number_attempt_check(first, &slot));
    cr_expect(span_starts(first, SPAN_LIT("000101")));
    cr_expect_not(span_eq(first, second), "a number that was asked for may be remembered");
}
