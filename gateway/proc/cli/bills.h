/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CLI_BILLS_H
#define TALLYGATE_PROC_CLI_BILLS_H

/* What the three `bills` commands share. */

#include "bill_file.h"
#include "bill_store.h"
#include "cli.h"

#define BILLS_PAGE_MAX 4096 /* of JSON */

/* What a bill was asked for. */
struct bills_target {
    const struct adapter_account *account;
    const struct adapter_bill *bill;
    struct day day;
};

/* Reads --account, --day and --kind (default trade) into a target; `operand` as in cli_options. Says
 * itself what is wrong. */
MUST_USE enum err bills_target_read(struct cli *cli, int argc, char **argv, const char **operand,
                                    struct bills_target *out);

/* A whole file. Says itself what is wrong; a file over BILL_FILE_MAX_BYTES is BUF_FULL. */
MUST_USE enum err bills_load(const struct cli *cli, const char *path, struct buf *out);

/* One JSON object: verdict, codes, rows, pay_rows, refund_rows, pay_fen, refund_fen, fee_fen. */
MUST_USE enum err bills_json(const struct bill_file *file, struct buf *out);

/* Says each fault that was kept, with its line, and what to do. */
void bills_say_faults(const struct cli *cli, const struct bill_file *file);

/* Where a file came from. */
enum bills_source { BILLS_FETCHED, BILLS_IMPORTED };

/* One try to get a bill, as table bill_fetch keeps it. */
struct bills_try {
    const char *outcome; /* stored, known, not_ready, none, link, transfer, refused */
    const char *sha256;  /* NULL unless stored or known */
    size_t bytes;
    const char *detail;
};

/* Says itself what is wrong. */
MUST_USE enum err bills_record(struct cli *cli, const struct bills_target *target,
                               const struct bills_try *attempt);

/* Archives, reads and records a file, and says how it went. Gives an exit status: EXIT_NO when the
 * file is refused. */
int bills_take(struct cli *cli, const struct bills_target *target, enum bills_source source,
               struct span bytes);

#endif
