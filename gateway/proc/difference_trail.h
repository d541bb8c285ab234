/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_DIFFERENCE_TRAIL_H
#define TALLYGATE_PROC_DIFFERENCE_TRAIL_H

/* Whether the histories of all differences are as they were written, judged from the database alone: each is a chain of hashes whose end
 * stands in its difference, and at the checkpoints of the audit trail in those; who signed those, `audit verify` judges. */

#include "audit_trail.h"
#include "db.h"
#include "progress.h"

struct difference_trail_counts {
    int64_t sealed; /* ends that checkpoints name */
    int64_t differences;
    int64_t events;
    int64_t faults;
};

/* `found` is called for each fault; the difference's number stands where a payment's does. `progress` counts ends, then events, and
 * may be NULL. Errors: those of the database and of memory, DB_ROWS for a number that is none. */
MUST_USE enum err difference_trail_verify(struct db_session *session, struct progress *progress,
                                          audit_found found, void *context,
                                          struct difference_trail_counts *out);

#endif
