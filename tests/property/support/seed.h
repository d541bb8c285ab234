/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_SEED_H
#define TALLYGATE_PROPERTY_SEED_H

/* Numbers drawn by a seed. TALLYGATE_SEED takes the place of a test's own seed; which one it was is written to
 * stderr, where a failing test shows it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t seed_start(uint64_t usual);

/* SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere. */
uint64_t next(uint64_t *state);

bool chance(uint64_t *state, uint64_t of_hundred);

#endif
