/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_DEPOSIT_FILE_H
#define TALLYGATE_RECONCILE_DEPOSIT_FILE_H

/* Lines of a bank's statement as finance hands them in, and the tables they are kept in. The file is CSV without quotes:
 * UTF-8, the header DEPOSIT_FILE_HEADER, one deposit a line. */

#include "arena.h"
#include "db.h"
#include "deposit.h"

#define DEPOSIT_FILE_HEADER     "deposit_no,day,amount_yuan,fee_yuan,kind,payouts"
#define DEPOSIT_FILE_NUMBER_MAX 64
#define DEPOSIT_FILE_NAMES_MAX  1000

/* What became of a line. */
enum deposit_verdict {
    DEPOSIT_STORED,
    DEPOSIT_KNOWN,   /* the same line was there */
    DEPOSIT_DIFFERS, /* another line was there under this number; it stays */
    DEPOSIT_WIDTH,   /* not six columns */
    DEPOSIT_NUMBER,
    DEPOSIT_DAY, /* no day, or one to come */
    DEPOSIT_AMOUNT,
    DEPOSIT_FEE,
    DEPOSIT_KIND,    /* neither deposit nor return nor transfer */
    DEPOSIT_PAYOUTS, /* no numbers, or those of a transfer, which has none */
    DEPOSIT_VERDICT_COUNT
};

const char *deposit_verdict_code(enum deposit_verdict verdict); /* "stored" */

/* True for the first line of a file, with or without a byte order mark. */
bool deposit_file_is_header(struct span line);

/* One line without its end: STORED when it can be taken, else why not; *out borrows from `line`. */
enum deposit_verdict deposit_file_line(struct span line, struct day today,
                                       struct deposit_entry *out);

/* Keeps an entry of that account. Errors: those of db_session_run, DB_ROWS. */
MUST_USE enum err deposit_file_store(struct db_session *session, struct span account,
                                     const struct deposit_entry *entry, struct wall_time now,
                                     struct arena *arena, enum deposit_verdict *out);

const char *deposit_file_kind(const struct deposit_entry *entry); /* as the file has it */

/* The account's payouts, by its current runs, its entries, and what was recorded for orders under the numbers of its transfers; all in
 * `arena`. Errors: those of db_session_run, DB_ROWS,
 * ARENA_FULL, NO_MEMORY. */
MUST_USE enum err deposit_file_load(struct db_session *session, struct span account,
                                    struct arena *arena, struct deposit_input *out);

#endif
