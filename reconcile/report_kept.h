/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_KEPT_H
#define TALLYGATE_RECONCILE_REPORT_KEPT_H

#include "arena.h"
#include "err.h"
#include "report.h"

struct db_session;

/* Adds what was kept with the run for its papers alone to a report that report_load made: the files that were printed of it, their form, the days before it, and the invoices of its orders. A run of before any of them
 * was kept has form 0 and no such day. Errors: PACK_RULES for a form that only a newer program knows; those
 * of report_keep_find, bill_store_load, json_parse, pack_day_form, trend_get, report_papers_load and db_session_run. */
MUST_USE enum err report_kept_load(struct db_session *session, const char *archive_dir,
                                   struct arena *arena, struct report *report);

#endif
