/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_LOG_H
#define TALLYGATE_BASE_LOG_H

/* One event a line on standard error, key=value with stable names; outside text is quoted and
 * escaped. Library code never logs: the place that decides logs once.
 *
 *     log_event(LOG_CHILD_DIED, LOG_TEXT("role", "worker"), LOG_I64("status", 9));
 *
 * There is no way to log a secret: the field types do not take one. */

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "span.h"

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_COUNT
};

enum log_event {
    LOG_NONE,
#define EVENT(name, level, text) LOG_##name,
#include "log.def"
#undef EVENT
    LOG_EVENT_COUNT
};

struct log_field {
    const char *name;
    struct span text; /* used when is_number is 0 */
    int64_t number;
    int is_number;
};

#define LOG_TEXT(key, value) \
    ((struct log_field){ .name = (key), .text = span_of(value), .number = 0, .is_number = 0 })
#define LOG_SPAN(key, value) \
    ((struct log_field){ .name = (key), .text = (value), .number = 0, .is_number = 0 })
#define LOG_I64(key, value) \
    ((struct log_field){ .name = (key), .text = { NULL, 0 }, .number = (value), .is_number = 1 })
#define LOG_ERR(value) LOG_TEXT("err", err_name(value))

#define log_event(event, ...)                                     \
    log_write((event), (const struct log_field[]){ __VA_ARGS__ }, \
              sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

void log_open(const char *program, enum log_level least); /* names the process in every line */
void log_write(enum log_event event, const struct log_field *fields, size_t count);

/* Where lines go instead of standard error; for tests. NULL restores. */
void log_sink(void (*sink)(struct span line, void *context), void *context);

#endif
