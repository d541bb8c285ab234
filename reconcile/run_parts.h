/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_RUN_PARTS_H
#define TALLYGATE_RECONCILE_RUN_PARTS_H

/* What the files of a run share. */

#include "run.h"

#define RUN_ARENA_MAX ((size_t)4 * 1024 * 1024 * 1024)

struct run_lines {
    struct recon_line *list;
    struct span *raw; /* the line itself, at the same place */
    size_t count;
    size_t room;
};

struct run {
    struct db_session *session;
    const struct recon_request *request;
    struct arena *arena; /* everything read lives here */
    int64_t file_id;
    struct span sha256;
    bool next_bill_loaded;
    struct run_lines lines;
    struct recon_member *members;
    int64_t *member_slots;
    size_t member_count;
    struct recon_order *orders;
    int64_t *order_invoiced; /* valid invoices of each order, blue less red */
    size_t order_count;
    struct recon_payment *payments;
    size_t payment_count;
    struct recon_invoice *invoices;
    size_t invoice_count;
    struct recon_input input;
    struct recon_output output;
};

/* Keeps a copy; a bill_file_line. */
MUST_USE enum err run_keep_line(void *run, const struct bill_line *line);

/* Books, orders and invoices of the day, in the caller's transaction; fills run->input. */
MUST_USE enum err run_snapshot(struct run *run);

/* SHA-256 over what was read and what it came to, whatever the order of rows. */
MUST_USE enum err run_hash(const struct run *run, const struct bill_file *bill,
                           unsigned char out[SHA256_BYTES]);

/* Inserts run, lines, snapshot and results, and makes the run the current one, in the caller's
 * transaction. *known: these inputs had a run; then only the pointer is set. */
MUST_USE enum err run_save(struct run *run, const struct bill_file *bill, bool *known,
                           int64_t *version);

/* A run that tells why the day is blocked. */
MUST_USE enum err run_save_blocked(struct run *run, const struct bill_file *bill, bool *known,
                                   int64_t *version);

#endif
