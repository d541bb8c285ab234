/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_VERIFY_H
#define TALLYGATE_ADAPTERS_VERIFY_H

/* The one place where a provider's bytes become evidence: split, check the signature against the
 * account's keys, have opened what is sealed, read, seal.
 *
 * A key counts only within its validity, and a statement whose signature covers its time only while
 * it is fresh. What only the keys process can do - compare a signature made with a shared secret, open
 * a sealed part - is a task: the caller has it done and comes back. Between verify_*_begin and the
 * end stand as many tasks as verify_task names. */

#include "adapter.h"

enum verify_task_kind {
    VERIFY_TASK_NONE,  /* nothing is left to do */
    VERIFY_TASK_CHECK, /* is `signature` the one over `fields`? */
    VERIFY_TASK_OPEN   /* the plain bytes of `sealed` */
};

struct verify_task {
    enum verify_task_kind kind;
    const struct adapter_fields *fields;
    struct span signature;
    const struct adapter_sealed *sealed;
};

/* One message under verification. Lives in the arena; what it was given must live as long. */
struct verify;

/* Success needs a genuine signature; an unsigned failure is a hint that may never close, fail or
 * refund. Errors: PROVIDER_PROTOCOL, PROVIDER_UNVERIFIED (both class UNKNOWN), ARENA_FULL. */
MUST_USE enum err verify_answer_begin(const struct adapter_account *account,
                                      enum adapter_operation operation,
                                      const struct adapter_order *order,
                                      const struct adapter_message *message, struct arena *arena,
                                      struct verify **out);

/* Errors: SIGNATURE when not genuine; FIELD_REPEATED, ENCODING, … when it cannot be one. */
MUST_USE enum err verify_callback_begin(const struct adapter_account *account,
                                        const struct adapter_message *message, struct arena *arena,
                                        struct verify **out);

/* True when the message was the provider's own try whether we verify; also told after a failure. */
bool verify_is_probe(const struct adapter_account *account, const struct adapter_message *message,
                     struct arena *arena);

/* The serial that the message names when none of the account's keys has it, else empty: the provider may
 * have changed its key. Nothing about the message is believed. */
struct span verify_unknown_serial(const struct adapter_account *account,
                                  const struct adapter_message *message, struct arena *arena);

struct verify_task verify_task(const struct verify *verify);

/* What became of the present task. `err` as the keys process gave it: a signature that differs makes the
 * message not genuine, an away process leaves it undecided. `plain` is copied. Errors: `err` itself or what
 * it means for the message: SIGNATURE and PROVIDER_UNVERIFIED as above, SEALED, ARENA_FULL. */
MUST_USE enum err verify_task_done(struct verify *verify, enum err err, struct span plain);

/* When no task is left. *evidence is made when the claim has a verdict, and from every genuine answer to
 * REFUND and REFUND_QUERY; else it stays NULL. Errors:
 * PROVIDER_PROTOCOL, PROVIDER_UNVERIFIED. */
MUST_USE enum err verify_answer_end(struct verify *verify, struct adapter_answer *answer,
                                    struct evidence **evidence);
MUST_USE enum err verify_callback_end(struct verify *verify, struct evidence **evidence);

/* The provider's own keys out of an answer to ADAPTER_KEYS: each accepted by its chain, or by having
 * come sealed with our secret, and the answer itself signed by a key we had or by one of them. They are
 * the caller's. One that has expired is left out. Errors: as verify_answer_begin, CERT_UNTRUSTED,
 * CERT_EXPIRED when there is no other. */
struct verify_keys {
    struct adapter_key list[ADAPTER_KEYS_MAX];
    struct span pem[ADAPTER_KEYS_MAX];
    size_t count;
};
MUST_USE enum err verify_keys_end(struct verify *verify, struct verify_keys *out);
void verify_keys_fini(struct verify_keys *keys);

/* The whole way for messages without tasks. Errors: as above; KEYS_AWAY when there is a task. */
MUST_USE enum err verify_answer(const struct adapter_account *account,
                                enum adapter_operation operation, const struct adapter_order *order,
                                const struct adapter_message *message, struct arena *arena,
                                struct adapter_answer *answer, struct evidence **evidence);
MUST_USE enum err verify_callback(const struct adapter_account *account,
                                  const struct adapter_message *message, struct arena *arena,
                                  struct evidence **evidence);

#endif
