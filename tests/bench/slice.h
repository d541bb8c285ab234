/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_SLICE_H
#define TALLYGATE_TESTS_BENCH_SLICE_H

/* One measured piece of work in a process of its own, so that the memory of one is not that of another. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SLICE_TURNS 3 /* of each, in turn; the median counts */

/* What the work says of itself: between start and stop it is measured. */
struct slice_watch {
    int64_t wall_us;
    int64_t cpu_us;
    enum err err;
    char note[200]; /* why it failed, or "" */
    int64_t began_wall_us;
    int64_t began_cpu_us;
};
void slice_start(struct slice_watch *watch);
void slice_stop(struct slice_watch *watch);

/* Takes memory from the machine and gives it back, so that files which grow in the work that follows find it at hand. A virtual machine
 * fetches a page that nobody had lately from its host, for longer than the work on that page lasts, and which slice finds such pages would
 * depend on what the one before it has left. Errors: NO_MEMORY. */
MUST_USE enum err slice_warm(void);

typedef enum err (*slice_work)(void *context, struct slice_watch *watch);

/* Either a function of this program, or another program; one that measures itself prints "WALL CPU" in microseconds on its
 * standard output, else it is measured from its start to its end. */
struct slice {
    const char *name; /* said on standard error when it begins, with `items` */
    int64_t items;
    slice_work work;
    void *context;
    const char *const *argv;
};

struct slice_result {
    bool ok;
    int64_t wall_us;
    int64_t cpu_us;
    int64_t anon_kib; /* most anonymous memory that was seen, every few milliseconds */
    char note[200];
};

void slice_run(const struct slice *slice, struct slice_result *out);

/* Each of `count` slices SLICE_TURNS times in turn; the median of times, the most of memory. A slice that failed once is not
 * tried again and has failed. */
void slice_run_turns(const struct slice *slices, size_t count, struct slice_result *out);

#endif
