/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CLI_BILLS_H
#define TALLYGATE_PROC_CLI_BILLS_H

/* What the `bills` commands share. */

#include "acquire.h"
#include "cli.h"

#define BILLS_PAGE_MAX ((size_t)64 * 1024) /* of JSON */

/* Finds account, day and kind (NULL: the bill of trades) of a bill. Says itself what is wrong. */
MUST_USE enum err bills_target(struct cli *cli, const char *account, const char *day,
                               const char *kind, struct acquire_target *out);

/* A whole file. Says itself what is wrong; a file over BILL_FILE_MAX_BYTES is BUF_FULL. */
MUST_USE enum err bills_load(const struct cli *cli, const char *path, struct buf *out);

/* One JSON object: verdict, codes, rows, pay_rows, refund_rows, pay_fen, refund_fen, fee_fen; and drift, the header
 * that has other columns than are known. */
MUST_USE enum err bills_json(const struct bill_file *file, struct buf *out);

/* Says each fault that was kept, with its line, and which columns of a header are unknown, repeated or missing. */
void bills_say_faults(const struct cli *cli, const struct bill_file *file);

/* What `cli` has for acquire.h, and its progress. */
MUST_USE enum err bills_acquire(struct cli *cli, struct acquire *out);

/* Archives, reads and records a file that the provider gave, and says how it went. Gives an exit status: EXIT_NO
 * when the bill is wrong. */
int bills_take(struct cli *cli, const struct acquire_target *target, struct span bytes);

/* Says what was read in a file, and with which words it goes on. */
void bills_say_totals(const struct cli *cli, const struct bill_file *file, const char *zh,
                      const char *en);

/* Says that a file could not be kept. Gives EXIT_TROUBLE. */
int bills_say_trouble(const struct cli *cli, enum err err);

#endif
