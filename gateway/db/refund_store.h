/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_REFUND_STORE_H
#define TALLYGATE_DB_REFUND_STORE_H

/* Refunds as values, and the parameters and rows of their statements. Pure: nothing here talks to the
 * database. Spans point into the arena given. */

#include "db.h"
#include "evidence.h"
#include "money.h"
#include "refund.h"

struct refund {
    int slot;
    struct span refund_no;
    struct span payment_no;
    struct span attempt_no;
    struct span owner;
    struct money amount;
    struct money total; /* what the provider took in all */
    struct span cause;  /* asked, late, duplicate, mismatch */
    struct span reason;
    enum refund_state state;
    struct span requested_by; /* empty: nobody yet */
    struct span approved_by;
    struct span rejected_by;
    struct span withdrawn_by;
    struct span withdrawn_reason;
    struct wall_time succeeded_at;
    struct wall_time first_sent_at;
    struct wall_time last_sent_at;
    int64_t send_count;
    struct span provider_code;
    int64_t version;
    struct wall_time last_answer_at;
    int64_t poll_count;
    struct wall_time created_at;
    struct wall_time decided_at;
    /* of its attempt */
    struct span provider;
    struct span account;
    struct span application;
    struct span merchant;
    struct span method;
    struct span provider_trade_no;
};

/* Rows of refund_find, refund_list, refund_claim, refund_take. Errors: ARENA_FULL, DB_ROWS when a stored
 * code is none of ours. */
MUST_USE enum err refund_row(const struct db_rows *rows, size_t row, struct arena *arena,
                             struct refund *out);

#define REFUND_ANY_VERSION      (-1)
#define REFUND_REASON_MAX_BYTES 240 /* why a refund is asked for or taken back */

/* One change of a refund. `evidence` is NULL only for our own acts and for silence; `mismatch` is NULL
 * unless the event is MISMATCH. */
struct refund_change {
    int slot;
    struct span refund_no;
    enum refund_event event;
    struct span actor; /* the client whose request it is; empty: nobody's */
    int64_t version;   /* that must still stand */
    const struct evidence *evidence;
    const char *mismatch;
    struct span provider_code;     /* the provider's word, for a person; may be empty */
    struct wall_time next_poll_at; /* 0: as it was */
    struct wall_time now;
    struct span reason; /* of WITHDRAW; else empty */
};

enum refund_outcome {
    REFUND_OUTCOME_NONE,
    REFUND_APPLIED,
    REFUND_REPEATED, /* the same words were stored before and move nothing */
    REFUND_REFUSED,  /* the machine has no such edge; nothing was recorded */
    REFUND_OUTCOME_UNKNOWN,
    REFUND_SAME_PERSON, /* whoever asked for it may not approve it */
    REFUND_LOST_RACE,
    REFUND_OUTCOME_COUNT
};

struct refund_change_result {
    enum refund_outcome outcome;
    enum refund_state from;
    enum refund_state state;
    enum attempt_effect effect; /* of an applied change */
};

/* refund_apply.sql. Errors: DB_ROWS. */
void refund_apply_params(struct db_params *params, const struct refund_change *change);
MUST_USE enum err refund_apply_row(const struct db_rows *rows, struct refund_change_result *out);

/* What an outcome means for whoever asked: ERR_OK for APPLIED and REPEATED, else EDGE, REFUND_UNKNOWN,
 * REFUND_SAME_PERSON, LOST_RACE. */
MUST_USE enum err refund_outcome_err(enum refund_outcome outcome);

/* refund_notice.sql: a provider's notice about one of our refunds. `mismatch` as above. */
void refund_notice_params(struct db_params *params, int slot, const struct evidence *evidence,
                          const char *mismatch);

#endif
