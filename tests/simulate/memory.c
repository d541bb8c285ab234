/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "flaw.h"
#include "sweep.h"

#define SLOTS_MAX  ((size_t)1 << 17)
#define OWNERS_MAX 64

/* An open hash table of the pieces that have an owner. */
static struct {
    void *at;
    int owner;
} slots[SLOTS_MAX];
static size_t counts[OWNERS_MAX];
static size_t live;
static int present;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static size_t
home_of(const void *at)
{
    uint64_t hash = (uint64_t)(uintptr_t)at * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> 40) % SLOTS_MAX;
}

static size_t
place_of(const void *at)
{
    size_t i = home_of(at);
    while (slots[i].at != NULL && slots[i].at != at) {
        i = (i + 1) % SLOTS_MAX;
    }
    return i;
}

static void *
note(void *at)
{
    if (present != 0 && at != NULL) {
        size_t i = place_of(at);
        assert(live < SLOTS_MAX / 2 && slots[i].at == NULL);
        slots[i].at = at;
        slots[i].owner = present;
        counts[present]++;
        live++;
    }
    return at;
}

/* What stands behind a place that becomes free moves up, unless it is nearer to its home where it is. */
static void
clear(size_t i)
{
    counts[slots[i].owner]--;
    live--;
    for (size_t j = (i + 1) % SLOTS_MAX; slots[j].at != NULL; j = (j + 1) % SLOTS_MAX) {
        size_t home = home_of(slots[j].at);
        bool between = i <= j ? i < home && home <= j : i < home || home <= j;
        if (!between) {
            slots[i] = slots[j];
            i = j;
        }
    }
    slots[i].at = NULL;
    slots[i].owner = 0;
}

static void
forget(const void *at)
{
    if (at == NULL || live == 0) {
        return;
    }
    size_t i = place_of(at);
    if (slots[i].at == at) {
        clear(i);
    }
}

int
memory_owner(int owner)
{
    int before = present;
    present = owner;
    return before;
}

size_t
memory_count(int owner)
{
    return counts[owner];
}

void
memory_drop(int owner)
{
    for (size_t i = 0; counts[owner] > 0; i = (i + 1) % SLOTS_MAX) {
        while (slots[i].at != NULL && slots[i].owner == owner) {
            void *at = slots[i].at;
            clear(i);
            __real_free(at);
        }
    }
}

/* The piece that a sweep refuses. */
static bool
is_refused(const char *call)
{
    if (present == 0 || !sweep_strikes(SWEEP_ALLOCATIONS, call)) {
        return false;
    }
    if (flaw_present == FLAW_REFUSED_LEAK) {
        (void)note(__real_malloc(1));
    }
    return true;
}

void *
__wrap_malloc(size_t size)
{
    return is_refused("malloc") ? NULL : note(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return is_refused("calloc") ? NULL : note(__real_calloc(count, size));
}

void *
__wrap_realloc(void *at, size_t size)
{
    if (is_refused("realloc")) {
        return NULL;
    }
    forget(at);
    return note(__real_realloc(at, size));
}

void
__wrap_free(void *at)
{
    forget(at);
    __real_free(at);
}
