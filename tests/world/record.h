/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_RECORD_H
#define TALLYGATE_WORLD_RECORD_H

/* What the providers were asked: every call that was signed well and named a number, in order, whatever it was then
 * answered with. */

#include "world.h"

#define RECORD_MAX 4096 /* calls; the first ones stay, later ones are counted as left off */

struct record;

MUST_USE enum err record_new(struct world *world, struct record **out); /* adds GET /calls */
void record_free(struct record **record);

/* `call` must be a constant: "pay", "query", "close", "refund" … */
void record_add(struct world *world, const char *provider, const char *call, struct span number);

#endif
