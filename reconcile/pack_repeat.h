/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_REPEAT_H
#define TALLYGATE_RECONCILE_PACK_REPEAT_H

/* A published run made once more from its files alone, by the same engine: no database, no configuration, no clock. */

#include "bill_file.h"
#include "pack_day.h"
#include "pack_folder.h"
#include "report.h"

struct pack_repeat {
    struct pack_day day;
    struct report report; /* when `believed` */
    bool believed; /* the bills are accepted; else `bill` has the faults of the one that is not */
    struct bill_file bill;
    const char *changed[PACK_FILES_MAX]; /* files that are not what SHA256SUMS and day.json say */
    size_t changed_count;
    bool same_input; /* the hash that the run is known by */
    bool same_result;
    struct pack_place where; /* of an error */
};

/* Everything lives in `arena`; `progress` NULL: nobody watches. Errors: those of pack_folder_sums, pack_folder_load, pack_day_read, pack_list_read and bill_file_read;
 * PACK_RULES when the run was made by other rules than these; those of recon_match. */
struct progress;
MUST_USE enum err pack_repeat(const char *dir, struct arena *arena, struct progress *progress,
                              struct pack_repeat *out);

#endif
