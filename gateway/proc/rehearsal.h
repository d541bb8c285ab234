/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_REHEARSAL_H
#define TALLYGATE_PROC_REHEARSAL_H

/* What a harmless query proves: a question about an attempt that cannot exist moves nothing, and a verified
 * "no such order" means that the provider took our signature and that we can read its answers. */

#include "adapter.h"

enum rehearsal {
    REHEARSAL_NONE,
    REHEARSAL_PROVEN,  /* both directions work */
    REHEARSAL_ONE_WAY, /* the provider takes our signature; its own "no such order" is unsigned */
    REHEARSAL_REFUSED, /* the provider does not take our signature, or not this account */
    REHEARSAL_UNVERIFIED,  /* it answered, and no key of ours fits the answer */
    REHEARSAL_UNDECIDED,   /* it answered and said neither: busy, or not as its document says */
    REHEARSAL_NOT_REACHED, /* no answer came, or nothing was sent */
    REHEARSAL_COUNT
};

/* `err` and `answer` as provider_call gave them; `proven`: the answer became evidence. */
enum rehearsal rehearsal_judge(enum err err, const struct adapter_answer *answer, bool proven);

/* An attempt number of the right form that none of ours can have: its day is the first of the year 2000.
 * Errors: CRYPTO, ARENA_FULL. */
MUST_USE enum err rehearsal_number(struct arena *arena, struct span *out);

#endif
