/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_KEYS_CLIENT_H
#define TALLYGATE_PROC_KEYS_CLIENT_H

/* The way to the keys process: one SEQPACKET socket, typed requests, answers by number. A request
 * names an account and an operation and carries the fields; the keys process builds the text, judges
 * it by policy and signs. */

#include <event2/event.h>

#include "adapter.h"
#include "err.h"
#include "span.h"

struct keys_client;

#define KEYS_TIMEOUT_MS  2000
#define KEYS_WAITING_MAX 1024

/* err: ERR_OK with a raw signature; KEYS_POLICY, KEYS_RATE, KEYS_UNKNOWN, KEYS_AWAY. */
typedef void (*keys_done)(void *context, enum err err, struct span signature);

/* Takes the socket. */
MUST_USE enum err keys_client_new(struct event_base *base, int fd, struct keys_client **out);
void keys_client_free(struct keys_client **client); /* waiting requests end without their done */

/* `done` is called later from the loop, exactly once, never from inside this call. */
void keys_client_sign(struct keys_client *client, struct span account,
                      enum adapter_operation operation, const struct adapter_fields *fields,
                      keys_done done, void *context);

#endif
