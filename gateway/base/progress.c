/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "buf.h"

#define LINE_MAX_BYTES 1024
#define COLUMNS_MIN    20
#define COLUMNS_USUAL  80
#define COLUMNS_MAX    200
#define BAR_MIN        10
#define BAR_MAX        40
#define LOOK_MS        50 /* how often the clock is worth reading */
#define STRIDE_MAX     (INT64_C(1) << 30)
#define PERCENT        100
#define MS_PER_S       1000
#define S_PER_MIN      60
#define CLEAR          "\r\033[K"

/* Of what is counted: its name behind a number, and how many are one of those. */
enum unit { UNIT_NONE, UNIT_COUNT, UNIT_BYTES };
static const struct {
    const char *name;
    int64_t size;
} units[] = {
    [UNIT_NONE] = { "", 1 },
    [UNIT_COUNT] = { "", 1 },
    [UNIT_BYTES] = { " kB", 1000 },
};

static const struct {
    const char *code;
    enum unit unit;
    const char *words[LANGUAGE_COUNT];
} phases[PROGRESS_PHASE_COUNT] = {
    [PROGRESS_NONE] = { "", UNIT_NONE, { "", "" } },
#define PROGRESS(name, code, unit, zh, en) \
    [PROGRESS_##name] = { code, UNIT_##unit, { [LANGUAGE_ZH] = (zh), [LANGUAGE_EN] = (en) } },
#include "progress.def"
#undef PROGRESS
};

void
progress_open(struct progress *p, int fd, enum language language, progress_line line, void *context)
{
    *p = (struct progress){ .open = true,
                            .terminal = isatty(fd) == 1 ? fd : -1,
                            .language = language,
                            .line = line,
                            .context = context };
}

const char *
progress_code(const struct progress *p)
{
    return phases[p->phase].code;
}

int64_t
progress_took_ms(const struct progress *p)
{
    return clock_mono_ms_between(p->began, p->looked);
}

/* What there was more of than was said, nobody knows the end of. */
static bool
has_total(const struct progress *p)
{
    return p->total > 0 && p->done <= p->total;
}

/* `value` * `times` / `by`, of what is not negative; the largest there is when that is too large. */
static int64_t
scaled(int64_t value, int64_t times, int64_t by)
{
    int64_t product;
    while (__builtin_mul_overflow(value, times, &product)) {
        if (by == 1) {
            return INT64_MAX;
        }
        value /= 2;
        by /= 2;
    }
    return product / by;
}

int64_t
progress_left_ms(const struct progress *p)
{
    int64_t took_ms = progress_took_ms(p);
    if (!has_total(p) || p->done == 0 || took_ms < MS_PER_S) {
        return -1;
    }
    return scaled(p->total - p->done, took_ms, p->done);
}

/* A terminal that is away is no reason to end the work. */
static void
put(const struct progress *p, struct span text)
{
    ssize_t sent = write(p->terminal, text.at, text.len);
    (void)sent;
}

static size_t
columns_of(const struct progress *p)
{
    struct winsize size = { .ws_col = 0 };
    size_t columns =
        ioctl(p->terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS_USUAL;
    columns = columns > COLUMNS_MIN ? columns : COLUMNS_MIN;
    return columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
}

/* Places on a screen: a character of three bytes or more, which here is Chinese, takes two. */
static size_t
places_of(struct span text)
{
    size_t places = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool begins = (text.at[i] & 0xC0U) != 0x80U;
        places += !begins ? 0 : text.at[i] >= 0xE0U ? 2 : 1;
    }
    return places;
}

/* Without a character that does not fit whole. */
static struct span
cut_to(struct span text, size_t places)
{
    while (places_of(text) > places) {
        do {
            text.len--;
        } while (text.len > 0 && (text.at[text.len] & 0xC0U) == 0x80U);
    }
    return text;
}

static int64_t
percent_of(const struct progress *p)
{
    return scaled(p->done, PERCENT, p->total);
}

static enum err
put_left(const struct progress *p, struct buf *out)
{
    int64_t left_ms = progress_left_ms(p);
    if (left_ms < 0) {
        return ERR_OK;
    }
    long long left_s = (left_ms + MS_PER_S - 1) / MS_PER_S;
    bool english = p->language == LANGUAGE_EN;
    return buf_printf(out, " %s%lld:%02lld%s", english ? "" : "剩余 ", left_s / S_PER_MIN,
                      left_s % S_PER_MIN, english ? " left" : "");
}

/* "24% 120/500 kB 60 kB/s 0:07 left" */
static enum err
put_numbers(const struct progress *p, struct buf *out)
{
    const char *unit = units[phases[p->phase].unit].name;
    int64_t size = units[phases[p->phase].unit].size;
    int64_t took_ms = progress_took_ms(p);
    if (has_total(p)) {
        TRY(buf_printf(out, " %lld%% %lld/%lld%s", (long long)percent_of(p),
                       (long long)(p->done / size), (long long)(p->total / size), unit));
    } else if (p->done > 0) {
        TRY(buf_printf(out, " %lld%s", (long long)(p->done / size), unit));
    }
    if (p->done > 0 && took_ms > 0) {
        TRY(buf_printf(out, " %lld%s/s", (long long)(scaled(p->done, MS_PER_S, took_ms) / size),
                       unit));
    }
    return put_left(p, out);
}

static enum err
put_bar(const struct progress *p, size_t room, struct buf *out)
{
    size_t width = room < BAR_MAX ? room : BAR_MAX;
    size_t full = width * (size_t)percent_of(p) / PERCENT;
    TRY(buf_text(out, " ["));
    for (size_t i = 0; i < width; i++) {
        TRY(buf_byte(out, i < full ? '#' : '-'));
    }
    return buf_byte(out, ']');
}

/* The last column stays empty: a terminal may break the line behind it. */
static enum err
make_bar(const struct progress *p, struct buf *out)
{
    DEFER(buf_fini) struct buf numbers = BUF_MAX(LINE_MAX_BYTES);
    size_t room = columns_of(p) - 1;
    struct span words = cut_to(span_of(phases[p->phase].words[p->language]), room);
    TRY(put_numbers(p, &numbers));
    size_t used = places_of(words) + places_of(buf_span(&numbers)) + sizeof(" []") - 1;
    TRY(buf_append(out, words));
    if (has_total(p) && used + BAR_MIN <= room) {
        TRY(put_bar(p, room - used, out));
    }
    TRY(buf_append(out, buf_span(&numbers)));
    out->len = cut_to(buf_span(out), room).len;
    return ERR_OK;
}

static enum err
show_bar(struct progress *p)
{
    DEFER(buf_fini) struct buf bar = BUF_MAX(LINE_MAX_BYTES);
    DEFER(buf_fini) struct buf all = BUF_MAX(LINE_MAX_BYTES + sizeof(CLEAR));
    TRY(make_bar(p, &bar));
    TRY(buf_text(&all, CLEAR));
    TRY(buf_append(&all, buf_span(&bar)));
    put(p, buf_span(&all));
    p->standing = true;
    return ERR_OK;
}

static enum err
tell_line(const struct progress *p)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(LINE_MAX_BYTES);
    TRY(buf_text(&text, phases[p->phase].words[p->language]));
    TRY(put_numbers(p, &text));
    p->line(p->context, p, buf_span(&text));
    return ERR_OK;
}

/* About as many as are done until the clock is worth reading again. */
static void
pace(struct progress *p, int64_t since_ms)
{
    if (since_ms < LOOK_MS && p->stride < STRIDE_MAX) {
        p->stride *= 2;
    } else if (since_ms > 2 * LOOK_MS) {
        p->stride = p->stride / 4 + 1;
    }
    p->look_at = p->done + p->stride;
}

static void
show_when_due(struct progress *p)
{
    int64_t wait_ms = p->terminal >= 0 ? PROGRESS_BAR_MS : PROGRESS_LINE_MS;
    if (p->due || clock_mono_ms_between(p->shown, p->looked) >= wait_ms) {
        enum err err = p->terminal >= 0 ? show_bar(p) : tell_line(p);
        (void)err; /* without memory for a line the work goes on */
        p->shown = p->looked;
        p->due = false;
    }
}

void
progress_look(struct progress *p)
{
    if (p == NULL) {
        return;
    }
    if (!p->open || p->phase == PROGRESS_NONE) {
        p->look_at = INT64_MAX;
        return;
    }
    struct mono_time now = clock_mono();
    pace(p, clock_mono_ms_between(p->looked, now));
    p->looked = now;
    show_when_due(p);
}

void
progress_begin(struct progress *p, enum progress_phase phase, int64_t total)
{
    if (p == NULL || !p->open) {
        return;
    }
    struct mono_time now = clock_mono();
    if (p->phase == PROGRESS_NONE) { /* the work begins */
        p->shown = now;
    }
    p->phase = phase;
    p->done = 0;
    p->total = total;
    p->stride = 1;
    p->look_at = 1;
    p->due = p->terminal >= 0; /* a person is told at once: the first step may take long */
    p->began = now;
    p->looked = now;
    show_when_due(p);
}

void
progress_expect(struct progress *p, int64_t count)
{
    if (p != NULL) {
        p->total += count;
    }
}

void
progress_hide(struct progress *p)
{
    if (p != NULL && p->standing) {
        put(p, SPAN_LIT(CLEAR));
        p->standing = false;
        p->due = true;
        p->look_at = p->done;
    }
}

void
progress_close(struct progress *p)
{
    if (p != NULL) {
        progress_hide(p);
        *p = (struct progress){ .open = false };
    }
}
