/* SPDX-License-Identifier: Apache-2.0 */
#include "chance.h"

#include "crypto.h"

/* splitmix64: every state is a good start for another stream. */
static uint64_t events;
static uint64_t bytes;

static uint64_t
next(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void
chance_open(uint64_t seed)
{
    uint64_t start = seed;
    events = next(&start);
    bytes = next(&start);
}

int64_t
chance_below(int64_t end)
{
    return (int64_t)(next(&events) % (uint64_t)end);
}

int64_t
chance_between(int64_t from, int64_t to)
{
    return from + chance_below(to - from + 1);
}

bool
chance_permille(int permille)
{
    return chance_below(1000) < permille;
}

/* In the place of gateway/base/crypto_random.c. */
enum err
crypto_random(unsigned char *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (unsigned char)(next(&bytes) >> 56);
    }
    return ERR_OK;
}
