/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_MEMORY_H
#define TALLYGATE_SIMULATE_MEMORY_H

/* Whose memory is whose. What a simulated process allocates is written down under its number, so that a
 * crash can take all of it away, and so that one that ends in order can be asked what it left behind.
 * Number 0 is the simulation itself, whose memory is not written down. */

#include <stddef.h>

/* From now on allocations are this owner's; gives the one before. */
int memory_owner(int owner);

size_t memory_count(int owner); /* pieces it holds */
void memory_drop(int owner);    /* frees them all */

#endif
