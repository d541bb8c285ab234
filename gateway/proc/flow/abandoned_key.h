/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_ABANDONED_KEY_H
#define TALLYGATE_PROC_FLOW_ABANDONED_KEY_H

/* One idempotency key whose owner died, on its way to the answer that its owner would have given. */

#include "batch.h"
#include "json.h"

struct abandoned_key {
    struct batch *batch; /* its texts live there */
    int64_t slot;
    struct span owner;
    struct span key;
    struct span route;
    struct span
        subject; /* what the call is about, in the words of its flow_subject_of; not empty */
    struct span content_hash;
    struct wall_time claimed_at;
    struct wall_time lease_until;
    int status;         /* of the answer that is made */
    const char *wanted; /* state that the subject must have come to; NULL: any */
    int subject_slot;
    bool completed;
};

/* Each ends the key's way. The answer is kept for it; takes the JSON over. */
void abandoned_complete(struct abandoned_key *key, int status, struct json_t *view);
/* Nothing was committed, or no answer can be made of it: the next request does the work. */
void abandoned_give_back(struct abandoned_key *key);
/* Stays leased and comes again. */
void abandoned_give_up(struct abandoned_key *key, enum err err);

/* One for each route whose answer can be made from what is committed. Errors: then the key is given up. */
MUST_USE enum err abandoned_payment_create(struct abandoned_key *key);
MUST_USE enum err abandoned_payment_close(struct abandoned_key *key);
MUST_USE enum err abandoned_refund_create(struct abandoned_key *key);
MUST_USE enum err abandoned_refund_decision(struct abandoned_key *key);
MUST_USE enum err abandoned_difference_act(struct abandoned_key *key);
MUST_USE enum err abandoned_webhook_create(struct abandoned_key *key);
MUST_USE enum err abandoned_webhook_rotate(struct abandoned_key *key);

#endif
