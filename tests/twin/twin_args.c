/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "twin_internal.h"

#define FORMAT_BINARY 1

/* "2026-03-10 02:00:00.123456Z" as db_time writes it, or with the T of RFC 3339. */
static enum err
decode_time(struct span text, struct twin_value *out)
{
    char copy[40] = { 0 };
    struct wall_time time;
    if (text.len < 20 || text.len >= sizeof(copy)) {
        return ERR_TIME;
    }
    memcpy(copy, text.at, text.len);
    copy[10] = 'T';
    TRY(wall_parse(span_of(copy), &time));
    *out = (struct twin_value){ .type = TWIN_TIME, .number = time.us };
    return ERR_OK;
}

static enum err
decode_day(struct span text, struct twin_value *out)
{
    struct day day;
    TRY(day_parse(text, &day));
    *out = (struct twin_value){ .type = TWIN_DAY,
                                .number = day.year * 10000 + day.month * 100 + day.mday };
    return ERR_OK;
}

static enum err
decode_number(struct span text, struct twin_value *out)
{
    int64_t number = 0;
    TRY(span_to_i64(text, INT64_MIN, INT64_MAX, &number));
    *out = twin_i64(number);
    return ERR_OK;
}

static enum err
decode_bool(struct span text, struct twin_value *out)
{
    *out = twin_bool(span_eq_cstr(text, "true"));
    return twin_is((struct twin_value){ TWIN_TEXT, 0, text }, "true") || span_eq_cstr(text, "false")
               ? ERR_OK
               : ERR_FIELD_VALUE;
}

enum err
twin_decode(struct span text, enum twin_type type, struct arena *arena, struct twin_value *out)
{
    switch (type) {
    case TWIN_I64:
        return decode_number(text, out);
    case TWIN_BOOL:
        return decode_bool(text, out);
    case TWIN_TIME:
        return decode_time(text, out);
    case TWIN_DAY:
        return decode_day(text, out);
    case TWIN_TEXT:
    case TWIN_BYTES:
        out->type = type;
        return arena_copy(arena, text, &out->bytes);
    case TWIN_NULL:
        break;
    }
    return ERR_FIELD_VALUE;
}

struct twin_value
twin_arg(struct twin_args *args, enum twin_type type)
{
    struct twin_value value = { .type = TWIN_NULL };
    const struct db_params *params = args->params;
    int at = args->at++;
    if (params == NULL || at >= params->count) {
        args->err = ERR_DB_STATEMENT; /* the statement has more parameters than were given */
        return value;
    }
    if (params->values[at] == NULL) {
        return value;
    }
    struct span text = span_make(params->values[at], (size_t)params->lengths[at]);
    bool binary = params->formats[at] == FORMAT_BINARY;
    if (binary != (type == TWIN_BYTES) || (!binary && !span_is_utf8(text))
        || twin_decode(text, type, args->arena, &value) != ERR_OK) {
        args->err = ERR_DB_STATEMENT;
    }
    return value;
}
