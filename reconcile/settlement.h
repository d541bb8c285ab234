/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_SETTLEMENT_H
#define TALLYGATE_RECONCILE_SETTLEMENT_H

/* The sheet of a day of settlement: what was paid out and what came to the bank, each by two routes that must meet. Pure. Money is fen;
 * lines of the bank count with the bank's fees, and below zero when they were sent back. */

#include "deposit.h"
#include "recon.h"

/*   opening + paid = banked + closing
 *   loose_in + lines = banked + transfers + loose_out */
struct settlement {
    struct recon_cell opening;   /* payouts taken in: what the bank did not have yet */
    struct recon_cell paid;      /* payouts that moved on the day */
    struct recon_cell banked;    /* parts of lines that stand for payouts */
    struct recon_cell closing;   /* payouts carried out */
    struct recon_cell loose_in;  /* lines that were not explained on the day before */
    struct recon_cell lines;     /* lines of the day */
    struct recon_cell transfers; /* payers' own that are recorded for orders */
    struct recon_cell loose_out; /* lines that are not explained */
    struct recon_cell fee;       /* what the bank took of the lines of the day */
};

/* What a line counts. */
int64_t settlement_line_fen(const struct deposit_entry *entry);

/* What of a payout was to come when the day began. */
int64_t settlement_open_fen(const struct deposit_payout *payout);

/* Sums a day: *out, and the same in the cells that every run has (the bank's lines as the bill, what was to come as the books).
 * Errors: INTERNAL when an entry or a payout is not explained once and whole, or the sums do not meet; NO_MEMORY, ARENA_FULL. */
MUST_USE enum err settlement_sum(const struct deposit_input *in, const struct deposit_output *made,
                                 struct arena *arena, struct settlement *out,
                                 struct recon_sheet *sheet);

#endif
