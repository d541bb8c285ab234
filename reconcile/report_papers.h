/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_PAPERS_H
#define TALLYGATE_RECONCILE_REPORT_PAPERS_H

/* The invoices of the orders of a report, as its run read them: which documents a finding of invoices is about. */

#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "report.h"

/* From the lists of a run; nothing where the form of its papers is an older one. Texts are borrowed. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err report_papers_take(const struct recon_invoice *invoices, size_t count,
                                     struct arena *arena, struct report *report);

/* The same from the list that was kept with the run under that hash. Errors: those of bill_store_load and pack_list_read. */
MUST_USE enum err report_papers_load(const char *archive_dir, struct span sha256,
                                     struct arena *arena, struct report *report);

#endif
