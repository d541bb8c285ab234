/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_FRONT_H
#define TALLYGATE_SIMULATE_FRONT_H

/* Requests into a process, as the handlers of gateway/proc/flow take them behind admission, and their answers. */

#include "outside.h"
#include "process.h"

#define FRONT_CAPTURES 2

enum front_route {
    FRONT_PAYMENT_CREATE,
    FRONT_PAYMENT_REFRESH,
    FRONT_PAYMENT_CLOSE,
    FRONT_CALLBACK,
    FRONT_ROUTE_COUNT
};

struct front_wish {
    enum front_route route;
    struct span captures[FRONT_CAPTURES];
    const struct outside_header *headers;
    size_t header_count;
    struct span body;
};

/* status 0: the process died before it answered. Called exactly once, in the simulation's own memory, later. */
typedef void (*front_done)(void *context, int status, struct span body);

void front_knock(struct process *process, const struct front_wish *wish, front_done done,
                 void *context);

/* The process is gone: everybody who waits for it hears nothing. */
void front_died(const struct process *process);
bool front_quiet(void); /* nobody waits */

#endif
