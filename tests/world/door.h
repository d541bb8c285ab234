/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_DOOR_H
#define TALLYGATE_WORLD_DOOR_H

/* The TLS that a provider's listeners speak: genuine, or what stands there when somebody else answers in its place. */

#include "world.h"

struct event_base;
struct bufferevent;
struct door;

/* `name` is the provider's, as POST /door takes it; it must outlive the door. Errors: SYSTEM, KEY_PARSE, NO_MEMORY. */
MUST_USE enum err door_new(struct world *world, const char *name, struct door **out);
void door_free(struct door **door);

/* For evhttp_set_bevcb, with the door as its argument. */
struct bufferevent *door_accept(struct event_base *base, void *door);

/* POST /door. */
void door_add(struct world *world);

#endif
