/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_BOOKS_H
#define TALLYGATE_SIMULATE_BOOKS_H

/* What must hold once everything is quiet: our books agree with the providers', within themselves, and with the
 * evidence. Each broken claim is told by name. */

#include <stddef.h>

#include "twin_table.h"

typedef void (*books_tell)(const char *claim, const char *about);

/* What a claim is about: a number, and an event of it unless that is 0. */
#define BOOKS_ABOUT 96
void books_about(char out[BOOKS_ABOUT], struct span number, int64_t seq);

/* The providers' books (books_world.c): every trade that was paid is an attempt that is paid, to the fen, and the
 * other way round. */
void books_against_world(struct twin *ours, books_tell tell);

/* A callback with this body was acknowledged (books_world.c). */
void books_acknowledged(struct twin *ours, struct span body, books_tell tell);

/* An answer of the API that was sent, to one who errs or does not, and one to a callback (books_answer.c). */
void books_answer(bool errs, int status, struct span body, books_tell tell);
void books_callback_answer(int status, books_tell tell);

/* The portal has taken a notice of everything in the outbox. */
void books_against_portal(struct twin *ours, books_tell tell);

/* What the providers have given back (books_world.c), at most `most`; returns how many there are. */
struct books_refund_there {
    char refund_no[BOOKS_ABOUT];
    char attempt_no[BOOKS_ABOUT];
    int64_t fen;
};
size_t books_refunds_there(struct books_refund_there *out, size_t most);

/* Refunds (books_refund.c): never more than came in, the same at the provider, and each by two people. */
void books_refunds(struct twin *ours, books_tell tell);

/* Checkpoints (books_seal.c): every chain is sealed, and, which takes longer, each checkpoint is signed and says what is so. The key
 * is read once. */
MUST_USE enum err books_seal_open(const char *pki);
void books_seal_close(void);
void books_sealed(struct twin *ours, books_tell tell);
void books_checkpoints(struct twin *ours, books_tell tell);

/* Ours alone (books_ours.c, books_trail.c). */
void books_within(struct twin *ours, books_tell tell);
void books_trail(struct twin *ours, books_tell tell);

#endif
