/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_EXPORT_H
#define TALLYGATE_RECONCILE_PACK_EXPORT_H

/* The files of a published run, as they were kept with it, in a folder of their own. */

#include "clock.h"
#include "db.h"
#include "err.h"
#include "span.h"

/* Version 0 is the one that counts; *told is which it was. Errors: RUN_UNKNOWN; RUN_FILES when nothing was kept with it;
 * FILE_WRITE, also when `dir` exists; those of bill_store_load and db_session_run. */
MUST_USE enum err pack_export(struct db_session *session, const char *archive_dir,
                              struct span account, struct day day, int64_t version, const char *dir,
                              int64_t *told);

#endif
