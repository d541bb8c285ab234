/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_RUN_PARTS_H
#define TALLYGATE_RECONCILE_RUN_PARTS_H

/* What the files of a run share. */

#include "run.h"

#define RUN_ARENA_MAX ((size_t)4 * 1024 * 1024 * 1024)

#define RUN_RULES_VERSION 8 /* grows when the meaning of a class changes */

struct run_lines {
    struct recon_line *list;
    struct span *raw; /* the line itself, at the same place */
    size_t count;
    size_t room;
};

/* The account's own bill of the day. */
struct run_flow {
    bool there;
    int64_t file_id;
    struct span sha256;
    struct recon_movement *list;
    struct span *raw; /* the line itself, at the same place */
    size_t count;
    size_t room;
};

struct run {
    struct db_session *session;
    const struct recon_request *request;
    struct arena *arena; /* everything read lives here */
    int64_t file_id;     /* 0: none, since the provider says that there is no bill */
    struct span sha256;
    bool next_bill_loaded;
    struct run_lines lines;
    struct run_flow flow;
    struct recon_member *members;
    int64_t *member_slots;
    size_t member_count;
    struct recon_refund *refunds;
    int64_t *refund_slots;
    size_t refund_count;
    struct recon_order *orders;
    int64_t *order_invoiced; /* valid invoices of each order, blue less red */
    size_t order_count;
    struct recon_payment *payments;
    size_t payment_count;
    struct recon_invoice *invoices;
    size_t invoice_count;
    struct recon_manual *manuals;
    size_t manual_count;
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
                           int64_t *version, int64_t *run_id);

/* A run that tells why the day is blocked. */
MUST_USE enum err run_save_blocked(struct run *run, const struct bill_file *bill, bool *known,
                                   int64_t *version);

/* The same for a day without a bill, and without anything read: only what stands in the way of it. */
MUST_USE enum err run_save_missing(struct run *run, const struct bill_file *bill);

/* run_copy.c: one row of a COPY, column by column; the first error stays until it is sent. */
#define RUN_COLUMNS_MAX  32
#define RUN_NUMBER_BYTES 48

struct run_row {
    struct span columns[RUN_COLUMNS_MAX];
    bool nulls[RUN_COLUMNS_MAX];
    unsigned char numbers[RUN_COLUMNS_MAX][RUN_NUMBER_BYTES];
    size_t count;
    enum err err;
};

void run_put(struct run_row *row, struct span text);
void run_put_null(struct run_row *row);
void run_put_i64(struct run_row *row, int64_t value);
void run_put_time(struct run_row *row, struct wall_time time); /* 0 is null */
void run_put_bool(struct run_row *row, bool value);
MUST_USE enum err run_send_row(const struct run *run, const struct run_row *row);

/* INTERNAL when the server took another number of rows than were sent. */
MUST_USE enum err run_copy_end(const struct run *run, size_t sent);

/* run.c: the parameters $1 account, $2 kind, $3 day. */
void run_day_params(const struct run *run, struct day day, struct db_params *params);

/* run_day.c: tells the night's calendar and the webhooks that the day is blocked, by those codes (an array in text form),
 * or done; then the day after may have become stale. In the caller's transaction. */
MUST_USE enum err run_day_blocked(const struct run *run, int64_t run_id, struct span codes);
MUST_USE enum err run_day_missing(const struct run *run, int64_t run_id);
/* signed: nothing more to do */
MUST_USE enum err run_day_closed(const struct run *run);
MUST_USE enum err run_day_done(const struct run *run, int64_t run_id, bool *next_is_stale);

/* run_refunds.c: the refunds of the snapshot, and of the run. */
MUST_USE enum err run_read_refunds(struct run *run);
MUST_USE enum err run_copy_refunds(const struct run *run, int64_t run_id);

/* run_manuals.c: the bank transfers of the orders that `params` name. */
MUST_USE enum err run_read_manuals(struct run *run, const struct db_params *params);

/* run_differences.c: what the run that counts now shows, carried over to the differences, in the caller's transaction. */
MUST_USE enum err run_publish_differences(const struct run *run, int64_t run_id);
/* run_flow.c: finds and reads the account's bill of the day, if there is one; *out is accepted when there is none. */
MUST_USE enum err run_read_flow(struct run *run, struct bill_file *out);

/* Puts it into run->input, after the snapshot. A fault of the file when the day opens with another balance than the
 * day before closed with. */
MUST_USE enum err run_put_flow(struct run *run, struct bill_file *file);
MUST_USE enum err run_save_flow(const struct run *run, int64_t run_id);

/* run_snapshot.c: room for a list that grows, kept where it was on failure. */
#define RUN_ROOM_FIRST 1024
MUST_USE enum err run_grow(void **list, size_t room, size_t size);

/* run_snapshot.c: PostgreSQL's text form of an array, {"a","b"}; a text of a row; room in the arena. */
#define RUN_ARRAY_MAX_BYTES ((size_t)512 * 1024 * 1024)
MUST_USE enum err run_array_add(struct buf *out, struct span value);
MUST_USE enum err run_array_add_i64(struct buf *out, int64_t value);
MUST_USE enum err run_array_end(struct buf *out);
MUST_USE enum err run_take_text(const struct run *run, const struct db_rows *rows, size_t row,
                                const char *column, struct span *out);
MUST_USE enum err run_room_for(const struct run *run, size_t count, size_t size, void **out);

#endif
