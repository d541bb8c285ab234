/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_RECON_ROWS_H
#define TALLYGATE_TESTS_DB_SUPPORT_RECON_ROWS_H

/* What the tables must say of runs, looked at apart from the program. */

#include <stdint.h>

#include "database.h"

/* Everything that says where money is, as one number: the same before and after what may move none. */
int64_t recon_rows_money(struct database *database);

/* What each day takes in is what the day before carried out; over all days every payment and every line stands once.
 * Fails the test that calls it. */
void recon_rows_check_days(struct database *database);

/* Items of these amounts are named, of orders that have INV_TAX in some run, and no others; every item that is wrong is one at 6 %. Fails
 * the test that calls it. */
void recon_rows_check_items(struct database *database, int net_fen, int tax_fen, int off_fen);

/* The invoices of the orders whose results differ are kept with each run, as they stand in the books, and no others; `codes` is what
 * report_load_codes gives. Fails the test that calls it. */
void recon_rows_check_invoices(struct database *database, const char *codes);

/* How many primary classes results have. */
int64_t recon_rows_classes(struct database *database);

/* How many bookings came in from the day before, and how many lines that met theirs: the smaller number of both. */
int64_t recon_rows_carried(struct database *database);

#endif
