/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CLI_BILLS_H
#define TALLYGATE_PROC_CLI_BILLS_H

/* What the three `bills` commands share. */

#include "acquire.h"
#include "cli.h"

#define BILLS_PAGE_MAX 4096 /* of JSON */

/* Reads --account, --day and --kind (default trade) into a target; `operand` as in cli_options. Says
 * itself what is wrong. */
MUST_USE enum err bills_target_read(struct cli *cli, int argc, char **argv, const char **operand,
                                    struct acquire_target *out);

/* A whole file. Says itself what is wrong; a file over BILL_FILE_MAX_BYTES is BUF_FULL. */
MUST_USE enum err bills_load(const struct cli *cli, const char *path, struct buf *out);

/* One JSON object: verdict, codes, rows, pay_rows, refund_rows, pay_fen, refund_fen, fee_fen. */
MUST_USE enum err bills_json(const struct bill_file *file, struct buf *out);

/* Says each fault that was kept, with its line, and what to do. */
void bills_say_faults(const struct cli *cli, const struct bill_file *file);

/* What `cli` has for acquire.h, and its progress. */
MUST_USE enum err bills_acquire(struct cli *cli, struct acquire *out);

/* Archives, reads and records a file, and says how it went. Gives an exit status: EXIT_NO when the
 * file is refused. */
int bills_take(struct cli *cli, const struct acquire_target *target, enum acquire_source source,
               struct span bytes);

#endif
