/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_EXPORT_H
#define TALLYGATE_RECONCILE_PACK_EXPORT_H

/* The files of a published run, as they were kept with it. */

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "span.h"

struct progress;

struct pack_export {
    const char *archive_dir;
    struct span account;
    struct day day;
    int64_t version;           /* 0: the one that counts */
    bool of_settlement;        /* the run of the day's settlement */
    struct progress *progress; /* counts the files that pack_export writes; NULL: nobody watches */
};

/* Takes one file; its bytes live during the call. */
typedef enum err (*pack_export_file)(void *context, struct span name, struct span bytes);

/* Gives the files of a run one after the other, by name, and SHA256SUMS last. Of a run from before runs kept what they read there are only
 * the bills, and no SHA256SUMS. Errors: RUN_UNKNOWN; those of bill_store_load, db_session_run and `take`. */
MUST_USE enum err pack_export_each(struct db_session *session, const struct pack_export *run,
                                   pack_export_file take, void *context);

/* The same into the new folder `dir`; *told is which version it was. Errors: RUN_FILES when nothing was kept with the run; FILE_WRITE, also
 * when `dir` exists. */
MUST_USE enum err pack_export(struct db_session *session, const struct pack_export *run,
                              const char *dir, int64_t *told);

#endif
