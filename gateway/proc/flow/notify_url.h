/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_NOTIFY_URL_H
#define TALLYGATE_PROC_FLOW_NOTIFY_URL_H

#include "services.h"

/* Where the provider sends its callbacks for that account; in the arena. Errors: ARENA_FULL, BUF_FULL. */
MUST_USE enum err notify_url(const struct services *services, const struct adapter_account *account,
                             struct arena *arena, struct span *out);

#endif
