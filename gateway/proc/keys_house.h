/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_HOUSE_H
#define TALLYGATE_PROC_KEYS_HOUSE_H

/* The house's own keys, inside the keys process: what they sign is no message to a provider. Each task
 * builds the text that it signs from typed fields, so that no key signs anything but its own kind. */

#include <stdbool.h>

#include "audit.h"
#include "config.h"
#include "keys_message.h"

#define KEYS_HOUSE_NAME_CHARS  16 /* of a key's name, crypto_public_key_name */
#define KEYS_HOUSE_TEXT_MAX    ((size_t)1024)
#define KEYS_HOUSE_CERTIFICATE "certificate" /* the field of a KEYS_CERTIFY */

struct keys_house {
    struct crypto_private_key *audit; /* NULL: none is configured */
    enum crypto_scheme audit_scheme;
    struct buf audit_name;
    int64_t sealed_number; /* of the last checkpoint that was signed */
};

/* *setting names the one that failed. Errors: those of secret_load, KEY_PARSE (also for a key that cannot
 * sign checkpoints), CRYPTO. */
MUST_USE enum err keys_house_load(const struct config *config, struct keys_house *out,
                                  const char **setting);
void keys_house_fini(struct keys_house *house);

/* Whether the task is the house's and not an account's. */
bool keys_house_concerns(enum keys_task task);

/* How far a checkpoint's time may be from the clock of this process. */
#define KEYS_HOUSE_SKEW_MS INT64_C(300000)

/* Does it. KEYS_SEAL: the key's name, KEYS_HOUSE_NAME_CHARS long, and the raw signature behind it. Errors: KEYS_UNKNOWN
 * without a key, KEYS_POLICY for fields that are no checkpoint, for one of another time than now and for a number
 * below that of the last one signed - a captured worker cannot have the past sealed anew -, CRYPTO, NO_MEMORY.
 * KEYS_CERTIFY: the same of a certificate's text, which begins as no other text of this key; KEYS_POLICY for a text that is none in
 * its one form, whose sheet does not tie, or which one person signed alone. */
MUST_USE enum err keys_house_do(struct keys_house *house, const struct keys_request *request,
                                struct buf *out);

/* The fields of a KEYS_SEAL; their text is kept in `text`. Errors: NO_MEMORY. */
MUST_USE enum err keys_house_seal_fields(const struct audit_checkpoint *checkpoint,
                                         struct buf *text, struct adapter_fields *out);

#endif
