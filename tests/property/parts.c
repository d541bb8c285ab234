/* SPDX-License-Identifier: Apache-2.0 */
/* A day in parts gives what the whole day gives. Every day of these tests is compared so (support/engine.c); here those whose keys
 * are in each other's way, in parts as small as can be. */
#include "check.h"
#include "parts_agree.h"
#include "seed.h"
#include "tangle.h"

#define DAYS      700
#define SIZES_MAX 9

Test(parts, of_tangled_days_give_what_the_whole_gives)
{
    uint64_t state = seed_start(41);
    for (int i = 0; i < DAYS; i++) {
        struct tangle day;
        tangle_make(&day, &state);
        parts_agree(&day.in, next(&state) % SIZES_MAX);
    }
}
