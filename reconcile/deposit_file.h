/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_DEPOSIT_FILE_H
#define TALLYGATE_RECONCILE_DEPOSIT_FILE_H

/* Lines of a bank's statement as finance hands them in, and the tables they are kept in. The file is CSV (csv_read.h): UTF-8, the
 * header DEPOSIT_FILE_HEADER, one deposit a record. */

#include "arena.h"
#include "db.h"
#include "deposit.h"

#define DEPOSIT_FILE_HEADER     "deposit_no,day,amount_yuan,fee_yuan,kind,payouts"
#define DEPOSIT_FILE_NUMBER_MAX 64
#define DEPOSIT_FILE_NAMES_MAX  1000

/* What became of a record. */
enum deposit_verdict {
    DEPOSIT_STORED,
    DEPOSIT_KNOWN,   /* the same line was there */
    DEPOSIT_DIFFERS, /* another line was there under this number; it stays */
    DEPOSIT_WIDTH,   /* not six columns */
    DEPOSIT_NUMBER,  /* none, with blanks, or 2.0E+10 as a spreadsheet writes it */
    DEPOSIT_DAY,     /* no day, or one to come */
    DEPOSIT_AMOUNT,
    DEPOSIT_FEE,
    DEPOSIT_KIND,    /* neither deposit nor return nor transfer */
    DEPOSIT_PAYOUTS, /* no numbers, or those of a transfer, which has none */
    DEPOSIT_VERDICT_COUNT
};

const char *deposit_verdict_code(enum deposit_verdict verdict); /* "stored" */

/* Why a record is refused, with the column in both its names: "到账金额 amount_yuan"; "" for STORED and KNOWN. */
const char *deposit_verdict_text(enum deposit_verdict verdict, enum language language);

/* One record's cells: STORED when it can be taken, else why not; *out borrows from them and is untouched when refused. */
enum deposit_verdict deposit_file_record(const struct span *cells, size_t count, struct day today,
                                         struct deposit_entry *out);

/* Takes a record behind the header, with its number (the header is 1) and what deposit_file_record says; the entry lives during the
 * call and is empty when the record is refused. */
typedef enum err (*deposit_file_take)(void *context, int64_t number, enum deposit_verdict verdict,
                                      const struct deposit_entry *entry);

/* Reads a whole file; *record is where it ended. Errors: IMPORT_EMPTY when there is no record; IMPORT_HEADER when the first is not the header; IMPORT_CSV from a
 * record on whose quotes do not fit; BUF_FULL, NO_MEMORY; those of `take`. */
MUST_USE enum err deposit_file_read(struct span bytes, struct day today, deposit_file_take take,
                                    void *context, int64_t *record);

/* Errors: IMPORT_EMPTY, IMPORT_HEADER when nothing of the file can be read, so that it need not be kept; BUF_FULL, NO_MEMORY. */
MUST_USE enum err deposit_file_check(struct span bytes);

/* Keeps the file in the archive and names it; *sha256 lives in `arena`. Errors: those of bill_store_put and db_session_run. */
MUST_USE enum err deposit_file_keep(struct db_session *session, struct span account,
                                    const char *archive_dir, struct span bytes,
                                    struct wall_time now, struct arena *arena, struct span *sha256);

/* Keeps an entry of that account, which names the file that has it. Errors: those of db_session_run, DB_ROWS. */
MUST_USE enum err deposit_file_store(struct db_session *session, struct span account,
                                     const struct deposit_entry *entry, struct wall_time now,
                                     struct arena *arena, enum deposit_verdict *out);

const char *deposit_file_kind(const struct deposit_entry *entry); /* as the file has it */

/* The account's payouts, by its current runs, its entries, and what was recorded for orders under the numbers of its transfers; all in
 * `arena`. Errors: those of db_session_run, DB_ROWS,
 * ARENA_FULL, NO_MEMORY. */
MUST_USE enum err deposit_file_load(struct db_session *session, struct span account,
                                    struct arena *arena, struct deposit_input *out);

/* Parts of it: the rows of bank_deposit as entries; and the transfers of which an entry has the number, in the order of their vouchers. */
MUST_USE enum err deposit_file_take_rows(const struct db_rows *rows, struct arena *arena,
                                         struct deposit_input *out);
MUST_USE enum err deposit_file_load_transfers(struct db_session *session, struct span account,
                                              struct arena *arena, struct deposit_input *out);

#endif
