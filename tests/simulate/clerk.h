/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_CLERK_H
#define TALLYGATE_SIMULATE_CLERK_H

/* People who give money back: the portal or somebody of the finance department asks, for a part, all or too much of what came
 * in; others look at what waits for them and confirm, approve or reject it, sometimes twice, against one another, or without
 * being allowed to. */

#include <stdbool.h>
#include <stdint.h>

#include "books.h"

/* Plans when they look at what waits. */
void clerk_open(int64_t storm_us);

/* Somebody asks for money of this payment, now; `fen` is what it was about. `attempt_no` may be empty. */
void clerk_ask(const char *payment_id, const char *attempt_no, int64_t fen);

bool clerk_quiet(void); /* nobody plans anything any more */

/* What they were told is what our books say (books.h). */
void clerk_judge(struct twin *ours, books_tell tell);

#endif
