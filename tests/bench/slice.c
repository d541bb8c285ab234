/* SPDX-License-Identifier: Apache-2.0 */
#include "slice.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "span.h"

#define LOOK_MS      5
#define SLICES_MAX   4
#define STATUS_BYTES 4096
#define SAID_BYTES   512
#define WARM_BYTES   ((size_t)2 << 30) /* more than a million stored lines with their journal need */

static int64_t
cpu_us_of(const struct rusage *usage)
{
    return (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000
           + usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static int64_t
cpu_us(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? cpu_us_of(&usage) : 0;
}

enum err
slice_warm(void)
{
    void *taken = mmap(NULL, WARM_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return taken != MAP_FAILED && munmap(taken, WARM_BYTES) == 0 ? ERR_OK : ERR_NO_MEMORY;
}

void
slice_start(struct slice_watch *watch)
{
    watch->began_wall_us = clock_mono().ns / 1000;
    watch->began_cpu_us = cpu_us();
}

void
slice_stop(struct slice_watch *watch)
{
    watch->wall_us = clock_mono().ns / 1000 - watch->began_wall_us;
    watch->cpu_us = cpu_us() - watch->began_cpu_us;
}

static void
run_work(const struct slice *slice, int out)
{
    struct slice_watch watch = { .err = ERR_OK };
    watch.err = slice->work(slice->context, &watch);
    bool told = write(out, &watch, sizeof(watch)) == (ssize_t)sizeof(watch);
    _exit(told ? 0 : 2);
}

static void
run_program(const struct slice *slice, int out)
{
    char *argv[16] = { NULL };
    for (size_t i = 0; i + 1 < sizeof(argv) / sizeof(argv[0]) && slice->argv[i] != NULL; i++) {
        argv[i] = strdup(slice->argv[i]);
    }
    if (dup2(out, STDOUT_FILENO) >= 0) {
        (void)execvp(argv[0], argv);
    }
    _exit(127);
}

/* RssAnon of a process, in KiB; 0 when it is gone. */
static int64_t
anon_kib(pid_t pid)
{
    char path[64];
    char text[STATUS_BYTES];
    uint64_t kib = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return 0;
    }
    size_t len = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    struct span rest = span_make(text, len);
    struct span mark = SPAN_LIT("RssAnon:");
    size_t at = span_find(rest, mark);
    rest = span_trim(span_sub(rest, at + mark.len, 24), " \t");
    rest = span_sub(rest, 0, span_index(rest, ' '));
    return span_to_u64(rest, 0, UINT32_MAX, &kib) == ERR_OK ? (int64_t)kib : 0;
}

/* What the child writes until it closes its end; meanwhile its memory is looked at. */
static size_t
listen_to(pid_t pid, int in, char *said, size_t size, int64_t *most_kib)
{
    size_t len = 0;
    struct pollfd poller = { .fd = in, .events = POLLIN };
    for (;;) {
        int ready = poll(&poller, 1, LOOK_MS);
        int64_t kib = anon_kib(pid);
        *most_kib = kib > *most_kib ? kib : *most_kib;
        if (ready < 0 && errno != EINTR) {
            return len;
        }
        if (ready > 0) {
            ssize_t got = read(in, said + len, size - len);
            if (got <= 0) {
                return len;
            }
            len += (size_t)got;
        }
    }
}

static void
fail(struct slice_result *out, const char *why)
{
    out->ok = false;
    (void)snprintf(out->note, sizeof(out->note), "%s", why);
}

static void
take_watch(const char *said, size_t len, struct slice_result *out)
{
    struct slice_watch watch;
    if (len != sizeof(watch)) {
        fail(out, "ended without a word");
        return;
    }
    memcpy(&watch, said, sizeof(watch));
    out->wall_us = watch.wall_us;
    out->cpu_us = watch.cpu_us;
    if (watch.err != ERR_OK) {
        char why[sizeof(out->note)];
        (void)snprintf(why, sizeof(why), "%s%s%.150s", err_name(watch.err),
                       watch.note[0] == 0 ? "" : ": ", watch.note);
        fail(out, why);
    }
}

/* "WALL CPU" */
static void
take_words(const char *said, size_t len, struct slice_result *out)
{
    uint64_t wall = 0;
    uint64_t cpu = 0;
    struct span text = span_trim(span_make(said, len), " \n");
    size_t gap = span_index(text, ' ');
    if (len == 0) {
        return; /* measured from outside */
    }
    if (span_to_u64(span_sub(text, 0, gap), 0, INT64_MAX, &wall) != ERR_OK
        || span_to_u64(span_sub(text, gap + 1, text.len), 0, INT64_MAX, &cpu) != ERR_OK) {
        fail(out, "did not say how long it took");
        return;
    }
    out->wall_us = (int64_t)wall;
    out->cpu_us = (int64_t)cpu;
}

static void
conclude(const struct slice *slice, const char *said, size_t len, int status,
         struct slice_result *out)
{
    out->ok = true;
    if (slice->work != NULL) {
        take_watch(said, len, out);
    } else {
        take_words(said, len, out);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char why[64];
        (void)snprintf(why, sizeof(why), "%s %d", WIFEXITED(status) ? "exit status" : "signal",
                       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        fail(out, why);
    }
}

void
slice_run(const struct slice *slice, struct slice_result *out)
{
    int ends[2];
    char said[SAID_BYTES];
    int status = 0;
    struct rusage usage;
    *out = (struct slice_result){ .ok = false };
    if (slice->name != NULL) {
        (void)fprintf(stderr, "tallygate-bench: day of %lld: %s\n", (long long)slice->items,
                      slice->name);
    }
    (void)fflush(NULL);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fail(out, "no pipe");
        return;
    }
    int64_t began_us = clock_mono().ns / 1000;
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        if (slice->work != NULL) {
            run_work(slice, ends[1]);
        }
        run_program(slice, ends[1]);
    }
    (void)close(ends[1]);
    size_t len = pid < 0 ? 0 : listen_to(pid, ends[0], said, sizeof(said), &out->anon_kib);
    (void)close(ends[0]);
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        fail(out, "no process");
        return;
    }
    out->wall_us = clock_mono().ns / 1000 - began_us;
    out->cpu_us = cpu_us_of(&usage);
    conclude(slice, said, len, status, out);
}

static int
number_cmp(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t
median(int64_t *values)
{
    qsort(values, SLICE_TURNS, sizeof(values[0]), number_cmp);
    return values[SLICE_TURNS / 2];
}

void
slice_run_turns(const struct slice *slices, size_t count, struct slice_result *out)
{
    int64_t walls[SLICES_MAX][SLICE_TURNS] = { { 0 } };
    int64_t cpus[SLICES_MAX][SLICE_TURNS] = { { 0 } };
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct slice_result){ .ok = true };
    }
    for (size_t turn = 0; turn < SLICE_TURNS; turn++) {
        for (size_t i = 0; i < count; i++) {
            int64_t anon = out[i].anon_kib;
            if (out[i].ok) {
                slice_run(&slices[i], &out[i]);
            }
            out[i].anon_kib = out[i].anon_kib > anon ? out[i].anon_kib : anon;
            walls[i][turn] = out[i].wall_us;
            cpus[i][turn] = out[i].cpu_us;
        }
    }
    for (size_t i = 0; i < count; i++) {
        out[i].wall_us = median(walls[i]);
        out[i].cpu_us = median(cpus[i]);
    }
}
