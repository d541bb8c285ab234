/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_KEPT_H
#define TALLYGATE_RECONCILE_REPORT_KEPT_H

#include "arena.h"
#include "err.h"
#include "report.h"

struct db_session;

/* A finished run whose papers are wanted. */
struct report_run {
    struct span account;
    struct day day;
    int64_t version; /* 0: the one that counts */
    bool of_settlement;
};

/* The run with what was kept of it, as its papers are made from. All text lives in `arena`. Errors: DAY_TOO_LARGE when the arena does not hold it; those of
 * report_load and report_kept_load. */
MUST_USE enum err report_kept_run(struct db_session *session, const char *archive_dir,
                                  const struct report_run *run, struct arena *arena,
                                  struct report *out);

/* Adds what was kept with the run for its papers alone to a report that report_load made: the files that were printed of it, their form, the days before it, and the invoices of its orders. A run of before any of them
 * was kept has form 0 and no such day. Errors: PACK_RULES for a form that only a newer program knows; those
 * of report_keep_find, bill_store_load, json_parse, pack_day_form, trend_get, report_papers_load and db_session_run. */
MUST_USE enum err report_kept_load(struct db_session *session, const char *archive_dir,
                                   struct arena *arena, struct report *report);

#endif
