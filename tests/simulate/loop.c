/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <assert.h>
#include <stdlib.h>

#include "memory.h"

#define NS_PER_US 1000
#define MONO_NS   INT64_C(1000000000) /* a monotonic clock never stands at 0 */

struct loop_task {
    int64_t at_us;
    uint64_t number;
    int owner;
    loop_fn fn; /* NULL: cancelled */
    void *context;
};

static struct {
    struct wall_time start;
    int64_t now_us;
    uint64_t number;
    struct loop_task **heap;
    size_t count;
    size_t room;
} loop;

static bool
before(const struct loop_task *a, const struct loop_task *b)
{
    return a->at_us < b->at_us || (a->at_us == b->at_us && a->number < b->number);
}

static void
swap(size_t a, size_t b)
{
    struct loop_task *kept = loop.heap[a];
    loop.heap[a] = loop.heap[b];
    loop.heap[b] = kept;
}

static void
rise(size_t at)
{
    while (at > 0 && before(loop.heap[at], loop.heap[(at - 1) / 2])) {
        swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void
sink(size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < loop.count; child++) {
            least = before(loop.heap[child], loop.heap[least]) ? child : least;
        }
        if (least == at) {
            return;
        }
        swap(at, least);
        at = least;
    }
}

static struct loop_task *
take_first(void)
{
    struct loop_task *first = loop.heap[0];
    loop.heap[0] = loop.heap[--loop.count];
    if (loop.count > 0) {
        sink(0);
    }
    return first;
}

void
loop_open(struct wall_time start)
{
    loop.start = start;
    loop.now_us = 0;
    loop.number = 0;
}

void
loop_close(void)
{
    while (loop.count > 0) {
        free(take_first());
    }
    free(loop.heap);
    loop.heap = NULL;
    loop.room = 0;
}

static void
make_room(void)
{
    if (loop.count == loop.room) {
        loop.room = loop.room * 2 + 256;
        loop.heap = realloc(loop.heap, loop.room * sizeof(loop.heap[0]));
        assert(loop.heap != NULL);
    }
}

/* The plan is the simulation's own, whoever asks. */
struct loop_task *
loop_after(int64_t after_us, int owner, loop_fn fn, void *context)
{
    int asker = memory_owner(0);
    struct loop_task *task = calloc(1, sizeof(*task));
    assert(task != NULL && after_us >= 0);
    *task = (struct loop_task){ .at_us = loop.now_us + after_us,
                                .number = loop.number++,
                                .owner = owner,
                                .fn = fn,
                                .context = context };
    make_room();
    loop.heap[loop.count++] = task;
    rise(loop.count - 1);
    (void)memory_owner(asker);
    return task;
}

void
loop_cancel(struct loop_task *task)
{
    task->fn = NULL;
}

void
loop_forget(int owner)
{
    for (size_t i = 0; i < loop.count; i++) {
        if (loop.heap[i]->owner == owner) {
            loop.heap[i]->fn = NULL;
        }
    }
}

bool
loop_step(int64_t until_us)
{
    while (loop.count > 0 && loop.heap[0]->at_us <= until_us) {
        struct loop_task *task = take_first();
        struct loop_task now = *task;
        free(task);
        if (now.fn != NULL) {
            loop.now_us = now.at_us;
            int asker = memory_owner(now.owner);
            now.fn(now.context);
            (void)memory_owner(asker);
            return true;
        }
    }
    loop.now_us = until_us > loop.now_us ? until_us : loop.now_us;
    return false;
}

int64_t
loop_now_us(void)
{
    return loop.now_us;
}

/* In the place of gateway/base/clock.c. */
struct wall_time
clock_wall(void)
{
    return (struct wall_time){ .us = loop.start.us + loop.now_us };
}

struct mono_time
clock_mono(void)
{
    return (struct mono_time){ .ns = MONO_NS + loop.now_us * NS_PER_US };
}

void
clock_wall_shift(int64_t offset_s)
{
    loop.start = wall_add_ms(loop.start, offset_s * 1000);
}
