/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_CLEARANCE_H
#define TALLYGATE_CORE_CLEARANCE_H

/* May an order be submitted, may its certificates be issued? From what the books know to the reasons, by
 * the rows of clearance.def. A verified statement of the provider clears an order, one of another amount only
 * together with two people; and so does a bank transfer that two people confirmed by the bank's statement. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "order.h"
#include "span.h"

enum clearance_payment {
    CLEARANCE_NONE, /* the order has no payment */
    CLEARANCE_OPEN,
    CLEARANCE_PAID,
    CLEARANCE_CLOSED,
    CLEARANCE_PAYMENT_COUNT
};

/* The books on one order: all its payments, all their attempts. An attempt that was paid, in time or late, is counted in
 * exactly one of proved_whole, undecided, refund_open, refunded, unproved; one whose amount two people took as it came, in accepted,
 * refund_open or refunded; another one that has not ended, in pending or unknown. */
struct clearance_facts {
    enum order_status status; /* at the portal */
    int64_t quantity;
    int64_t issued_quantity;
    enum clearance_payment
        payment; /* the one that speaks for the order: the paid one, else the newest */
    int64_t
        proved_whole; /* a verified statement says the order's amount; nothing of it is refunded or reserved for that */
    int64_t
        accepted; /* two people took the amount that came as it is; nothing of it is refunded or reserved for that */
    int64_t
        undecided; /* came late or twice, and the account's policy has not said yet whether it stays */
    int64_t refund_open; /* something of it is asked back, and that is not decided */
    int64_t refunded;    /* something of it was given back */
    int64_t unproved;    /* no verified statement says the order's amount */
    int64_t pending;     /* created, pending, closing */
    int64_t unknown;
    int64_t manual;   /* 1: bank transfers that two people confirmed come to the order's amount */
    bool manual_part; /* they come to less */
    bool manual_back; /* more was given back by bank transfer than came so */
    int64_t manual_waiting; /* recorded by one person */
    bool duplicate;
    bool late;
    bool
        mismatch; /* a genuine statement stands against the books: not healed by a later one, not decided by two people */
};

enum clearance_reason {
#define CLEARANCE_REASON(name, code, weight, next, en, zh) CLEARANCE_##name,
#include "clearance.def"
#undef CLEARANCE_REASON
    CLEARANCE_REASON_COUNT
};

enum clearance_certainty {
    CLEARANCE_CONFIRMED,   /* stands on a provider's word, or nothing was ever asked of one */
    CLEARANCE_PROVISIONAL, /* an attempt has not ended */
    CLEARANCE_UNKNOWN,     /* money may have moved */
    CLEARANCE_CERTAINTY_COUNT
};

struct clearance {
    bool cleared;
    bool may_submit;
    bool may_issue;
    enum clearance_certainty certainty;
    enum clearance_reason reasons[CLEARANCE_REASON_COUNT]; /* in the order of the table */
    size_t count;
};

struct clearance clearance_judge(const struct clearance_facts *facts);

const char *clearance_reason_code(enum clearance_reason reason); /* "not_tried" */
const char *clearance_reason_next(enum clearance_reason reason); /* "refresh"; "" for nothing */
const char *clearance_reason_text(enum clearance_reason reason, enum language language);
bool clearance_reason_blocks(enum clearance_reason reason);
const char *clearance_certainty_code(enum clearance_certainty certainty);

/* A payment's state; the empty text is no payment. Errors: FIELD_VALUE. */
MUST_USE enum err clearance_payment_decode(struct span s, enum clearance_payment *out);

#endif
