/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "db.h"

#define FORMAT_TEXT   0
#define FORMAT_BINARY 1
#define TEXT_MAX      64

void
db_params_init(struct db_params *p, struct arena *arena)
{
    memset(p, 0, sizeof(*p));
    p->arena = arena;
    p->err = ERR_OK;
}

static void
add(struct db_params *p, const char *value, size_t length, int format)
{
    if (p->err != ERR_OK) {
        return;
    }
    if (p->count == DB_PARAMS_MAX || length > INT32_MAX) {
        p->err = ERR_BUF_FULL;
        return;
    }
    p->values[p->count] = value;
    p->lengths[p->count] = (int)length;
    p->formats[p->count] = format;
    p->count++;
}

void
db_null(struct db_params *p)
{
    add(p, NULL, 0, FORMAT_TEXT);
}

void
db_text(struct db_params *p, struct span value)
{
    const char *copy = NULL;
    enum err err = arena_cstr(p->arena, value, &copy);
    if (err != ERR_OK && p->err == ERR_OK) {
        p->err = err;
    }
    add(p, copy, value.len, FORMAT_TEXT);
}

void
db_text_or_null(struct db_params *p, struct span value)
{
    if (span_empty(value)) {
        db_null(p);
    } else {
        db_text(p, value);
    }
}

void
db_cstr(struct db_params *p, const char *value)
{
    if (value == NULL) {
        db_null(p);
    } else {
        db_text(p, span_of(value));
    }
}

static void
add_built(struct db_params *p, enum err built, const struct buf *text)
{
    if (built != ERR_OK && p->err == ERR_OK) {
        p->err = built;
    }
    db_text(p, buf_span(text));
}

void
db_i64(struct db_params *p, int64_t value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    add_built(p, buf_i64(&text, value), &text);
}

void
db_bool(struct db_params *p, bool value)
{
    db_cstr(p, value ? "true" : "false");
}

/* Microseconds, as PostgreSQL keeps them: RFC 3339 to the second, then the rest. */
void
db_time(struct db_params *p, struct wall_time value)
{
    if (value.us == 0) {
        db_null(p);
        return;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    enum err err = wall_format_civil(value, 0, &text);
    if (err == ERR_OK) {
        err = buf_printf(&text, ".%06lldZ", (long long)(value.us % 1000000));
    }
    add_built(p, err, &text);
}

void
db_day(struct db_params *p, struct day value)
{
    if (value.year == 0) {
        db_null(p);
        return;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    add_built(p, day_format(value, &text), &text);
}

void
db_bytes(struct db_params *p, struct span value)
{
    struct span copy = value;
    enum err err = arena_copy(p->arena, value, &copy);
    if (err != ERR_OK && p->err == ERR_OK) {
        p->err = err;
    }
    add(p, (const char *)copy.at, copy.len, FORMAT_BINARY);
}
