/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_AGEING_H
#define TALLYGATE_RECONCILE_REPORT_AGEING_H

/* How long the differences of an account have waited, as their history stands at the end of a day. */

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "span.h"

struct db_session;

/* As CSV in the form of report_csv, the gravest and oldest first, then sums: of each class of age and of all, what is long, what is short, what was
 * taken of fees above contract and below it, and how many have no amount; none is set off against another. The day (China time) must be over, so that a reprint is
 * equal byte for byte. Errors: TIME when it is not, AMOUNT_OVERFLOW, BUF_FULL, NO_MEMORY, DB_ROWS, those of db_session_run. */
MUST_USE enum err report_ageing(struct db_session *session, struct span account, struct day day,
                                enum language language, struct buf *out);

#endif
