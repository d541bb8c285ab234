/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_DIFFERENCES_H
#define TALLYGATE_RECONCILE_PACK_DIFFERENCES_H

/* What does not agree in a folder of a run's files, and the sheet: in bounded memory, so that a small machine can do it for a day of any
 * length. The account's own bill, where the run had one, is not looked at. */

#include "bill_file.h"
#include "large.h"
#include "pack_day.h"
#include "pack_folder.h"

/* A result that is not matched, or has a finding that somebody must look at, and what it is of; its indexes name nothing. */
struct pack_difference {
    struct recon_result result;
    size_t line;     /* number of the bill's line; 0: on none */
    bool carried_in; /* ... of the bill of the day before */
    struct span
        number; /* the merchant's number on it; else of the attempt, refund, order or invoice */
    struct span trade_no;
    struct span order_no;
};

struct pack_differences {
    struct pack_day day;
    bool believed; /* the bill is accepted; else `bill` says why not, and there is no list */
    struct bill_file bill;
    const char *changed[PACK_FILES_MAX]; /* files that are not what SHA256SUMS and day.json say */
    size_t changed_count;
    struct recon_sheet sheet;
    struct pack_difference *list; /* in the order of a run's results */
    size_t count;
    struct pack_place where; /* of an error */
};

/* Texts live in `arena`; the list is freed by pack_differences_fini. Nameless files are made in `dir` while this lasts. Errors: those of pack_folder_sums,
 * pack_folder_load, pack_folder_hash, pack_day_read, large_files_read and large_solve; PACK_RULES when the run was made by
 * other rules than these. */
MUST_USE enum err pack_differences(const char *dir, unsigned threads, struct arena *arena,
                                   struct progress *progress, struct pack_differences *out);

void pack_differences_fini(struct pack_differences *differences); /* frees the list */

/* CSV in UTF-8 with BOM, ids safe from spreadsheets. Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err pack_differences_csv(const struct pack_differences *differences,
                                       enum language language, struct buf *out);

#endif
