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
    FRONT_REFUND_CREATE,
    FRONT_REFUND_WAITING,
    FRONT_REFUND_CONFIRM,
    FRONT_REFUND_APPROVE,
    FRONT_REFUND_REJECT,
    FRONT_CALLBACK,
    FRONT_ROUTE_COUNT
};

/* Whose signature admission has verified: the portal's program, or a person of the finance department. */
enum front_client {
    FRONT_PORTAL,
    FRONT_MAKER,
    FRONT_CHECKER,
    FRONT_SECOND_CHECKER,
    FRONT_THIRD_CHECKER,
    FRONT_CLIENT_COUNT
};
const char *front_client_name(enum front_client client);

struct front_wish {
    enum front_route route;
    enum front_client client;
    bool errs; /* a mistake that an answer may name */
    struct span captures[FRONT_CAPTURES];
    const struct outside_header *headers;
    size_t header_count;
    struct span body;
};

/* Told of every answer of a process before anybody hears it, and forgets who still waits. Of the wish only what it is stays. */
typedef void (*front_watch)(const struct front_wish *wish, int status, struct span body);
void front_open(front_watch watch);
void front_close(void);

/* status 0: the process died before it answered. Called exactly once, in the simulation's own memory, later. */
typedef void (*front_done)(void *context, int status, struct span body);

void front_knock(struct process *process, const struct front_wish *wish, front_done done,
                 void *context);

/* The process is gone: everybody who waits for it hears nothing. */
void front_died(const struct process *process);
bool front_quiet(void); /* nobody waits */

#endif
