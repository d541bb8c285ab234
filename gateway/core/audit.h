/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_AUDIT_H
#define TALLYGATE_CORE_AUDIT_H

/* The forms that events and checkpoints are hashed in (docs/decisions/0014-audit-chain.md). The database
 * hashes events by the function event_hash; this is the same once more, for who verifies an export. */

#include <stdint.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "span.h"

/* A row of table event. Spans are empty where the column is null. */
struct audit_event {
    int slot;
    struct span payment_no;
    int64_t seq; /* from 1 within the payment */
    struct span attempt_no;
    struct span refund_no;
    struct span machine;
    struct span from_state;
    struct span event;
    struct span to_state;
    struct span effect;
    struct span evidence_digest; /* lower-case hex */
    struct span actor;
    int64_t at_us;
    unsigned char hash[SHA256_BYTES]; /* as it was written down */
};

/* Behind all slots of payments: differences, whose number stands in the place of the payment's and the digest of whose event's detail in
 * that of the evidence's. In the text that is hashed their slot is 0 (decision 0023). */
#define AUDIT_SLOT_DIFFERENCES 1000

/* The hash that the event must have after `previous`, which is NULL for the first event of a payment.
 * Errors: BUF_FULL, CRYPTO. */
MUST_USE enum err audit_event_hash(const struct audit_event *event, const unsigned char *previous,
                                   unsigned char out[SHA256_BYTES]);

/* A row of table audit_checkpoint. */
struct audit_checkpoint {
    int64_t number; /* from 1 */
    unsigned char previous[SHA256_BYTES];
    int64_t sealed_at_us;
    unsigned char heads_digest[SHA256_BYTES]; /* SHA-256 of the heads' lines */
};

/* Appends the text that is signed, and whose SHA-256 is the checkpoint's hash. Errors: BUF_FULL. */
MUST_USE enum err audit_checkpoint_text(const struct audit_checkpoint *checkpoint, struct buf *out);

/* The end of the chain of one payment or difference: a line of a checkpoint's heads, "slot payment_no seq hash". */
#define AUDIT_PAYMENT_NO_MAX 32
struct audit_head {
    int slot;
    char payment_no[AUDIT_PAYMENT_NO_MAX + 1];
    int64_t seq;
    unsigned char hash[SHA256_BYTES];
};

/* The line with its line feed. Errors: BUF_FULL. */
MUST_USE enum err audit_head_encode(const struct audit_head *head, struct buf *out);
/* One line without its line feed. Errors: FIELD_VALUE, NUMBER, HEX. */
MUST_USE enum err audit_head_decode(struct span line, struct audit_head *out);

/* The scheme that a key for checkpoints signs in: Ed25519 or SM2 with SM3. NONE for other keys. */
enum crypto_scheme audit_scheme(const struct crypto_public_key *key);

#endif
