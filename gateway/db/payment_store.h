/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_PAYMENT_STORE_H
#define TALLYGATE_DB_PAYMENT_STORE_H

/* Payments and attempts as values, and the parameters and rows of their statements. Pure: nothing
 * here talks to the database. Spans point into the arena given. */

#include "attempt.h"
#include "db.h"
#include "evidence.h"
#include "judge.h"
#include "order.h"

struct payment {
    int slot;
    struct span payment_no;
    struct span owner;
    struct span order_no;
    struct span state; /* open, paid, closed */
    bool duplicate;
    bool late;
    bool mismatch;
    struct money amount;
    struct span return_url;
    struct span checkout_token;
    int64_t attempt_count;
    struct wall_time created_at;
    struct wall_time expires_at;
    struct wall_time close_asked_at;
    enum order_kind kind;
    int64_t quantity;
    enum order_status order_status;
};

struct attempt {
    int slot;
    struct span attempt_no;
    struct span payment_no;
    struct span provider;
    struct span account;
    struct span application;
    struct span merchant;
    struct span method;
    enum attempt_state state;
    struct money amount;
    struct span provider_trade_no;
    struct wall_time paid_at;
    struct wall_time expires_at;
    struct span qr_text;
    struct wall_time last_answer_at;
    struct wall_time query_lease_until; /* 0: nobody asks the provider now */
    int64_t query_count;                /* calls to the provider that have ended */
    struct span query_trouble;          /* code of why the last one brought nothing; or empty */
    struct wall_time next_poll_at;
    int64_t poll_count;
    bool noticed; /* a notice waits for the answer to a query */
    struct wall_time created_at;
    int64_t refundable_fen; /* what came in and can go back */
    int64_t refund_reserved_fen;
    int64_t refunded_fen;
};

/* Rows of payment_find*, attempt_find, attempt_list, attempt_poll_claim. Errors: ARENA_FULL,
 * DB_ROWS when a stored code is none of ours. */
MUST_USE enum err payment_row(const struct db_rows *rows, size_t row, struct arena *arena,
                              struct payment *out);
MUST_USE enum err attempt_row(const struct db_rows *rows, size_t row, struct arena *arena,
                              struct attempt *out);

/* What our books say about the attempt, for judge(). */
struct judge_books attempt_books(const struct attempt *attempt);

/* One change of money state. `evidence` is NULL only for our own acts (sent, no_answer,
 * close_asked); `mismatch` is empty unless the event is MISMATCH. */
struct payment_change {
    int slot;
    struct span attempt_no;
    enum attempt_event event;
    const struct evidence *evidence;
    const char *mismatch;
    struct wall_time now;
};

enum payment_outcome {
    PAYMENT_OUTCOME_NONE,
    PAYMENT_APPLIED,
    PAYMENT_REPEATED, /* the same statement was stored before */
    PAYMENT_REFUSED,  /* the machine has no such edge; nothing was recorded */
    PAYMENT_UNKNOWN_ATTEMPT,
    PAYMENT_LOST_RACE,
    PAYMENT_DEFERRED, /* shared an order with an earlier row of its batch */
    PAYMENT_OUTCOME_COUNT
};

struct payment_change_result {
    enum payment_outcome outcome;
    enum attempt_state from;
    enum attempt_state state;
    enum attempt_effect effect; /* of an applied change */
    bool payment_paid;
    bool duplicate;
    bool late;
    bool mismatch;
};

/* payment_apply.sql and payment_apply_many.sql. */
void payment_apply_params(struct db_params *params, const struct payment_change *change);
void payment_apply_many_params(struct db_params *params,
                               const struct payment_change *const *changes, size_t count);
MUST_USE enum err payment_apply_row(const struct db_rows *rows, size_t row,
                                    struct payment_change_result *out);

#endif
