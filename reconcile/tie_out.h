/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_TIE_OUT_H
#define TALLYGATE_RECONCILE_TIE_OUT_H

/* The adding-up sheet by two routes: the bill and the books are summed from the inputs alone, what
 * became of them from the results alone, and the two must meet in count and fen. */

#include "match.h"
#include "recon.h"

/* The sheet of `out->results`. The orders and invoices of the sheet come from the cases.
 *
 *   B = C + C' + D          C = E + F + G + H          J = E + F' + K + L      (count and fen)
 *   C - J = sum of delta    pay + refund = C           M: the part of E and F' that was carried in
 *
 * G holds every effective line that is neither matched, differing in amount nor repeated; K every
 * counted member that is neither matched, differing nor in transit. Errors: INTERNAL when anything
 * does not meet, or when a line or a counted member stands in no result or in two; the sheet is
 * written all the same, with what is unexplained. ARENA_FULL, NO_MEMORY. */
MUST_USE enum err tie_out(const struct match *match, struct recon_output *out);

#endif
