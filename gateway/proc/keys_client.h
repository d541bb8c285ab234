/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_CLIENT_H
#define TALLYGATE_PROC_KEYS_CLIENT_H

/* The way to the keys process: one SEQPACKET socket, typed requests, answers by number. A request
 * names an account, a task and an operation and carries the fields; the keys process builds the text,
 * judges it by policy and signs it, or compares a signature, or opens what is sealed. */

#include <stdbool.h>

#include "adapter.h"
#include "audit.h"
#include "err.h"
#include "span.h"
#include "verify.h"

struct event_base;
struct keys_client;

#define KEYS_TIMEOUT_MS  2000
#define KEYS_WAITING_MAX 1024

/* err: ERR_OK with the raw signature or plain bytes, which live until the function returns; SIGNATURE and
 * SEALED when a task of verification found it not genuine or could not open it; KEYS_POLICY, KEYS_RATE,
 * KEYS_UNKNOWN (also when the key could not sign), KEYS_AWAY, OVERLOADED, and FIELD_LENGTH or BUF_FULL
 * for fields that do not fit into a message. */
typedef void (*keys_done)(void *context, enum err err, struct span bytes);

/* Takes the socket. */
MUST_USE enum err keys_client_new(struct event_base *base, int fd, struct keys_client **out);
void keys_client_free(struct keys_client **client); /* waiting requests end without their done */

/* True when the keys process answered something within the last seconds; asked again by itself. */
bool keys_client_answering(const struct keys_client *client);

/* No signature is waited for. */
MUST_USE bool keys_client_idle(const struct keys_client *client);

/* `done` is called later from the loop, exactly once, never from inside this call (except
 * when there is no memory even to hold the refusal). */
void keys_client_sign(struct keys_client *client, struct span account,
                      enum adapter_operation operation, const struct adapter_fields *fields,
                      keys_done done, void *context);

/* A webhook of an endpoint: `done` gets the value of webhook-signature. `previous_generation` 0: no secret
 * before this one signs too. */
struct keys_webhook_message {
    struct span endpoint_id;
    int64_t generation;
    int64_t previous_generation;
    struct span id;
    int64_t timestamp_s;
    struct span body;
};
void keys_client_sign_webhook(struct keys_client *client,
                              const struct keys_webhook_message *message, keys_done done,
                              void *context);

/* The secret of an endpoint whose generation was made just now: `done` gets "whsec_…", to be handed on and
 * forgotten. */
void keys_client_tell_webhook(struct keys_client *client, struct span endpoint_id,
                              int64_t generation, keys_done done, void *context);

/* A task of verification (verify.h), which must not be NONE; `done` as above. */
void keys_client_verify(struct keys_client *client, struct span account,
                        const struct verify_task *task, keys_done done, void *context);

/* Has a checkpoint of the audit trail signed (keys_house.h): the bytes are the key's name in
 * KEYS_HOUSE_NAME_CHARS characters and the raw signature. `done` as above; KEYS_UNKNOWN without a key. */
void keys_client_seal(struct keys_client *client, const struct audit_checkpoint *checkpoint,
                      keys_done done, void *context);

/* The same for the text of a tie-out certificate (certificate.h). */
void keys_client_certify(struct keys_client *client, struct span text, keys_done done,
                         void *context);

#endif
