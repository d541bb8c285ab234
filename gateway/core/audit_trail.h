/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_AUDIT_TRAIL_H
#define TALLYGATE_CORE_AUDIT_TRAIL_H

/* Verifies an exported trail: first every checkpoint in order, then every event ordered by slot, payment number and
 * seq. Finds deletion, edit, reorder and truncation of what a checkpoint names; what came after the last checkpoint
 * is chained, but its end is not sealed yet: it is counted. Holds the heads in memory, never the events. */

#include <stddef.h>

#include "audit.h"

enum audit_fault {
    AUDIT_FAULT_NONE,
#define FAULT(name, code, zh, en) AUDIT_##name,
#include "audit.def"
#undef FAULT
    AUDIT_FAULT_COUNT
};

const char *audit_fault_code(enum audit_fault fault);
const char *audit_fault_text(enum audit_fault fault, enum language language);

/* Where: a checkpoint's number, or a payment and seq (payment_no empty otherwise). */
struct audit_place {
    int64_t checkpoint;
    struct span payment_no;
    int64_t seq;
};
typedef void (*audit_found)(void *context, enum audit_fault fault, const struct audit_place *place);

/* A checkpoint as exported. */
struct audit_seal {
    int64_t number;
    unsigned char previous[SHA256_BYTES];
    int64_t sealed_at_us;
    struct span heads;
    unsigned char hash[SHA256_BYTES];
    struct span key_name;
    struct span signature; /* raw */
};

struct audit_trail;

struct audit_counts {
    int64_t checkpoints;
    int64_t events;
    int64_t unsealed; /* events behind the last head of their payment */
    int64_t faults;
};

/* `found` is called for each fault. */
MUST_USE enum err audit_trail_new(audit_found found, void *context, struct audit_trail **out);
void audit_trail_free(struct audit_trail **trail);

/* Whose signatures count; takes the key. Errors: KEY_PARSE for a type that signs no checkpoints, CRYPTO, NO_MEMORY. */
MUST_USE enum err audit_trail_key(struct audit_trail *trail, struct crypto_public_key **key);
/* A checkpoint known from elsewhere - a log, an earlier export - that must be there. Errors: NO_MEMORY. */
MUST_USE enum err audit_trail_seen(struct audit_trail *trail, int64_t number,
                                   const unsigned char hash[SHA256_BYTES]);

/* Where a chain ends, known from elsewhere than a checkpoint; before the first event. Errors: NO_MEMORY. */
MUST_USE enum err audit_trail_head(struct audit_trail *trail, const struct audit_head *head);

/* Errors: those of memory and of decoding a head's line (FIELD_VALUE, NUMBER, HEX); faults are told to `found`. */
MUST_USE enum err audit_trail_checkpoint(struct audit_trail *trail, const struct audit_seal *seal);
MUST_USE enum err audit_trail_event(struct audit_trail *trail, const struct audit_event *event);

/* The last word: `events` and `checkpoints` are what the export says it holds, -1 when its end is missing. */
MUST_USE enum err audit_trail_end(struct audit_trail *trail, int64_t checkpoints, int64_t events,
                                  struct audit_counts *out);

#endif
