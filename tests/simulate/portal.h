/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_PORTAL_H
#define TALLYGATE_SIMULATE_PORTAL_H

/* The portal's end of webhooks: it takes a message or, in a storm, says that it cannot. */

#include "outside.h"

#define PORTAL_ENDPOINT "we_0123456789abcdef0123456789abcdef"
#define PORTAL_URL      "http://127.0.0.1:9001/hook"

void portal_open(void);
bool portal_is_at(struct span url);
int portal_hear(const struct outside_request *request); /* the status it answers with */
bool portal_has_taken(struct span message_id);

#endif
