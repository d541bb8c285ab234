/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFUND_VERDICT_H
#define TALLYGATE_PROC_FLOW_REFUND_VERDICT_H

/* What an answer to REFUND or REFUND_QUERY does to a refund. Pure. */

#include "adapter.h"
#include "judge.h"
#include "refund_store.h"

struct refund_verdict {
    enum refund_event event;
    const char *mismatch; /* what differs from our books; NULL unless the event is MISMATCH */
    bool absent;          /* nothing is there under our number: it may be sent again */
    bool alarm;           /* a person must act, whatever the event says */
};

/* `evidence` is NULL when the answer was not genuine. A refusal ends the refund only when it answers the
 * first time that it was ever sent: an earlier try under the same number may have gone through. */
struct refund_verdict refund_verdict(const struct refund *refund, enum adapter_operation operation,
                                     const struct adapter_answer *answer,
                                     const struct evidence *evidence);

/* What our books say about a refund's attempt, for judge_refund(). */
struct judge_books refund_books(const struct refund *refund);

#endif
