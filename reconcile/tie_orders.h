/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_TIE_ORDERS_H
#define TALLYGATE_RECONCILE_TIE_ORDERS_H

/* The orders' part of the adding-up sheet, P and Q: from the books' money to what is payable, and from the money that stands to what is
 * invoiced. For tie_out.c. */

#include "match.h"
#include "tie_out.h"

/* Adds the orders that have money of this day, each once, and their invoices to the sheet. An order whose money is not what is payable, or
 * whose invoices are not what may be invoiced, without a finding that says so goes into sums->untold_fen, without sign: a sheet with
 * one does not tie. */
void tie_orders_add(const struct match *match, struct recon_sheet *sheet, struct tie_sums *sums);

#endif
