/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_WEBHOOK_SEND_H
#define TALLYGATE_PROC_FLOW_WEBHOOK_SEND_H

/* The chores' part of webhooks: messages get their places, due deliveries are claimed, signed by the keys process
 * and sent. Nothing is held in the database meanwhile; who dies after sending leaves a lease that ends, and the
 * message goes out again under the same id. */

#include "services.h"

struct webhook_sender;

/* Has a transport of its own: a connection that an account opened to a private address is never used for an
 * endpoint. Errors: NO_MEMORY. */
MUST_USE enum err webhook_sender_new(struct services *services, struct webhook_sender **out);
void webhook_sender_free(struct webhook_sender **sender); /* accepts NULL inside */

/* No call is under way; true of NULL. */
bool webhook_sender_idle(const struct webhook_sender *sender);

/* One round: what is new is placed, what is due is sent. */
void chore_webhooks(struct services *services);

#endif
