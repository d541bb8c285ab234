/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdbool.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"

#define LINE_MAX_BYTES 4096
#define CUT_BYTES      16

static const struct {
    const char *name;
    enum log_level level;
} events[LOG_EVENT_COUNT] = {
    [LOG_NONE] = { "NONE", LOG_LEVEL_DEBUG },
#define EVENT(name, level, text) [LOG_##name] = { #name, LOG_LEVEL_##level },
#include "log.def"
#undef EVENT
};

static const char *const levels[LOG_LEVEL_COUNT] = { "debug", "info", "warn", "error" };

static struct {
    const char *program;
    enum log_level least;
    void (*sink)(struct span line, void *context);
    void *context;
} state = { .program = "tallygate", .least = LOG_LEVEL_INFO };

void
log_open(const char *program, enum log_level least)
{
    state.program = program;
    state.least = least;
}

void
log_sink(void (*sink)(struct span line, void *context), void *context)
{
    state.sink = sink;
    state.context = context;
}

/* Words of plain characters stand bare; all else is quoted, so that no value can forge a field or
 * a line. */
static bool
plain(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] <= ' ' || s.at[i] >= 0x7F || s.at[i] == '"' || s.at[i] == '='
            || s.at[i] == '\\') {
            return false;
        }
    }
    return s.len > 0;
}

/* U+0080 to U+009F: a terminal may obey them as it does those below 0x20. */
static bool
high_control(struct span s, size_t i)
{
    return (s.at[i] == 0xC2 && i + 1 < s.len && s.at[i + 1] < 0xA0)
           || (i > 0 && s.at[i - 1] == 0xC2 && s.at[i] < 0xA0);
}

static enum err
put_quoted(struct buf *line, struct span s)
{
    bool utf8 = span_is_utf8(s);
    TRY(buf_byte(line, '"'));
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = s.at[i];
        if (c == '"' || c == '\\') {
            TRY(buf_byte(line, '\\'));
            TRY(buf_byte(line, c));
        } else if (c < ' ' || c == 0x7F || (c > 0x7F && (!utf8 || high_control(s, i)))) {
            TRY(buf_printf(line, "\\x%02x", c));
        } else {
            TRY(buf_byte(line, c));
        }
    }
    return buf_byte(line, '"');
}

static enum err
put_field(struct buf *line, const struct log_field *field)
{
    TRY(buf_printf(line, " %s=", field->name));
    if (field->is_number) {
        return buf_i64(line, field->number);
    }
    return plain(field->text) ? buf_append(line, field->text) : put_quoted(line, field->text);
}

static enum err
put_event(struct buf *line, enum log_event event)
{
    TRY(buf_text(line, "ts="));
    TRY(wall_format(clock_wall(), line));
    TRY(buf_printf(line, " level=%s process=%s pid=%d event=", levels[events[event].level],
                   state.program, (int)getpid()));
    for (const char *c = events[event].name; *c != 0; c++) {
        unsigned char lower = (unsigned char)*c;
        TRY(buf_byte(line, lower >= 'A' && lower <= 'Z' ? (unsigned char)(lower | 0x20) : lower));
    }
    return ERR_OK;
}

static void
cut(struct buf *line)
{
    enum err err = buf_text(line, " cut=1");
    (void)err; /* CUT_BYTES are always kept free for it */
}

/* A field that no longer fits is left out and the line says so. */
void
log_write(enum log_event event, const struct log_field *fields, size_t count)
{
    if (events[event].level < state.least) {
        return;
    }
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX_BYTES);
    if (put_event(&line, event) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t before = line.len;
        if (put_field(&line, &fields[i]) != ERR_OK || line.len > LINE_MAX_BYTES - CUT_BYTES) {
            line.len = before;
            cut(&line);
            break;
        }
    }
    if (buf_byte(&line, '\n') != ERR_OK) {
        return;
    }
    if (state.sink != NULL) {
        state.sink(buf_span(&line), state.context);
        return;
    }
    ssize_t written = write(STDERR_FILENO, line.at, line.len);
    (void)written; /* nowhere is left to report that standard error is gone */
}
