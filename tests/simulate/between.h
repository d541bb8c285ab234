/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_BETWEEN_H
#define TALLYGATE_SIMULATE_BETWEEN_H

/* What lies between us and the providers, in both directions: time, and loss. The direction to them is
 * adapters/transport.h itself. */

#include "outside.h"

/* A provider's callback sets out; for outside_open. */
void between_notice(struct outside_notice *notice);

/* Told of every callback that a process has acknowledged, before anything else happens. */
void between_open(void (*acknowledged)(struct span body));

bool between_quiet(void); /* nothing is under way */
bool between_calls_quiet(void);
void between_close(void); /* what is under way gets lost */

#endif
