/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_REFUNDS_H
#define TALLYGATE_PROC_KEYS_REFUNDS_H

/* How much of an account's money may go back in a day. The keys process counts what it has signed itself, so
 * that whoever asks cannot talk it out of the limit. A repeat under the same number is the same refund and
 * counts once; the same number with another amount is never signed. Each is written into a journal before its
 * signature is given out, so that the count outlives the process (docs/decisions/0012). */

#include "adapter.h"
#include "buf.h"
#include "clock.h"
#include "config.h"
#include "err.h"

#define KEYS_REFUNDS_PATH_MAX 512
#define KEYS_REFUNDS_MAX      4096 /* refunds of an account and day; one more is refused */

struct keys_refunds;

/* Where the journal is: keys.refund_journal, or a file in run_dir. Borrowed from `out`. Errors: BUF_FULL. */
MUST_USE enum err keys_refunds_path(const struct config *config, struct buf *out,
                                    const char **path);

/* Opens the journal - `make`: or makes it - and reads what it holds. `trouble`: why no refund will be signed, ERR_OK when nothing is wrong with
 * it; as keys_journal_lock. Errors: NO_MEMORY. */
MUST_USE enum err keys_refunds_new(const char *path, bool make, struct keys_refunds **out,
                                   enum err *trouble);
void keys_refunds_free(struct keys_refunds **refunds);

/* Counts what the facts give back; what gives nothing back passes. Errors: KEYS_REFUND_DAY above
 * refund_daily_max, KEYS_POLICY for a number with another amount, CRYPTO, NO_MEMORY; KEYS_JOURNAL,
 * KEYS_JOURNAL_FOREIGN, KEYS_JOURNAL_BROKEN when it cannot be written down. */
MUST_USE enum err keys_refunds_judge(struct keys_refunds *refunds,
                                     const struct adapter_account *account,
                                     const struct adapter_sign_facts *facts, struct wall_time now);

#endif
