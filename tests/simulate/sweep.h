/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_SWEEP_H
#define TALLYGATE_SIMULATE_SWEEP_H

/* One calm day, played again for every single thing that can fail in it: the n-th statement, allocation, call or
 * request to the keys process, for every n, in each way in which it can. Nothing else goes wrong in that play. */

#include <stdbool.h>
#include <stdint.h>

#include "storm.h"

enum sweep_kind { SWEEP_NONE, SWEEP_STATEMENTS, SWEEP_ALLOCATIONS, SWEEP_CALLS, SWEEP_KEYS };

/* How it fails. */
enum sweep_way {
    SWEEP_REFUSED, /* nothing happened, and we know */
    SWEEP_LOST,    /* nothing happened, and we cannot know */
    SWEEP_UNHEARD, /* it happened, and the answer got lost */
    SWEEP_CUT,     /* it happened, and half of the answer came */
    SWEEP_PROXY,   /* it happened, and somebody else answered */
    SWEEP_WAYS
};

struct sweep_options {
    enum sweep_kind kind;
    uint64_t seed;  /* of the delays, which are the same in every play */
    uint64_t first; /* n of the first play, */
    uint64_t step;  /* from one play to the next, */
    uint64_t last;  /* and of the last; 0: as far as there is something to fail */
    uint64_t order; /* only this one of the day (payer.h); 0: all of them */
    bool each;      /* a line for every play */
    bool find;      /* stop at the first broken claim */
    struct storm_options storm;
};

enum sweep_kind sweep_kind_named(const char *name); /* SWEEP_NONE: there is none such */

/* Asked where something is about to be done that can fail; true for the one that is to fail now, and how. `what` tells
 * a reader what it was. */
bool sweep_strikes(enum sweep_kind kind, const char *what);
enum sweep_way sweep_way(void);

/* What belongs to the simulation, though it is done in a process's name, does not fail. */
void sweep_spare(bool spared);

/* Gives the number of plays that broke a claim, prints each, and a summary. That nothing fails in a play that was to
 * have a failure, and that the day without any does not reach what it is meant to, are broken claims too. */
uint64_t sweep_play_all(const struct sweep_options *options);

#endif
