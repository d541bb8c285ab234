/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_CHANCE_H
#define TALLYGATE_SIMULATE_CHANCE_H

/* All chance of a run comes out of its seed: what happens and when, and, by a stream of its own, the random
 * bytes of the programs. */

#include <stdbool.h>
#include <stdint.h>

void chance_open(uint64_t seed);

int64_t chance_below(int64_t end);                /* 0 … end - 1 */
int64_t chance_between(int64_t from, int64_t to); /* both may come */
bool chance_permille(int permille);

#endif
