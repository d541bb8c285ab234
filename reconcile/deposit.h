/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_DEPOSIT_H
#define TALLYGATE_RECONCILE_DEPOSIT_H

/* What the provider paid out of the account, and what people transferred, against what came to the bank. Pure: arrays in, arrays out, the same
 * result whatever their order. A deposit belongs to a payout only when it names its reference; amount joins nothing
 * and is shown as a suggestion at most. Money is fen. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "finding.h"
#include "span.h"

#define DEPOSIT_NONE SIZE_MAX

/* A payout of the account to the bank, by the account's own bill. */
struct deposit_payout {
    struct span reference; /* the provider's number of it */
    struct day day;        /* of its first movement */
    int64_t fen;           /* what left the account by now, less what came back to it */
    int64_t banked_fen;    /* of it, what the bank had before the entries at hand */
    bool moved;            /* on the day of the run: moved_fen of fen */
    int64_t moved_fen;
    bool returned; /* the bank sent it back before, and nothing came in its place */
};

/* A line of the bank's statement, as finance entered it. */
struct deposit_entry {
    struct span deposit_no; /* the bank's number */
    struct span references; /* of the payouts that it names, blank-separated; may be empty */
    struct day day;
    int64_t fen;     /* positive: what came, or what was sent back */
    int64_t fee_fen; /* what the bank took of it before, 0 or more */
    bool returned;   /* sent back to the provider */
    bool transfer; /* a payer's own, past every provider; it names no payout and was not returned */
    struct span sha256; /* of the file that had it first; empty: it came before files were kept */
    bool carried_in;    /* of a day before, and nothing has explained it yet */
};

/* What was recorded for orders under the bank's number of a transfer. */
struct deposit_transfer {
    struct span voucher;
    int64_t fen; /* positive; of all orders together */
};

struct deposit_input {
    const struct deposit_payout *payouts;
    size_t payout_count;
    const struct deposit_entry *entries;
    size_t entry_count;
    const struct deposit_transfer *transfers;
    size_t transfer_count;
    struct day as_of;
    int term_days; /* so many days after a payout its money may be on the way */
};

/* A part of an entry that stands for a payout: with its fee when it came, negative when it was sent back. */
struct deposit_alloc {
    size_t payout;
    size_t entry;
    int64_t fen;
};

/* One unit: a payout, or an entry that names none, with what was recorded under its number when it is a transfer. */
struct deposit_result {
    enum finding primary;
    bool merged; /* DEP_MERGED: one of its deposits stands for other payouts too */
    bool split;  /* DEP_SPLIT: several deposits stand for it */
    bool fee;    /* DEP_FEE: the bank took a fee */
    size_t payout;
    size_t entry;      /* of an entry that names no payout */
    size_t suggestion; /* the only payout without money that has just the entry's amount, or NONE */
    int64_t settled_fen; /* of the payout what the bank did not have before, or recorded */
    int64_t banked_fen;  /* of its deposits with their fees */
    int64_t fee_fen;     /* of those fees, each with the first payout that the deposit stands for */
    int64_t delta_fen;   /* banked - settled */
};

struct deposit_output {
    struct deposit_result
        *results; /* payouts by day and reference, then entries by day and number */
    size_t count;
    struct deposit_alloc *allocs; /* in the order of entries, then of the references in each */
    size_t alloc_count;
    int64_t settled_fen; /* of all payouts and recorded transfers */
    int64_t banked_fen;  /* of all entries with their fees, less what was sent back */
    int64_t delta_fen;   /* of all results: banked - settled */
};

/* Everything lives in `arena`. Errors: NO_MEMORY, ARENA_FULL; FIELD_VALUE when a reference, a number or a voucher is empty or
 * stands twice, an entry's amount is not positive, a fee negative, or a transfer is returned or names payouts; AMOUNT_OVERFLOW; INTERNAL when the sums do not tie. */
MUST_USE enum err deposit_match(const struct deposit_input *input, struct arena *arena,
                                struct deposit_output *out);

#endif
