/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "twin_table.h"

struct twin_value
twin_i64(int64_t value)
{
    return (struct twin_value){ .type = TWIN_I64, .number = value };
}

struct twin_value
twin_bool(bool value)
{
    return (struct twin_value){ .type = TWIN_BOOL, .number = value };
}

struct twin_value
twin_time(struct wall_time value)
{
    return (struct twin_value){ .type = value.us == 0 ? TWIN_NULL : TWIN_TIME, .number = value.us };
}

struct twin_value
twin_text(const char *value)
{
    return (struct twin_value){ .type = value == NULL ? TWIN_NULL : TWIN_TEXT,
                                .bytes = span_of(value) };
}

struct twin_value
twin_span(struct span value)
{
    return (struct twin_value){ .type = TWIN_TEXT, .bytes = value };
}

struct twin_value
twin_bytes(const unsigned char *at, size_t len)
{
    return (struct twin_value){ .type = TWIN_BYTES, .bytes = span_make(at, len) };
}

bool
twin_same(struct twin_value a, struct twin_value b)
{
    return a.type == b.type
           && (a.type == TWIN_NULL || (a.number == b.number && span_eq(a.bytes, b.bytes)));
}

bool
twin_eq(struct twin_value a, struct twin_value b)
{
    return a.type != TWIN_NULL && twin_same(a, b);
}

bool
twin_is(struct twin_value value, const char *text)
{
    return value.type == TWIN_TEXT && span_eq_cstr(value.bytes, text);
}

bool
twin_some(struct twin_value value)
{
    return value.type != TWIN_NULL;
}

struct twin_value
twin_either(struct twin_value first, struct twin_value second)
{
    return first.type != TWIN_NULL ? first : second;
}

struct twin_value
twin_day_in_china(struct twin_value at)
{
    struct day day = day_of((struct wall_time){ .us = at.number }, ZONE_CHINA_MIN);
    return (struct twin_value){ .type = TWIN_DAY,
                                .number = day.year * 10000 + day.month * 100 + day.mday };
}
