/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_LEDGER_ROWS_H
#define TALLYGATE_TESTS_BENCH_LEDGER_ROWS_H

/* A made day's books as rows of the database. */

#include <libpq-fe.h>

#include "ledger.h"

/* Empties the tables, puts the day's orders, payments, attempts and their last events into them, and a run without lines under
 * LEDGER_ROWS_RUN; the tables are vacuumed and analyzed. The rows come past the triggers of foreign keys. Errors:
 * DB_STATEMENT. */
#define LEDGER_ROWS_RUN 1
MUST_USE enum err ledger_rows(const struct ledger *ledger, PGconn *conn);

#endif
