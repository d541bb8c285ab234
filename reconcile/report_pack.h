/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_PACK_H
#define TALLYGATE_RECONCILE_REPORT_PACK_H

/* A month of an account in one ZIP, for whoever signs, audits or repeats it elsewhere. For each day that has a run
 * that counts: <day>/v<version>/ with every file of report_files.def, and <day>/inputs/ with what the run read, to
 * repeat it from (pack_export.h), and, of a day that two people have signed, <day>/signoff.txt, the text that both were shown, and
 * <day>/certificate.json where one was made of it; after all of these likewise <day>/settlement-v<version>/ and <day>/settlement-inputs/ of the runs of
 * settlement. Of a month that is over ageing.csv and ageing.en.csv: what waited when its last day
 * ended; postings.csv and postings.en.csv: what was posted in it. Then manifest.json and SHA256SUMS. The same runs, bills and signatures make the same bytes. */

#include <stddef.h>

#include "clock.h"
#include "err.h"
#include "span.h"

struct db_session;
struct progress;

struct report_pack {
    struct span account;
    struct day month;          /* its first day */
    const char *archive_dir;   /* where the bills are kept by their hash */
    const char *path;          /* the file to make; one that is there is replaced */
    size_t memory_max;         /* that one loaded run may take; 0: RUN_MEMORY_USUAL */
    struct progress *progress; /* counts the days; NULL: nobody watches */
};

/* Of how many days there is a run in it. */
struct report_packed {
    size_t bills;
    size_t settlement;
};

/* "2026-11" as the first of that month. Errors: TIME. */
MUST_USE enum err report_pack_month(struct span text, struct day *out);

/* The first of the month after that which begins with `first`. */
struct day report_pack_next_month(struct day first);

/* The file appears whole or not at all. Errors: RUN_UNKNOWN when no day of the
 * month has a run that counts, of either kind, FILE_WRITE, DAY_TOO_LARGE, those of report_load, of the functions of report.h and of bill_store_load. */
MUST_USE enum err report_pack(struct db_session *session, const struct report_pack *pack,
                              struct report_packed *out);

#endif
