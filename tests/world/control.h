/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_CONTROL_H
#define TALLYGATE_WORLD_CONTROL_H

/* The listener on which a play steers the world; its calls are added by control_add (world.h). */

#include "world.h"

MUST_USE enum err control_new(struct world *world, struct control **out);
void control_free(struct control **control);
uint16_t control_port(const struct control *control);

/* Binds an evhttp to a free port of 127.0.0.1; 0 when it cannot. */
uint16_t control_bind(struct evhttp *http);

#endif
