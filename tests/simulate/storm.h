/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_STORM_H
#define TALLYGATE_SIMULATE_STORM_H

/* One run: a seed, a storm, a calm, the books. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto.h"
#include "flaw.h"

struct storm_options {
    const char *pki; /* folder of the world's keys */
    bool show;       /* print the history */
    bool fixed;      /* the calm day of a sweep, in the place of one by chance, */
    int only_order;  /* and of that one order; 0: all */
    enum flaw flaw;  /* what is wrong on purpose */
};

struct storm_result {
    size_t broken;                      /* claims */
    char claim[160];                    /* the first broken one, and about what */
    unsigned char digest[SHA256_BYTES]; /* of all that happened */
    size_t paid;                        /* attempts */
    size_t late;
    size_t duplicates;
    size_t refunds; /* that succeeded */
    size_t crashes;
};

void storm_play(uint64_t seed, const struct storm_options *options, struct storm_result *out);

#endif
