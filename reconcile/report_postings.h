/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_POSTINGS_H
#define TALLYGATE_RECONCILE_REPORT_POSTINGS_H

/* What two people posted of an account's differences in a month, as double entry with the sums of its ledgers. */

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "span.h"

struct db_session;

/* As CSV in the form of report_csv, in the order in which it was posted; `month` is its first day. The month (China time) must be over, so that a
 * reprint is equal byte for byte. Errors: TIME when it is not, DB_ROWS also when debit is not credit, BUF_FULL, NO_MEMORY, those of
 * db_session_run. */
MUST_USE enum err report_postings(struct db_session *session, struct span account, struct day month,
                                  enum language language, struct buf *out);

#endif
