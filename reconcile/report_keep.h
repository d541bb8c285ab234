/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_KEEP_H
#define TALLYGATE_RECONCILE_REPORT_KEEP_H

/* Printed files are kept in the archive under their hash, so that people are given by every node and for ever what was printed first. */

#include "err.h"
#include "report.h"
#include "span.h"

struct db_session;

/* Keeps the files that report_write put into the folder `where`, and names them as those of the run, with those that it left out; kept ones stay as they
 * are. Errors: REPORT_DIFFERS when another content was kept under one of the names; FILE_READ, those of bill_store_put and db_session_run. */
MUST_USE enum err report_keep(struct db_session *session, const char *archive_dir,
                              const struct report *report, struct span where);

/* Names every file of a run as left out, and how many these are: one that is too large to be loaded. Of `report` account, day, version and of_settlement are read. Errors:
 * those of db_session_run. */
MUST_USE enum err report_keep_none(struct db_session *session, const struct report *report,
                                   size_t *count);

/* What was kept of a run that report_load made a report of: its files are those bytes from then on, and no others. `archive_dir` must live as
 * long. Errors: those of db_session_run, ARENA_FULL, NO_MEMORY. */
MUST_USE enum err report_keep_find(struct db_session *session, const char *archive_dir,
                                   struct arena *arena, struct report *report);

#endif
