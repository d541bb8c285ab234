/* SPDX-License-Identifier: Apache-2.0 */
#include "rehearsal.h"

#include "number.h"

#define LONG_AGO_US (INT64_C(946692000) * 1000000) /* 2000-01-01T02:00:00Z */

static enum rehearsal
judge_answer(const struct adapter_answer *answer, bool proven)
{
    switch (answer->handling) {
    case ADAPTER_DONE:
        return proven ? REHEARSAL_PROVEN : REHEARSAL_UNDECIDED;
    case ADAPTER_REFUSED:
    case ADAPTER_ALARM:
        return REHEARSAL_REFUSED;
    case ADAPTER_ASK_AGAIN: /* a provider that refuses without signing says so over TLS alone */
        return answer->err == ERR_PROVIDER_UNVERIFIED || answer->err == ERR_PROVIDER_TRADE_ABSENT
                   ? REHEARSAL_ONE_WAY
                   : REHEARSAL_UNDECIDED;
    case ADAPTER_RETRY:
    case ADAPTER_HANDLING_NONE:
    case ADAPTER_HANDLING_COUNT:
        break;
    }
    return REHEARSAL_UNDECIDED;
}

enum rehearsal
rehearsal_judge(enum err err, const struct adapter_answer *answer, bool proven)
{
    switch ((int)err) {
    case ERR_OK:
        return judge_answer(answer, proven);
    case ERR_PROVIDER_UNVERIFIED:
        return REHEARSAL_UNVERIFIED;
    case ERR_PROVIDER_PROTOCOL:
        return REHEARSAL_UNDECIDED;
    default:
        return REHEARSAL_NOT_REACHED;
    }
}

enum err
rehearsal_number(struct arena *arena, struct span *out)
{
    uint64_t random = 0;
    struct span payment_no;
    TRY(crypto_random((unsigned char *)&random, sizeof(random)));
    int slot = (int)(random % NUMBER_SLOTS);
    int64_t sequence = (int64_t)(random / NUMBER_SLOTS % (uint64_t)NUMBER_SEQUENCE_MAX) + 1;
    TRY(number_payment((struct wall_time){ .us = LONG_AGO_US }, slot, sequence, arena,
                       &payment_no));
    return number_attempt(payment_no, 1, arena, out);
}
