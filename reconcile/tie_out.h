/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_TIE_OUT_H
#define TALLYGATE_RECONCILE_TIE_OUT_H

/* The adding-up sheet by two routes: the bill and the books are summed from the inputs alone, what
 * became of them from the results alone, and the two must meet in count and fen. */

#include "match.h"
#include "recon.h"

/* What the results say of what the sheet has from the inputs. */
struct tie_sums {
    struct recon_cell matched; /* E as the books see it */
    struct recon_cell scoped;  /* D */
    int64_t untold_fen; /* of orders and invoices that are off without a finding, without sign */
    struct span untold_owner; /* the first of them; empty: none */
    struct span untold_order_no;
};

/* Adds the results `out` of a part of the day to the sheet. The orders and invoices of the sheet come from the cases. Errors:
 * INTERNAL when a line or a counted member stands in no result or in two; ARENA_FULL, NO_MEMORY. */
MUST_USE enum err tie_out_add(const struct match *match, const struct recon_output *out,
                              struct recon_sheet *sheet, struct tie_sums *sums);

/* Whether the whole sheet ties:
 *
 *   B = C + C' + D               C + M' = E + F + G + H + L'    J = E + F' + K + L      (count and fen)
 *   C + M' - J = sum of delta    pay + refund = C               M: the part of E and F' that was carried in
 *   J = P1 + P6 + P7 (count and fen)    P = P1 + P2 + P3 + P4 + P5    Q = Q1 + Q2    and each order of P4 and Q2 has its finding
 *
 * G holds every effective line that is neither matched, differing in amount, repeated nor carried out; K every
 * counted member that is neither matched, differing nor in transit. Errors: SHEET_UNTIED when anything
 * does not meet; sheet->unexplained_fen is written all the same, and `untied` where it is asked for. */
MUST_USE enum err tie_out_close(struct recon_sheet *sheet, const struct tie_sums *sums,
                                struct recon_untied *untied);

#endif
