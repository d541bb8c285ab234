/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_TREND_H
#define TALLYGATE_RECONCILE_REPORT_TREND_H

#include "arena.h"
#include "err.h"
#include "report.h"

struct db_session;

/* Adds what was kept with the run of the days before it to a report that report_load made; a run of before it was kept has none, nor has one of settlement. Errors: those of
 * bill_store_load, json_parse, trend_get and db_session_run. */
MUST_USE enum err report_trend_load(struct db_session *session, const char *archive_dir,
                                    struct arena *arena, struct report *report);

#endif
