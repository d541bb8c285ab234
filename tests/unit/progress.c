/* SPDX-License-Identifier: Apache-2.0 */
/* Long work is shown as a bar on a terminal and as lines anywhere else, by a clock that the test moves. */
#include "progress.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "clock_fake.h"

#define SHOWN_MAX 4096

/* A terminal, and what came out of it. */
struct screen {
    int in;  /* bars are written here */
    int out; /* and the test reads here */
    char text[SHOWN_MAX];
};

/* What was told in lines, and what was worked out for each. */
struct lines {
    char text[SHOWN_MAX];
    size_t len;
    size_t count;
    char code[32];
    int64_t took_ms;
    int64_t left_ms;
};

static void
take_line(void *context, const struct progress *p, struct span text)
{
    struct lines *lines = context;
    int len = snprintf(lines->text + lines->len, sizeof(lines->text) - lines->len, "%.*s|",
                       SPAN_ARG(text));
    lines->len += (size_t)len;
    lines->count++;
    (void)snprintf(lines->code, sizeof(lines->code), "%s", progress_code(p));
    lines->took_ms = progress_took_ms(p);
    lines->left_ms = progress_left_ms(p);
}

static struct screen
a_screen(unsigned short columns)
{
    struct screen screen = { .in = -1 };
    const struct winsize size = { .ws_row = 24, .ws_col = columns };
    cr_assert_eq(openpty(&screen.out, &screen.in, NULL, NULL, &size), 0);
    cr_assert_eq(fcntl(screen.out, F_SETFL, O_NONBLOCK), 0);
    return screen;
}

/* What was shown since the last time. */
static const char *
shown(struct screen *screen)
{
    size_t len = 0;
    ssize_t got = 0;
    while ((got = read(screen->out, screen->text + len, sizeof(screen->text) - 1 - len)) > 0) {
        len += (size_t)got;
    }
    screen->text[len] = 0;
    return screen->text;
}

static void
screen_fini(struct screen *screen)
{
    (void)close(screen->in);
    (void)close(screen->out);
}

/* `each` things every `ms`. */
static void
work(struct progress *p, int64_t count, int64_t ms, int64_t each)
{
    for (int64_t i = 0; i < count; i++) {
        clock_fake_advance_ms(ms);
        progress_add(p, each);
    }
}

/* 8 characters, " []", and " 20% 20/100 10/s 0:08 left" of 26 leave 22 of the 59 places to the bar, a fifth of which is full. */
Test(progress, terminal_has_a_bar_as_wide_as_it_is)
{
    DEFER(screen_fini) struct screen screen = a_screen(60);
    struct lines lines = { .len = 0 };
    struct progress p;
    progress_open(&p, screen.in, LANGUAGE_EN, take_line, &lines);
    progress_begin(&p, PROGRESS_MATCH, 100);
    cr_expect_str_eq(shown(&screen), "\r\033[Kmatching [---------------------------------------]"
                                     " 0% 0/100");
    work(&p, 20, 100, 1);
    const char *last = strrchr(shown(&screen), '\r');
    cr_assert_not_null(last);
    cr_expect_str_eq(last, "\r\033[Kmatching [####------------------] 20% 20/100 10/s 0:08 left");
    cr_expect_eq(strlen(last) - strlen("\r\033[K"), 59);
    progress_hide(&p);
    cr_expect_str_eq(shown(&screen), "\r\033[K");
    progress_add(&p, 1); /* and it comes back */
    cr_expect_str_eq(shown(&screen),
                     "\r\033[Kmatching [####------------------] 21% 21/100 10/s 0:08 left");
    progress_close(&p);
    cr_expect_str_eq(shown(&screen), "\r\033[K");
    cr_expect_eq(lines.count, 0);
}

/* A bar of a fifth second ago is new enough. */
Test(progress, terminal_is_not_written_to_at_each_thing)
{
    DEFER(screen_fini) struct screen screen = a_screen(80);
    struct progress p;
    size_t bars = 0;
    progress_open(&p, screen.in, LANGUAGE_EN, NULL, NULL);
    progress_begin(&p, PROGRESS_MATCH, 0);
    work(&p, 1000, 1, 1);
    for (const char *at = shown(&screen); (at = strchr(at, '\r')) != NULL; at++) {
        bars++;
    }
    cr_expect(bars >= 4 && bars <= 6, "%zu bars in a second", bars);
    progress_close(&p);
}

Test(progress, narrow_terminal_is_told_what_fits_and_no_half_character)
{
    DEFER(screen_fini) struct screen screen = a_screen(12); /* less than 20 counts as 20 */
    struct progress p;
    progress_open(&p, screen.in, LANGUAGE_ZH, NULL, NULL);
    progress_begin(&p, PROGRESS_PORTAL, 0); /* 正在读取门户数据库: 18 of the 19 places */
    cr_expect_str_eq(shown(&screen), "\r\033[K正在读取门户数据库");
    work(&p, 1, 1000, 1);
    cr_expect_str_eq(shown(&screen), "\r\033[K正在读取门户数据库 ");
    progress_begin(&p, PROGRESS_MATCH, 400); /* 8, and 11 are left for the numbers */
    work(&p, 4, 1000, 1);
    const char *last = strrchr(shown(&screen), '\r');
    cr_assert_not_null(last);
    cr_expect_str_eq(last, "\r\033[K正在核对 1% 4/400 1");
    progress_close(&p);
}

Test(progress, a_log_has_a_line_every_ten_seconds_and_no_control_character)
{
    struct lines lines = { .len = 0 };
    struct progress p;
    int ends[2];
    cr_assert_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    progress_open(&p, ends[1], LANGUAGE_EN, take_line, &lines);
    progress_begin(&p, PROGRESS_READ_BILL, 200000);
    work(&p, 99, 100, 1000);
    cr_expect_eq(lines.count, 0, "work of less than ten seconds says nothing: %s", lines.text);
    work(&p, 50, 100, 1000);
    cr_expect_str_eq(lines.text, "reading the bill 50% 100/200 kB 10 kB/s 0:10 left|");
    cr_expect_str_eq(lines.code, "read_bill");
    cr_expect_eq(lines.took_ms, 10000);
    cr_expect_eq(lines.left_ms, 10000);
    progress_begin(&p, PROGRESS_MATCH, 0); /* of which nobody knows how much it is */
    work(&p, 5, 1020, 1);
    cr_expect_str_eq(lines.text,
                     "reading the bill 50% 100/200 kB 10 kB/s 0:10 left|matching 5 0/s|");
    cr_expect_eq(lines.left_ms, -1);
    progress_hide(&p);
    progress_close(&p);
    cr_expect_eq(lines.count, 2);
    for (size_t i = 0; i < lines.len; i++) {
        cr_expect(lines.text[i] >= ' ');
    }
    char none;
    cr_expect_lt(read(ends[0], &none, 1), 0, "nothing is written beside the lines");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

Test(progress, words_are_in_the_language_asked_for)
{
    struct lines lines = { .len = 0 };
    struct progress p;
    progress_open(&p, -1, LANGUAGE_ZH, take_line, &lines);
    progress_begin(&p, PROGRESS_SAVE, 40);
    work(&p, 10, 1000, 1);
    cr_expect_str_eq(lines.text, "正在保存结果 25% 10/40 1/s 剩余 0:30|");
    progress_close(&p);
}

/* Lines of 30 seconds in which a million things are done: three, and they come in time. */
Test(progress, the_clock_is_not_read_at_each_thing)
{
    struct lines lines = { .len = 0 };
    struct progress p;
    size_t looks = 0;
    progress_open(&p, -1, LANGUAGE_EN, take_line, &lines);
    progress_begin(&p, PROGRESS_MATCH, 3000000);
    for (int64_t i = 0; i < 3000000; i++) {
        if (i % 100 == 99) {
            clock_fake_advance_ms(1);
        }
        looks += p.done + 1 >= p.look_at ? 1 : 0;
        progress_add(&p, 1);
    }
    cr_expect_leq(lines.count, 3, "%s", lines.text);
    cr_expect_geq(lines.count, 2, "%s", lines.text);
    cr_expect_lt(looks, 1000, "%zu looks at the clock", looks);
    progress_close(&p);
}

/* A hint of how much there is may be wrong: bytes of a packed file are unknown before they are unpacked. */
Test(progress, more_than_was_said_is_shown_without_an_end)
{
    struct lines lines = { .len = 0 };
    struct progress p;
    progress_open(&p, -1, LANGUAGE_EN, take_line, &lines);
    progress_begin(&p, PROGRESS_MATCH, 0);
    progress_expect(&p, 5);
    work(&p, 10, 1000, 1);
    cr_expect_str_eq(lines.text, "matching 10 1/s|");
    progress_expect(&p, 35);
    work(&p, 10, 1000, 1);
    cr_expect_str_eq(lines.text, "matching 10 1/s|matching 50% 20/40 1/s 0:20 left|");
    progress_close(&p);
}

Test(progress, the_largest_numbers_do_not_overflow)
{
    struct lines lines = { .len = 0 };
    struct progress p;
    progress_open(&p, -1, LANGUAGE_EN, take_line, &lines);
    progress_begin(&p, PROGRESS_MATCH, INT64_MAX - 1);
    clock_fake_advance_ms(10000);
    progress_add(&p, INT64_MAX / 2);
    cr_expect(strncmp(lines.text, "matching 50% ", 13) == 0
                  || strncmp(lines.text, "matching 49% ", 13) == 0,
              "%s", lines.text);
    cr_expect(lines.left_ms >= 9000 && lines.left_ms <= 11000);
    progress_close(&p);
}

Test(progress, who_is_not_shown_anything_counts_for_nothing)
{
    struct lines lines = { .len = 0 };
    struct progress none = { .open = false };
    progress_begin(NULL, PROGRESS_MATCH, 1);
    progress_expect(NULL, 1);
    progress_add(NULL, 1);
    progress_look(NULL);
    progress_hide(NULL);
    progress_close(NULL);
    none.line = take_line;
    none.context = &lines;
    progress_begin(&none, PROGRESS_MATCH, 1);
    work(&none, 3, 20000, 1);
    progress_hide(&none);
    progress_close(&none);
    cr_expect_eq(lines.count, 0);
}
