/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_LARGE_FILES_H
#define TALLYGATE_RECONCILE_LARGE_FILES_H

/* Fills a large day from a folder of a run's files: the bill, and the lists of pack.h. */

#include "bill_file.h"
#include "large.h"

struct large_files {
    const char *dir;
    const char *bill;      /* name of its file in `dir` */
    bool without_bill;     /* there is none */
    unsigned threads;      /* that read, each a file at a time */
    struct bill_wish wish; /* without limits: a mapped file may be as long as the disk has it */
};

/* *bill says what is wrong with the bill, *where in which file reading stopped.
 * Errors: FILE_OPEN, FILE_READ, and those of bill_file_read_by, pack_list_each and large_put. */
MUST_USE enum err large_files_read(struct large *large, const struct large_files *files,
                                   struct bill_file *bill, struct pack_place *where);

#endif
