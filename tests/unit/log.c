/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "check.h"

static struct buf seen = BUF_MAX(100000);
static int lines;

static void
keep(struct span line, void *context)
{
    (void)context;
    lines++;
    buf_reset(&seen);
    CHECK_OK(buf_append(&seen, line));
}

static void
start(void)
{
    log_open("worker", LOG_LEVEL_INFO);
    log_sink(keep, NULL);
}

static void
finish(void)
{
    log_sink(NULL, NULL);
    buf_fini(&seen);
}

TestSuite(log, .init = start, .fini = finish);

/* What stands after the event's name, without the newline. */
static struct span
fields(void)
{
    struct span line = buf_span(&seen);
    size_t at = span_find(line, SPAN_LIT(" event="));
    cr_assert_lt(at, line.len);
    struct span rest = span_sub(line, at + 1, line.len);
    struct span event;
    (void)span_cut(&rest, ' ', &event);
    cr_assert(span_ends(rest, SPAN_LIT("\n")));
    return span_sub(rest, 0, rest.len - 1);
}

static void
check_value(struct span value, const char *want)
{
    log_event(LOG_REQUEST, LOG_SPAN("v", value));
    CHECK_TEXT(fields(), want);
    cr_expect_eq(span_index(buf_span(&seen), '\n'), seen.len - 1, "one line");
}

Test(log, outside_text_cannot_forge_a_line_or_a_field)
{
    check_value(SPAN_LIT("a\nts=2026 event=fake"), "v=\"a\\x0ats=2026 event=fake\"");
    check_value(SPAN_LIT("x y=z"), "v=\"x y=z\"");
    check_value(SPAN_LIT("a=b"), "v=\"a=b\"");
    check_value(SPAN_LIT("say \"no\" \\ "), "v=\"say \\\"no\\\" \\\\ \"");
    check_value(SPAN_LIT("\x1b[2J"), "v=\"\\x1b[2J\"");
    check_value(span_make("a\0b", 3), "v=\"a\\x00b\"");
    check_value(SPAN_LIT("\x7f"), "v=\"\\x7f\"");
    check_value(SPAN_LIT(""), "v=\"\"");
}

Test(log, text_that_is_not_utf8_is_shown_byte_by_byte)
{
    check_value(SPAN_LIT("\xd6\xa4"), "v=\"֤\""); /* two GBK bytes that happen to be UTF-8 */
    check_value(SPAN_LIT("\xd6\xa4\xca\xe9\xff"), "v=\"\\xd6\\xa4\\xca\\xe9\\xff\"");
    check_value(SPAN_LIT("证书"), "v=\"证书\"");
}

Test(log, control_characters_above_7f_are_escaped)
{
    check_value(SPAN_LIT("\xc2\x9b"
                         "2J"),
                "v=\"\\xc2\\x9b2J\"");                     /* CSI */
    check_value(SPAN_LIT("\xc2\x85"), "v=\"\\xc2\\x85\""); /* next line */
    check_value(SPAN_LIT("\xc2\xa5"), "v=\"¥\"");
}

Test(log, plain_words_and_numbers_stand_bare)
{
    log_event(LOG_CHILD_DIED, LOG_TEXT("role", "worker"), LOG_I64("status", -9), LOG_ERR(ERR_TIME));
    CHECK_TEXT(fields(), "role=worker status=-9 err=TIME");
    struct span line = buf_span(&seen);
    cr_expect(
        span_starts(line, SPAN_LIT("ts=2026-03-10T02:00:00.000Z level=warn process=worker ")));
    cr_expect_lt(span_find(line, SPAN_LIT(" event=child_died ")), line.len);
}

Test(log, events_below_the_level_are_not_written)
{
    log_open("worker", LOG_LEVEL_WARN);
    log_event(LOG_STARTED, LOG_I64("n", 1));
    cr_expect_eq(lines, 0);
    log_event(LOG_CHILD_DIED, LOG_I64("n", 1));
    log_event(LOG_INTERNAL, LOG_I64("n", 1));
    cr_expect_eq(lines, 2);
}

Test(log, a_line_has_a_limit_and_says_when_it_was_cut)
{
    static char big[8000];
    memset(big, 'x', sizeof(big) - 1);
    log_event(LOG_REQUEST, LOG_TEXT("a", "1"), LOG_TEXT("big", big), LOG_TEXT("b", "2"));
    CHECK_TEXT(fields(), "a=1 cut=1");
    for (size_t len = 3900; len < 4200; len++) {
        log_event(LOG_REQUEST, LOG_SPAN("big", span_make(big, len)));
        cr_assert_leq(seen.len, 4096);
        cr_assert_eq(seen.at[seen.len - 1], '\n');
    }
}

Test(log, one_line_is_one_write_to_standard_error)
{
    int ends[2];
    log_sink(NULL, NULL);
    cr_assert_eq(pipe2(ends, 04000 /* O_NONBLOCK */), 0);
    int kept = dup(STDERR_FILENO);
    cr_assert_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    log_event(LOG_REQUEST, LOG_TEXT("path", "/v1"));
    (void)dup2(kept, STDERR_FILENO);
    char text[512];
    ssize_t got = read(ends[0], text, sizeof(text));
    cr_assert_gt(got, 0);
    cr_expect(span_ends(span_make(text, (size_t)got), SPAN_LIT(" path=/v1\n")));
}
