/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <string.h>

#include "clock.h"

#define NAME_MAX_BYTES 64
#define HASH_CHARS     ((size_t)SHA256_BYTES * 2)
#define NUMBER_CHARS   24
#define TIME_MAX_CHARS 32

enum kind { FORM, NAME, DAY, TIME, HASH, NUMBER, ZERO, CELL, OR_NULL = 16 };
#define NAME_OR_NULL   (NAME | OR_NULL)
#define TIME_OR_NULL   (TIME | OR_NULL)
#define HASH_OR_NULL   (HASH | OR_NULL)
#define NUMBER_OR_NULL (NUMBER | OR_NULL)

static const struct {
    const char *name;
    unsigned kind;
} fields[CERTIFICATE_FIELD_COUNT] = {
#define CERTIFICATE(word, of) [CERTIFICATE_##word] = { .name = #word, .kind = of },
#include "certificate.def"
#undef CERTIFICATE
};

const char *
certificate_name(enum certificate_field field)
{
    return fields[field].name;
}

static enum kind
kind_of(enum certificate_field field)
{
    return (enum kind)(fields[field].kind & ~(unsigned)OR_NULL);
}

enum certificate_shape
certificate_shape(enum certificate_field field)
{
    switch (kind_of(field)) {
    case NUMBER:
    case ZERO:
        return CERTIFICATE_NUMBER;
    case CELL:
        return CERTIFICATE_CELL;
    case FORM:
    case NAME:
    case DAY:
    case TIME:
    case HASH:
    case OR_NULL:
        break;
    }
    return CERTIFICATE_TEXT;
}

/* A number has one form only: no blank, sign or zero too many. */
static bool
read_number(struct span text, int64_t *out)
{
    DEFER(buf_fini) struct buf again = BUF_MAX(NUMBER_CHARS);
    return span_to_i64(text, INT64_MIN, INT64_MAX, out) == ERR_OK && buf_i64(&again, *out) == ERR_OK
           && span_eq(buf_span(&again), text);
}

static bool
read_cell(struct span text, int64_t *count, int64_t *fen)
{
    struct span first;
    if (text.len < 2 || text.at[0] != '[' || text.at[text.len - 1] != ']') {
        return false;
    }
    struct span rest = span_sub(text, 1, text.len - 2);
    return span_cut(&rest, ',', &first) && read_number(first, count) && read_number(rest, fen)
           && *count >= 0;
}

static bool
is_hash(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (!digit && (text.at[i] < 'a' || text.at[i] > 'f')) {
            return false;
        }
    }
    return text.len == HASH_CHARS;
}

/* Printable ASCII without blank, quotation mark and backslash: nothing that JSON would have to escape. */
static bool
is_name(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] > '~' || text.at[i] == '"' || text.at[i] == '\\') {
            return false;
        }
    }
    return text.len > 0 && text.len <= NAME_MAX_BYTES;
}

static bool
is_day(struct span text)
{
    struct day day;
    DEFER(buf_fini) struct buf again = BUF_MAX(TIME_MAX_CHARS);
    return day_parse(text, &day) == ERR_OK && day_format(day, &again) == ERR_OK
           && span_eq(buf_span(&again), text);
}

static bool
is_time(struct span text)
{
    struct wall_time time;
    DEFER(buf_fini) struct buf again = BUF_MAX(TIME_MAX_CHARS);
    return wall_parse(text, &time) == ERR_OK && wall_format(time, &again) == ERR_OK
           && span_eq(buf_span(&again), text);
}

static bool
string_fits(enum kind kind, struct span text)
{
    switch (kind) {
    case FORM:
        return span_eq_cstr(text, CERTIFICATE_FORM) || span_eq_cstr(text, CERTIFICATE_FORM_CARRIED);
    case NAME:
        return is_name(text);
    case DAY:
        return is_day(text);
    case TIME:
        return is_time(text);
    case HASH:
        return is_hash(text);
    case NUMBER:
    case ZERO:
    case CELL:
    case OR_NULL:
        break;
    }
    return false;
}

static struct span
inside(struct span value)
{
    bool quoted = value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"';
    return quoted ? span_sub(value, 1, value.len - 2) : span_sub(value, 0, 0);
}

static bool
is_null(struct span value)
{
    return span_eq_cstr(value, "null");
}

static bool
fits(enum certificate_field field, struct span value)
{
    int64_t count;
    int64_t number;
    if (is_null(value)) {
        return (fields[field].kind & OR_NULL) != 0;
    }
    switch (certificate_shape(field)) {
    case CERTIFICATE_CELL:
        return read_cell(value, &count, &number);
    case CERTIFICATE_NUMBER:
        return read_number(value, &number) && (kind_of(field) != ZERO || number == 0);
    case CERTIFICATE_TEXT:
        break;
    }
    return string_fits(kind_of(field), inside(value));
}

static bool
is_carried(enum certificate_field field)
{
    return field == CERTIFICATE_early_out || field == CERTIFICATE_early_in;
}

static bool
carries(const struct certificate *certificate)
{
    return !span_eq_cstr(certificate->values[CERTIFICATE_early_out], "[0,0]")
           || !span_eq_cstr(certificate->values[CERTIFICATE_early_in], "[0,0]");
}

static bool
has_second_form(const struct certificate *certificate)
{
    return span_eq_cstr(inside(certificate->values[CERTIFICATE_form]), CERTIFICATE_FORM_CARRIED);
}

void
certificate_set_form(struct certificate *certificate)
{
    certificate->values[CERTIFICATE_form] = carries(certificate)
                                                ? SPAN_LIT("\"" CERTIFICATE_FORM_CARRIED "\"")
                                                : SPAN_LIT("\"" CERTIFICATE_FORM "\"");
}

static enum err
put_member(struct buf *out, enum certificate_field field, struct span value)
{
    TRY(buf_byte(out, field == 0 ? '{' : ','));
    TRY(buf_printf(out, "\"%s\":", fields[field].name));
    return buf_append(out, value);
}

enum err
certificate_write(const struct certificate *certificate, struct buf *out)
{
    bool second = has_second_form(certificate);
    if (second != carries(certificate)) {
        return ERR_FIELD_VALUE;
    }
    for (int i = 0; i < CERTIFICATE_FIELD_COUNT; i++) {
        enum certificate_field field = (enum certificate_field)i;
        if (!fits(field, certificate->values[field])) {
            return ERR_FIELD_VALUE;
        }
        if (second || !is_carried(field)) {
            TRY(put_member(out, field, certificate->values[field]));
        }
    }
    return buf_byte(out, '}');
}

/* Takes `word` off the beginning. */
static bool
take(struct span *text, const char *word)
{
    size_t len = strlen(word);
    if (text->len < len || memcmp(text->at, word, len) != 0) {
        return false;
    }
    *text = span_sub(*text, len, text->len - len);
    return true;
}

/* Up to the comma or brace behind the value; a cell has one comma inside, and no string holds any of both that matters. */
static struct span
take_value(struct span *text)
{
    size_t end = 0;
    unsigned char closing = text->len > 0 ? text->at[0] : 0;
    if (closing == '"' || closing == '[') {
        struct span rest = span_sub(*text, 1, text->len - 1);
        end = span_index(rest, closing == '"' ? '"' : ']') + 2;
    } else {
        while (end < text->len && text->at[end] != ',' && text->at[end] != '}') {
            end++;
        }
    }
    end = end > text->len ? text->len : end;
    struct span value = span_sub(*text, 0, end);
    *text = span_sub(*text, end, text->len - end);
    return value;
}

static bool
take_member(struct span *text, enum certificate_field field, struct span *value)
{
    if (!take(text, field == 0 ? "{\"" : ",\"") || !take(text, fields[field].name)
        || !take(text, "\":")) {
        return false;
    }
    *value = take_value(text);
    return fits(field, *value);
}

enum err
certificate_read(struct span text, struct certificate *out)
{
    struct certificate certificate = { .values = { { 0 } } };
    for (int i = 0; i < CERTIFICATE_FIELD_COUNT; i++) {
        enum certificate_field field = (enum certificate_field)i;
        if (is_carried(field) && !has_second_form(&certificate)) {
            certificate.values[field] = SPAN_LIT("[0,0]");
        } else if (!take_member(&text, field, &certificate.values[field])) {
            return ERR_FIELD_VALUE;
        }
    }
    if (!span_eq_cstr(text, "}") || has_second_form(&certificate) != carries(&certificate)) {
        return ERR_FIELD_VALUE;
    }
    *out = certificate;
    return ERR_OK;
}

struct span
certificate_string(const struct certificate *certificate, enum certificate_field field)
{
    return inside(certificate->values[field]);
}

int64_t
certificate_number(const struct certificate *certificate, enum certificate_field field)
{
    int64_t number = 0;
    return read_number(certificate->values[field], &number) ? number : 0;
}

bool
certificate_people_fit(const struct certificate *certificate)
{
    static const enum certificate_field people[] = {
        CERTIFICATE_prepared_by, CERTIFICATE_prepared_at,    CERTIFICATE_signed_by,
        CERTIFICATE_signed_at,   CERTIFICATE_signoff_sha256,
    };
    const size_t count = sizeof(people) / sizeof(people[0]);
    size_t nulls = 0;
    for (size_t i = 0; i < count; i++) {
        nulls += is_null(certificate->values[people[i]]) ? 1 : 0;
    }
    return nulls == count
           || (nulls == 0
               && !span_eq(certificate->values[CERTIFICATE_prepared_by],
                           certificate->values[CERTIFICATE_signed_by]));
}
