/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_WEBHOOK_H
#define TALLYGATE_PROC_KEYS_WEBHOOK_H

/* The keys process's part of webhooks. An endpoint's secret is not kept anywhere: it is made from one master
 * secret, the endpoint's id and a generation, which is the second in which it was made. */

#include "clock.h"
#include "config.h"
#include "keys_message.h"
#include "keys_policy.h"
#include "secret.h"

#define KEYS_WEBHOOK_CLOCK_S \
    INT64_C(300) /* how far a timestamp or a new generation may be from our clock */
#define KEYS_WEBHOOK_MASTER_MIN 32 /* bytes */

struct keys_webhook {
    struct secret *master; /* NULL: webhooks are not set up */
    struct secret
        *endpoint; /* room for the one that is just used: the sandbox lets no other be made */
    struct keys_rate rate;
};

/* Reads the master secret and signs once, so that the libraries have fetched what they need before the sandbox
 * closes. Errors: FILE_*, CONFIG_VALUE for a secret that is too short, CRYPTO. */
MUST_USE enum err keys_webhook_load(const struct config *config, struct keys_webhook *out);
void keys_webhook_fini(struct keys_webhook *webhook);

bool keys_webhook_concerns(enum keys_task task);

/* KEYS_WEBHOOK_SIGN: fields id, timestamp, body, generation and maybe previous; gives the value of the header
 * webhook-signature. The text is built here: id.timestamp.body, of a message of ours, of now.
 * KEYS_WEBHOOK_TELL: field generation, which must be of now; gives "whsec_…". So an endpoint's secret can be
 * asked for only while it is new, and whoever asks later gets another one.
 * `account` of the request is the endpoint's id. Errors: KEYS_UNKNOWN when webhooks are not set up,
 * KEYS_POLICY, KEYS_RATE, CRYPTO, NO_MEMORY. */
MUST_USE enum err keys_webhook_perform(struct keys_webhook *webhook,
                                       const struct keys_request *request, struct wall_time now,
                                       struct buf *out);

#endif
