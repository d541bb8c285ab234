/* SPDX-License-Identifier: Apache-2.0 */
#include "seed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

uint64_t
seed_start(uint64_t usual)
{
    const char *given = getenv("TALLYGATE_SEED");
    uint64_t seed = usual;
    if (given != NULL) {
        CHECK_OK(span_to_u64(span_of(given), 0, UINT64_MAX, &seed));
    }
    (void)fprintf(stderr, "drawn by TALLYGATE_SEED=%" PRIu64 "\n", seed);
    return seed;
}

uint64_t
next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

bool
chance(uint64_t *state, uint64_t of_hundred)
{
    return next(state) % 100 < of_hundred;
}
