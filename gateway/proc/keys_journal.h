/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_JOURNAL_H
#define TALLYGATE_PROC_KEYS_JOURNAL_H

/* The file in which the keys process writes down each refund before it gives the signature out, so that its count of the day
 * outlives it (docs/decisions/0012). Records of one size, each with a digest over itself and the one before it. What a
 * crash left half-written at the end was never given out and is written over; anything else that does not fit
 * is damage, after which nothing is counted until an operator has decided. Two processes may have it open, while one
 * replaces the other: the lock is taken for every refund, and what the other wrote is read first. */

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "crypto.h"
#include "err.h"

#define KEYS_JOURNAL_RECORD_BYTES \
    128 /* a divisor of every sector, so that no record lies across two */

struct keys_journal_entry {
    struct day day; /* in China */
    unsigned char account[SHA256_BYTES];
    unsigned char number[SHA256_BYTES]; /* of the refund, of whatever length it is */
    int64_t fen;
};

/* One entry that is new, in order; NULL: what was handed on before counts no more, the file began anew. */
typedef enum err (*keys_journal_take)(void *context, const struct keys_journal_entry *entry);

struct keys_journal;

/* Opens the file; `make`: or makes it, for its owner alone. What is wrong with it is told by keys_journal_lock, so that a
 * process that cannot count refunds still signs payments. Errors: NO_MEMORY. */
MUST_USE enum err keys_journal_open(const char *path, bool make, struct keys_journal **out);
void keys_journal_close(struct keys_journal **journal); /* accepts NULL */

/* Takes the lock and hands on what is new. Without ERR_OK the lock is not held. Errors: KEYS_JOURNAL when the file cannot be
 * opened, read or locked, KEYS_JOURNAL_FOREIGN when it is no plain file of ours alone, KEYS_JOURNAL_BROKEN when it is
 * damaged; those of `take`. */
MUST_USE enum err keys_journal_lock(struct keys_journal *journal, keys_journal_take take,
                                    void *context);
void keys_journal_unlock(struct keys_journal *journal);

/* Both only under the lock. An entry is on the disk when ERR_OK is answered. Errors: KEYS_JOURNAL; when it is not known
 * what is on the disk, also for every call after it. */
MUST_USE enum err keys_journal_add(struct keys_journal *journal,
                                   const struct keys_journal_entry *entry);
MUST_USE enum err keys_journal_empty(struct keys_journal *journal);

/* Looks at the file without changing or locking it: how many records it holds. None where there is no file yet. Errors:
 * as keys_journal_lock. */
MUST_USE enum err keys_journal_check(const char *path, int64_t *count);

#endif
