/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_ZIP_H
#define TALLYGATE_RECONCILE_REPORT_ZIP_H

/* A ZIP whose bytes hang on its members alone: no times, owners or rights of the machine. */

#include "buf.h"
#include "err.h"
#include "span.h"

struct report_zip;

/* Writes into the open file `fd`, which stays the caller's. Errors: NO_MEMORY, FILE_WRITE. */
MUST_USE enum err report_zip_open(int fd, struct report_zip **out);

/* Adds a member and keeps its SHA-256 for report_zip_sums. The name is plain ASCII. Errors: NO_MEMORY, FILE_WRITE,
 * CRYPTO, BUF_FULL. */
MUST_USE enum err report_zip_add(struct report_zip *zip, const char *name, struct span bytes);

/* What was added so far, a line each as sha256sum(1) writes and reads it. Lives until the next call on `zip`. */
struct span report_zip_sums(const struct report_zip *zip);

/* Ends the file; frees and clears. Errors: FILE_WRITE. */
MUST_USE enum err report_zip_close(struct report_zip **zip);
void report_zip_free(struct report_zip **zip); /* an unfinished one; accepts NULL inside */

#endif
