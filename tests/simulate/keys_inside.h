/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_KEYS_INSIDE_H
#define TALLYGATE_SIMULATE_KEYS_INSIDE_H

/* The keys process without its sockets: its own code answers messages in memory. */

#include "config.h"
#include "err.h"

MUST_USE enum err keys_inside_open(struct config *config);
void keys_inside_close(void);

/* Between two runs: its buckets of signatures are full again, and it has signed no refund today and no checkpoint. */
void keys_inside_rest(void);

#endif
