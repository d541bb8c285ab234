/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_PROGRESS_H
#define TALLYGATE_BASE_PROGRESS_H

/* How far long work is, for whoever waits: a bar on a terminal, a line every few seconds anywhere else. It is shown by the work itself as
 * it counts: no thread, no signal, the monotonic clock. Nothing that is shown can fail the work, and every function takes NULL: nobody
 * watches. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"
#include "span.h"

#define PROGRESS_BAR_MS 200 /* from one bar to the next */
#define PROGRESS_LINE_MS \
    10000 /* from one line to the next; work that is over by then says nothing */

enum progress_phase {
    PROGRESS_NONE,
#define PROGRESS(name, code, unit, zh, en) PROGRESS_##name,
#include "progress.def"
#undef PROGRESS
    PROGRESS_PHASE_COUNT
};

struct progress;

/* Takes a line without an end ("reading the bill 40% 400/1000 kB 100 kB/s 0:06 left"), or only looks how far the work is. */
typedef void (*progress_line)(void *context, const struct progress *progress, struct span text);

struct progress {
    bool open;    /* a zero struct shows nothing */
    int terminal; /* where bars stand; below 0: none, lines are told */
    enum language language;
    progress_line line;
    void *context;
    bool standing; /* a bar is on the terminal's line */

    enum progress_phase phase;
    int64_t done;
    int64_t total;          /* 0: nobody knows */
    int64_t look_at;        /* the count at which the clock is read next */
    int64_t stride;         /* how many are counted from one look to the next */
    bool due;               /* is shown at the next look, whatever the clock says */
    struct mono_time began; /* the phase */
    struct mono_time looked;
    struct mono_time shown;
};

/* Bars on `fd` when that is a terminal, else lines to `line`, which must then live as long as the work. */
void progress_open(struct progress *p, int fd, enum language language, progress_line line,
                   void *context);

/* A phase begins, and ends the one before; `total` things of it are to be done, 0 when nobody knows. */
void progress_begin(struct progress *p, enum progress_phase phase, int64_t total);

/* So many more are to be done than was known. */
void progress_expect(struct progress *p, int64_t count);

/* Takes a bar away, so that something else can be written; the next look shows it again. */
void progress_hide(struct progress *p);

/* Ends: a bar is taken away, and nothing more is shown. */
void progress_close(struct progress *p);

/* Reads the clock, and shows what there is to show. */
void progress_look(struct progress *p);

/* So many more are done. Cheap enough for each turn of a loop. */
static inline void
progress_add(struct progress *p, int64_t count)
{
    if (p != NULL) {
        p->done += count;
        if (p->done >= p->look_at) {
            progress_look(p);
        }
    }
}

/* The stable word of the phase for a log; "" before the first. */
const char *progress_code(const struct progress *p);

/* Milliseconds since the phase began, at the last look; and how many more it will take at the pace of now, -1 when nobody
 * knows. */
int64_t progress_took_ms(const struct progress *p);
int64_t progress_left_ms(const struct progress *p);

#endif
