/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_WEBHOOK_STORE_H
#define TALLYGATE_DB_WEBHOOK_STORE_H

/* What a message tells, as a value, and the parameters and rows of the statements on deliveries. Pure: nothing
 * here talks to the database. */

#include "db.h"
#include "money.h"
#include "webhook.h"

/* An event and the payment as it was behind that event; from rows that are never changed. */
struct webhook_message {
    struct webhook_key key;
    int slot;
    int64_t place;       /* in the feed */
    struct wall_time at; /* of the event */
    struct span order_no;
    struct span payment_state; /* open, paid, closed */
    bool duplicate;
    bool late;
    bool mismatch;
    struct money amount;
    struct span attempt_no; /* empty when no attempt is concerned; then so are those below */
    struct span provider;
    struct span method;
    struct span
        evidence_digest; /* hex; empty when no evidence stands behind it; then so are those below */
    struct span source;
    struct span provider_status;
    struct span provider_trade_no;
    struct wall_time paid_at;
    struct wall_time provider_time;
    struct span difference; /* what differs from our books */
    struct span refund_no;  /* empty unless it tells of a refund; then so are those below */
    struct span refund_cause;
    struct money refund_amount;
    struct span reconciliation; /* JSON: what it tells of a run; then all of the payment is empty */
};

/* A claimed delivery. */
struct webhook_delivery {
    struct webhook_message message;
    struct span endpoint_id;
    struct span url;
    int64_t attempts; /* that failed before */
    int64_t generation;
    int64_t previous_generation; /* 0: none signs beside it */
};

/* Rows of event_feed and webhook_claim; spans point into the arena. Errors: ARENA_FULL, DB_ROWS when a stored
 * code is none of ours. */
MUST_USE enum err webhook_message_row(const struct db_rows *rows, size_t row, struct arena *arena,
                                      struct webhook_message *out);
MUST_USE enum err webhook_delivery_row(const struct db_rows *rows, size_t row, struct arena *arena,
                                       struct webhook_delivery *out);

enum webhook_outcome { WEBHOOK_FAILED, WEBHOOK_DELIVERED, WEBHOOK_DEAD, WEBHOOK_OUTCOME_COUNT };

/* What became of one try: failed ones have the time of the next. */
struct webhook_result {
    enum webhook_outcome outcome;
    struct wall_time next_at;
    int status;        /* of HTTP; 0: there was no answer */
    const char *error; /* NULL after success */
    bool gone;         /* the endpoint wants to be told nothing any more */
};

/* $1 to $11 of webhook_record. */
void webhook_record_params(struct db_params *params, const struct webhook_delivery *delivery,
                           const struct webhook_result *result, struct wall_time now);

#define WEBHOOK_REPLAY_MAX 10000 /* messages of one replay */

/* The first five parameters of webhook_record and webhook_resend: what names a delivery. */
void webhook_key_params(struct db_params *params, int slot, const struct webhook_key *key,
                        struct span endpoint_id);

#endif
