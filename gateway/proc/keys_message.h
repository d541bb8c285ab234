/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_MESSAGE_H
#define TALLYGATE_PROC_KEYS_MESSAGE_H

/* The one vocabulary between the keys process and those who ask it. One message is one datagram of
 * the SEQPACKET socket: a version, a kind, a number that pairs an answer with its request, and
 * length-checked parts in network byte order. Pure functions: bytes and values.
 *
 * Three tasks are an account's: sign the text over the fields; compare a signature that was made with a
 * shared secret over them; open a sealed part, whose fields are algorithm, nonce, associated and
 * ciphertext. Tasks of the house name no account: seal a checkpoint of the audit trail, sign a
 * tie-out certificate. Two are an endpoint's:
 * sign a webhook, and tell a new endpoint's secret (keys_webhook.h). */

#include <stddef.h>
#include <stdint.h>

#include "adapter.h"
#include "buf.h"
#include "err.h"
#include "span.h"

#define KEYS_MESSAGE_VERSION       1
#define KEYS_MESSAGE_MAX           ((size_t)65536) /* bytes of one message */
#define KEYS_REPLY_MAX             KEYS_MESSAGE_MAX
#define KEYS_MESSAGE_ACCOUNT_MAX   64
#define KEYS_MESSAGE_NAME_MAX      64
#define KEYS_MESSAGE_SIGNATURE_MAX 1024

enum keys_task {
    KEYS_SIGN,
    KEYS_CHECK,
    KEYS_OPEN,
    KEYS_SEAL, /* of the house: keys_house.h */
    KEYS_CERTIFY,
    KEYS_WEBHOOK_SIGN,
    KEYS_WEBHOOK_TELL,
    KEYS_TASK_COUNT
};

/* A KEYS_SIGN without an account asks only whether anybody is there: it is answered KEYS_UNKNOWN. */
struct keys_request {
    uint64_t number;
    enum keys_task task;
    enum adapter_operation operation;
    struct span account;          /* of a webhook: the endpoint */
    struct span signature;        /* KEYS_CHECK only */
    struct adapter_fields fields; /* without the signature */
};

/* err: ERR_OK with what the task gives - a raw signature, the signature that was found right, the plain
 * bytes, a header's value, a secret - or KEYS_POLICY, KEYS_RATE, KEYS_REFUND_DAY, KEYS_JOURNAL, KEYS_JOURNAL_FOREIGN,
 * KEYS_JOURNAL_BROKEN, KEYS_UNKNOWN, CRYPTO, SIGNATURE, SEALED, NO_MEMORY without. */
struct keys_reply {
    uint64_t number;
    enum err err;
    struct span bytes;
};

/* Appends one message. Errors: FIELD_LENGTH for a part over its limit, BUF_FULL, NO_MEMORY. */
MUST_USE enum err keys_request_encode(const struct keys_request *request, struct buf *out);
MUST_USE enum err keys_reply_encode(const struct keys_reply *reply, struct buf *out);

/* The whole input must be exactly one message; spans point into it. Errors: TRUNCATED, FIELD_VALUE
 * (version, kind, operation, outcome, left-over bytes), FIELD_LENGTH, FIELD_CHARACTERS (a field name
 * with bytes outside [0-9A-Za-z_.-]), FIELD_REPEATED (a name that stands twice: a signed text must
 * read in one way only). */
MUST_USE enum err keys_request_decode(struct span message, struct keys_request *out);
MUST_USE enum err keys_reply_decode(struct span message, struct keys_reply *out);

#endif
