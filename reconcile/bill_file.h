/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_FILE_H
#define TALLYGATE_RECONCILE_BILL_FILE_H

/* A bill file's bytes, as downloaded or handed in, to lines of money and faults: the container is opened
 * (paths in it are ignored, the member is chosen by what it says), text becomes UTF-8, lines are
 * split, and the provider's reader judges each. Everything streams; nothing is trusted. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bill.h"
#include "crypto.h"
#include "err.h"
#include "finding.h"
#include "span.h"

#define BILL_FILE_MAX_BYTES     ((size_t)512 * 1024 * 1024) /* as it comes, packed or not ... */
#define BILL_UNPACKED_MAX_BYTES ((size_t)8 * 1024 * 1024 * 1024) /* ... and a member unpacked */
#define BILL_FILE_MEMBERS_MAX   16
#define BILL_FILE_RATIO_MAX     200 /* unpacked to packed */
#define BILL_FILE_LINE_MAX      ((size_t)64 * 1024)
#define BILL_DRIFT_MAX_BYTES    ((size_t)4096)
#define BILL_FILE_FAULTS_MAX    64 /* kept with their details; all are counted */

/* A header that has other columns than are known, as it came; bill_drift.h reads it. */
struct bill_drift {
    const struct bill_row_table *known; /* NULL: no header did */
    size_t number;                      /* its line */
    size_t len;
    unsigned char text[BILL_DRIFT_MAX_BYTES]; /* the line, or what fits of it */
};

struct bill_file {
    bool accepted; /* no fault at all: only then may a line be believed */
    struct bill_fault faults[BILL_FILE_FAULTS_MAX];
    size_t fault_count; /* kept in `faults` */
    size_t faults_seen;
    bool found[FINDING_COUNT]; /* every finding that occurred, kept or not */
    struct bill_drift drift;   /* the first header that drifted */
    int64_t rows;              /* lines of money */
    struct bill_totals by_lines;
    struct bill_totals by_trailer;
};

/* How large a file may be, as it comes and each member unpacked. */
struct bill_file_limits {
    size_t packed_max_bytes;
    size_t unpacked_max_bytes;
};
extern const struct bill_file_limits bill_file_limits; /* the two above */

/* Called for each line of money, also of a file that turns out to have faults later. Where two members
 * have lines, the numbers of the second go on from the first. A failure stops the reading and is what
 * bill_file_read returns. */
typedef enum err (*bill_file_line)(void *context, const struct bill_line *line);

/* `account` NULL and day.year 0 skip the checks of merchant and day; `line` NULL wants none. A bad
 * file is no error: *out says what is wrong with it. Errors: NO_MEMORY, SYSTEM, the reader's and the
 * callback's own. */
MUST_USE enum err bill_file_read(const struct adapter_bill *bill, struct span bytes,
                                 const struct adapter_account *account, struct day day,
                                 bill_file_line line, void *context, struct bill_file *out);

/* A bill that is read with the forms of bill_form.h. */
struct bill_forms;
struct progress;
struct bill_wish {
    const struct adapter_bill *bill;
    const struct adapter_account *account; /* NULL as above */
    struct day day;
    struct bill_forms *forms;              /* those that a header had are marked as used */
    const struct bill_file_limits *limits; /* NULL: bill_file_limits */
    struct progress *progress;             /* counts the unpacked bytes; NULL: nobody watches */
};
MUST_USE enum err bill_file_read_by(const struct bill_wish *wish, struct span bytes,
                                    bill_file_line line, void *context, struct bill_file *out);

/* True when the bytes begin as the container does; what is no such file (a page in HTML, a failure in
 * JSON) was never a bill. */
bool bill_file_looks_right(const struct adapter_bill *bill, struct span bytes);

/* SHA-1 of the bytes that a plain or gzip file holds: what WeChat Pay signs as hash_value. A damaged
 * stream gives the hash of what came out, which no provider has signed. Errors: NO_MEMORY, SYSTEM,
 * CRYPTO. */
MUST_USE enum err bill_file_unpacked_sha1(const struct adapter_bill *bill, struct span bytes,
                                          unsigned char out[SHA1_BYTES]);

/* Adds FILE_HASH to what was found, and takes back the acceptance, when that hash is not `hex`. */
MUST_USE enum err bill_file_check_hash(const struct adapter_bill *bill, struct span bytes,
                                       struct span hex, struct bill_file *file);

#endif
