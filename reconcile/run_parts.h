/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_RUN_PARTS_H
#define TALLYGATE_RECONCILE_RUN_PARTS_H

/* What the files of a run share. */

#include "bill_form.h"
#include "crypto.h"
#include "index.h"
#include "pack.h"
#include "report.h"
#include "run.h"
#include "settlement.h"

/* Grows when a class means another thing or a kept list has another form. */
#define RUN_RULES_VERSION 17

/* run.c: an arena of the memory that the run may take. Errors: NO_MEMORY. */
MUST_USE enum err run_arena(const struct recon_request *request, struct arena **out);

/* A list that grows while rows come; what it holds is the run's. */
struct run_list {
    void *at;
    size_t count;
    size_t room;
};

struct run_lines {
    struct recon_line *list; /* those of the bill, and after them those carried in */
    struct span *raw;        /* the line itself, at the same place */
    size_t count;            /* of the bill */
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
    bool
        before_known; /* what the account closed with on the day before, by the run that counts there */
    int64_t before_fen;
};

struct run {
    struct db_session *session;
    const struct recon_request *request;
    struct arena *arena; /* everything read lives here */
    int64_t file_id;     /* 0: none, since the provider says that there is no bill */
    struct span sha256;
    struct span closed_days; /* as in recon_input */
    struct span late_bills;  /* that came for signed days: "day sha256", parted by commas */
    int64_t rounded_fen; /* what fees were off by on the days of the month before, as rounding */
    bool edited;         /* by a file that a person brought and nothing of the provider proves */
    struct bill_forms forms; /* accepted headers of the account, and which of them its bills had */
    struct run_lines lines;
    struct recon_early *early;
    size_t early_count;
    struct run_flow flow;
    struct recon_member *members;
    size_t member_count;
    struct recon_refund *refunds;
    size_t refund_count;
    struct recon_order *orders;
    size_t order_count;
    struct recon_payment *payments;
    size_t payment_count;
    struct recon_invoice *invoices;
    size_t invoice_count;
    struct recon_invoice_item *items; /* of those invoices */
    size_t item_count;
    struct recon_manual *manuals;
    size_t manual_count;
    struct run_list
        read[PACK_LIST_COUNT];     /* what of the lists above the books' statements brought */
    int64_t form;                  /* of a repeated run's papers, as its day.json has it */
    const struct trend_day *trend; /* what the report shows of the days before; no input */
    size_t trend_count;
    struct recon_input input;
    struct recon_output output;    /* of a run of settlement the sheet alone */
    struct deposit_input deposits; /* this and what follows: of a run of settlement */
    struct deposit_output allocated;
    struct settlement settlement;
    struct report_row *settled;         /* its results, allocated.count */
    struct buf files[PACK_EVERY_COUNT]; /* the lists above, once they are made */
    struct span file_sha256[PACK_EVERY_COUNT];
};

/* A line as the engine knows it; borrows the texts. */
struct recon_line run_line_of(const struct bill_line *line);
struct recon_line run_line_of_early(const struct recon_early *early);

/* Keeps a copy; a bill_file_line. */
MUST_USE enum err run_keep_line(void *run, const struct bill_line *line);

/* The same of the account's own bill. */
MUST_USE enum err run_keep_movement(void *run, const struct bill_line *line);

/* Books, orders and invoices of the day, in the caller's transaction; fills run->input. */
MUST_USE enum err run_snapshot(struct run *run);

/* Fills run->input from what was read. */
void run_input(struct run *run);

/* What a run is known by: SHA-256 over the hashes of the files that it read and of what they came to. Another time of the run
 * is no other input: what time changes shows in the results. */
MUST_USE enum err run_hash(const struct run *run, const struct bill_file *bill,
                           unsigned char out[SHA256_BYTES]);

/* SHA-256 over every result and the sums. */
MUST_USE enum err run_hash_results(const struct run *run, unsigned char out[SHA256_BYTES]);

/* pack_repeat.c: what a pack's day.json says of its run; borrows. */
struct pack_day;
void run_of_pack(struct run *run, const struct pack_day *day);
/* run_pack.c: what it is about is what was paid out and what came to the bank. */
bool run_is_settlement(const struct run *run);

/* run_pack.c: both, hexadecimal, in run->arena. */
MUST_USE enum err run_hash_hex(const struct run *run, const struct bill_file *bill,
                               struct span *input, struct span *result);

/* run_pack.c: makes the files of the lists, with their hashes; keeps them and day.json in the archive and names them as those
 * of the run, in the caller's transaction. Errors: those of pack_list_write and bill_store_put. */
MUST_USE enum err run_pack_make(struct run *run);
MUST_USE enum err run_pack_keep(const struct run *run, const struct bill_file *bill, int64_t run_id,
                                int64_t version);

/* Inserts run, lines, snapshot and results, and makes the run the current one, in the caller's
 * transaction. *known: these inputs had a run; then only the pointer is set. */
MUST_USE enum err run_save(struct run *run, const struct bill_file *bill, bool *known,
                           int64_t *version, int64_t *run_id);

/* Its parts: the run, unless these inputs had one (*known); INTERNAL or DAY_CLOSED when it may not count; the codes of a row of results;
 * one row of a COPY of results. */
MUST_USE enum err run_save_run(const struct run *run, const struct bill_file *bill,
                               const char *state, struct span codes, bool *known, int64_t *run_id,
                               int64_t *version);
MUST_USE enum err run_save_refuse_closed(const struct run *run, int64_t run_id);
MUST_USE enum err run_save_row(const struct run *run, int64_t run_id, const struct report_row *told,
                               struct db_writer *row);

/* Its part for the lines of the bill, and in run_save_text.c for what stands on them. Errors: those of db_write_row and db_write_close,
 * INTERNAL when lines do not come in the order of their numbers or one has a newline, which no reader of bills does. */
MUST_USE enum err run_save_lines(const struct run *run, int64_t run_id);
MUST_USE enum err run_save_texts(const struct run *run, int64_t run_id);

/* run_report.c: one result, all of them, and what the bill's own trailer says, for people; rows live in run->arena and borrow
 * what the run has read. Errors: ARENA_FULL, NO_MEMORY. */
void run_report_row(const struct run *run, const struct recon_result *result,
                    struct report_row *out);
void run_report_trailer(const struct bill_file *bill, struct recon_cell *out);
struct report run_report_head(const struct run *run,
                              int64_t version); /* what is told of any run; no rows yet */
MUST_USE enum err run_report(const struct run *run, const struct bill_file *bill, int64_t version,
                             struct report *out);

/* run_trend.c: run->trend, in the caller's transaction. Errors: those of db_session_run, ARENA_FULL. */
MUST_USE enum err run_read_trend(struct run *run);

/* run_story.c: the stories of its rows. Errors: the same. */
MUST_USE enum err run_report_stories(const struct run *run, struct report *out);

/* run_items_off.c: the items whose tax is off, kept with a run, and in its report. Errors: the same, and those of COPY. */
MUST_USE enum err run_copy_items_off(const struct run *run, int64_t run_id);
MUST_USE enum err run_report_items(const struct run *run, struct report *out);

/* run_invoices_kept.c: the invoices of the orders of its differences, kept with a run. Errors: the same. */
MUST_USE enum err run_copy_invoices(const struct run *run, int64_t run_id);

/* A run that tells why the day is blocked. Errors: DAY_CLOSED for a signed day, which no bill that comes later blocks. */
MUST_USE enum err run_save_blocked(struct run *run, const struct bill_file *bill, bool *known,
                                   int64_t *version);

/* The same for a day without a bill, and without anything read: only what stands in the way of it. */
MUST_USE enum err run_save_missing(struct run *run, const struct bill_file *bill);

void run_lists_fini(struct run *run); /* run.c: what is not in the arena */

/* run.c: the parameters $1 account, $2 kind, $3 day. */
void run_day_params(const struct run *run, struct day day, struct db_params *params);

/* run_day.c: tells the night's calendar and the webhooks that the day is blocked, by those codes (an array in text form),
 * or done; then the day after may have become stale. In the caller's transaction. */
MUST_USE enum err run_day_blocked(const struct run *run, int64_t run_id, struct span codes);
MUST_USE enum err run_day_missing(const struct run *run, int64_t run_id);
/* of a run that no calendar knows: only the webhooks are told */
MUST_USE enum err run_day_told(const struct run *run, int64_t run_id);
/* signed: nothing more to do */
MUST_USE enum err run_day_closed(const struct run *run);
MUST_USE enum err run_day_done(const struct run *run, int64_t run_id, bool *next_is_stale);

/* run_settlement.c: reads what the day has, judges it, and publishes what it came to, in the caller's transaction. The frame is what is
 * known without reading. */
void run_settlement_frame(struct run *run);
MUST_USE enum err run_settlement_read(struct run *run);
MUST_USE enum err run_settlement_match(struct run *run);
MUST_USE enum err run_settlement_save(struct run *run, bool *known, int64_t *version);

/* run_settlement_report.c: what report_load_settlement reads of the run. Errors: ARENA_FULL, NO_MEMORY, BUF_FULL. */
MUST_USE enum err run_settlement_report(const struct run *run, int64_t version, struct report *out);

/* run_settlement_save.c: its rows. */
MUST_USE enum err run_settlement_rows(const struct run *run, int64_t run_id);

/* run_closed.c: the signed days before, and what came late for them; and what that is called (room for two), how many. */
MUST_USE enum err run_read_closed(struct run *run);
size_t run_closed_codes(const struct run *run, enum finding *out);

/* Orders of a day that stand beside those of its own attempts, as arrays in PostgreSQL's text form. */
struct run_keys {
    struct buf slots;
    struct buf owners;
    struct buf orders;
};

/* What the reading of books has found so far; it lasts no longer than that. */
struct run_found {
    struct arena *arena;
    struct index of_day; /* places of orders in run->read, by owner and number */
    struct index of_rest;
    struct run_keys named;
    struct run_keys dated;
};

/* run_books.c: everything that is in our books of the day, in the caller's transaction. */
MUST_USE enum err run_read_books(struct run *run);

/* run_books.c: adds an order that is none of the day's own attempts'. */
MUST_USE enum err run_found_add(const struct run_found *found, struct run_keys *keys, int64_t slot,
                                struct span owner, struct span order_no);

/* run_orders.c: an order's columns, whose key is known; those of the statement for the rest; which of them have one like them. */
MUST_USE enum err run_take_order(struct run *run, struct db_reader *reader, struct span owner,
                                 struct span order_no);
MUST_USE enum err run_read_orders(struct run *run, struct run_found *found);
MUST_USE enum err run_read_like(struct run *run, const struct run_found *found);

/* run_orders.c: the order of that key, or NULL. An empty word is no kind of invoice. */
struct recon_order *run_found_order(const struct run *run, const struct run_found *found,
                                    struct span owner, struct span order_no);
MUST_USE enum err run_kind_said(struct span word, enum invoice_kind *out);

/* run_payments.c: of an attempt of the day; of any other; and what goes back of them. */
MUST_USE enum err run_keep_payment(struct run *run, const struct recon_payment *payment);
MUST_USE enum err run_read_payments(struct run *run, struct arena *arena);

/* run_sort.c: members, orders and payments in the order of their keys. Errors: NO_MEMORY. */
MUST_USE enum err run_sort_books(struct run *run);

/* run_refunds.c: the refunds of the snapshot, and of the run. */
MUST_USE enum err run_read_refunds(struct run *run, struct run_found *found);
MUST_USE enum err run_copy_refunds(const struct run *run, int64_t run_id);

/* run_early.c: the lines that the day before carries out, read from the database; put after the lines of the bill, once that is read; kept
 * with the run. */
MUST_USE enum err run_read_early(struct run *run);
MUST_USE enum err run_put_early(struct run *run);
MUST_USE enum err run_copy_early(const struct run *run, int64_t run_id);

/* run_snapshot.c: room for so many lines after those of the bill. Errors: NO_MEMORY. */
MUST_USE enum err run_lines_room(struct run_lines *lines, size_t more);

/* run_invoices.c: every invoice; what is issued is added to its order. */
MUST_USE enum err run_read_invoices(struct run *run, const struct run_found *found);

/* run_manuals.c: the bank transfers. */
MUST_USE enum err run_read_manuals(struct run *run);

/* A text of a row, kept. */
MUST_USE enum err run_read_text(const struct run *run, struct db_reader *reader, struct span *out);

/* run_items.c: what stands on the invoices that were read. */
MUST_USE enum err run_read_items(struct run *run);

/* Each invoice gets its items. Errors: FIELD_VALUE when one has two of one number. */
MUST_USE enum err run_give_items(struct run *run);

/* Takes the lists of a pack as what was read. Errors: those of run_give_items. */
MUST_USE enum err run_take_lists(struct run *run, void *const rows[PACK_EVERY_COUNT],
                                 const size_t counts[PACK_EVERY_COUNT]);

/* run_differences.c: what the run that counts now shows, carried over to the differences, in the caller's transaction. */
MUST_USE enum err run_publish_differences(const struct run *run, int64_t run_id);
/* run_flow.c: finds and reads the account's bill of the day, if there is one; *out is accepted when there is none. */
MUST_USE enum err run_read_flow(struct run *run, struct bill_file *out);

/* Puts it into run->input, after the snapshot. A fault of the file when the day opens with another balance than the
 * day before closed with. */
MUST_USE enum err run_put_flow(struct run *run, struct bill_file *file);
void
run_input_flow(struct run *run,
               struct bill_file *file); /* the same with what the day before closed with known */
MUST_USE enum err run_save_flow(const struct run *run, int64_t run_id);

/* run_snapshot.c: room for a list that grows, kept where it was on failure. */
#define RUN_ROOM_FIRST 1024
MUST_USE enum err run_grow(void **list, size_t room, size_t size);
MUST_USE enum err run_list_add(struct run_list *list, size_t size, void **out); /* zeroed */

/* run_snapshot.c: PostgreSQL's text form of an array, {"a","b"}; a text of a row; room in the arena. */
#define RUN_ARRAY_MAX_BYTES ((size_t)512 * 1024 * 1024)
MUST_USE enum err run_array_add(struct buf *out, struct span value);
MUST_USE enum err run_array_add_i64(struct buf *out, int64_t value);
MUST_USE enum err run_array_end(struct buf *out);
MUST_USE enum err run_take_text(const struct run *run, const struct db_rows *rows, size_t row,
                                const char *column, struct span *out);
MUST_USE enum err run_room_for(const struct run *run, size_t count, size_t size, void **out);

#endif
