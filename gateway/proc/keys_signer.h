/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_SIGNER_H
#define TALLYGATE_PROC_KEYS_SIGNER_H

/* The keys of one account, inside the keys process, and the tasks that are done with them: sign what policy allows,
 * compare a signature made with a shared secret, open what the provider sealed for us. */

#include "account.h"
#include "config.h"
#include "keys_message.h"
#include "keys_policy.h"
#include "keys_refunds.h"

#define KEYS_SEALING_MAX 2

/* A secret that the provider seals with: AES takes it as it is, SM4 the first half of its SM3 digest. */
struct keys_sealing {
    struct secret *secret;
    struct secret *sm4;
};

struct keys_signer {
    const struct adapter_account *account;
    struct crypto_private_key *key; /* NULL in a scheme with a shared secret */
    struct secret *shared;          /* NULL in a scheme with key pairs */
    struct keys_sealing
        sealing[KEYS_SEALING_MAX]; /* the present one, and the other during a change */
    size_t sealing_count;
    struct keys_rate rate;
    struct keys_refunds *refunds; /* signed today, of all accounts; borrowed */
};

/* Reads what the account's section names, and signs once, so that a key that does not fit its scheme is found at start
 * and the library has fetched what it needs before the sandbox closes. What was loaded before a failure is freed by
 * keys_signer_fini. Errors: those of secret_load, KEY_PARSE, KEY_PASSWORD, CERT_PARSE, CRYPTO. */
MUST_USE enum err keys_signer_load(const struct config *config, const struct accounts *accounts,
                                   size_t index, struct keys_refunds *refunds,
                                   struct keys_signer *signer);
void keys_signer_fini(struct keys_signer *signer);

/* Does one of the account's tasks. Errors: KEYS_POLICY, KEYS_RATE, those of keys_refunds_judge, CRYPTO, SIGNATURE,
 * SEALED, NO_MEMORY. */
MUST_USE enum err keys_signer_perform(struct keys_signer *signer, const struct keys_limits *limits,
                                      const struct keys_request *request, struct arena *arena,
                                      struct buf *out);

#endif
