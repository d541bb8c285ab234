/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_MOVEMENT_H
#define TALLYGATE_RECONCILE_MOVEMENT_H

/* The movements of the account's balance against the lines of the trade bill: every payment, refund and fee of
 * the one must stand in the other. What else moved is named by its kind. For match.c, classify.c, tie_out.c. */

#include "match.h"

/* Says of each movement what it is (match->moved) and of each line whether its money and its fee moved
 * (line_facts). A line and a movement belong together by number, and only when their amounts are equal; fees are
 * compared by payment, since one may be taken and given back in parts. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err movement_match(struct match *match);

/* True for what must stand in the trade bill: payments, refunds, fees. */
bool movement_of_trade(const struct recon_movement *movement);

/* A result of its own for each movement that no line explains: its class, or NONE. */
enum finding movement_class(const struct match *match, size_t at);

/* CB_FROZEN beside money that the provider holds back; else NONE. */
enum finding movement_note(const struct recon_movement *movement);

/* What the account's bill adds to the sheet, from the movements on one side and from the lines on the other. Called
 * only when there is such a bill. */
void movement_sum(const struct match *match, struct recon_sheet *sheet);

/* What stays unexplained of the two proofs of the sheet's part N; 0 when there is no account's bill. */
int64_t movement_unexplained(const struct recon_sheet *sheet);

#endif
