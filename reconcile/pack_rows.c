/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_rows.h"

#include <string.h>

#include "csv_read.h"
#include "file.h"
#include "marks.h"

#define RECORD_MAX_BYTES ((size_t)4 * 1024 * 1024)

/* Every record ends with its line: no quote could hold a line end, and no CR stands alone. */
static bool
ends_with_lines(struct span lines)
{
    static const unsigned char wanted[4] = { '"', '\r', '"', '\r' };
    struct marks marks = marks_of(lines, 0, wanted);
    for (size_t at = marks_next(&marks); at < lines.len; at = marks_next(&marks)) {
        if (lines.at[at] == '"' || at + 1 == lines.len || lines.at[at + 1] != '\n') {
            return false;
        }
    }
    return lines.at[lines.len - 1] == '\n';
}

/* The next lines, as many as are brought in at once, or one that is longer; what is behind the last LF of the file, too. */
static struct span
next_lines(struct span rest)
{
    struct span part = span_sub(rest, 0, FILE_SOON_BYTES);
    file_soon(part);
    const unsigned char *last = memrchr(part.at, '\n', part.len);
    size_t len = last != NULL ? (size_t)(last - part.at) + 1
                              : part.len + span_index(span_sub(rest, part.len, rest.len), '\n') + 1;
    return span_sub(rest, 0, len);
}

static bool
is_plain(struct span bytes)
{
    for (struct span rest = bytes; rest.len > 0;) {
        struct span lines = next_lines(rest);
        if (!ends_with_lines(lines) || !span_is_utf8(lines)) {
            return false;
        }
        rest = span_sub(rest, lines.len, rest.len);
    }
    return bytes.len > 0;
}

/* The names of the columns, which is what the first record must be. */
struct header {
    const struct pack_column *own;
    size_t width;
    bool known;
};

static enum err
take_header(void *context, int64_t number, const struct span *cells, size_t count)
{
    struct header *header = context;
    (void)number;
    header->known = count == header->width;
    for (size_t i = 0; header->known && i < count; i++) {
        header->known = span_eq_cstr(cells[i], header->own[i].name);
    }
    return ERR_OK;
}

bool
pack_rows_open(enum pack_list list, struct span bytes, struct pack_rows *out)
{
    struct header header = { .known = false };
    struct span line = span_sub(bytes, 0, span_index(bytes, '\n') + 1);
    int64_t number = 1;
    *out = (struct pack_rows){ .list = list, .bytes = bytes, .first = line.len };
    header.width = pack_list_columns(list, &header.own);
    return is_plain(bytes) && csv_read_plain(&line, &number, take_header, &header) == ERR_OK
           && header.known;
}

/* The first cells of a line; false when it has none at all, and then it is no record. */
static bool
cut_keys(struct span line, struct span keys[PACK_ROWS_KEYS])
{
    size_t count = 0;
    for (size_t from = 0; from <= line.len && count < PACK_ROWS_KEYS;) {
        size_t at = marks_first(line, from, ',', ',');
        keys[count++] = csv_read_bare(span_make(line.at + from, at - from));
        from = at + 1;
    }
    bool record = count > 1 || !span_empty(keys[0]);
    while (count < PACK_ROWS_KEYS) {
        keys[count++] = span_make(NULL, 0);
    }
    return record;
}

enum err
pack_rows_scan(const struct pack_rows *rows, pack_rows_key each, void *context)
{
    size_t from = rows->first;
    while (from < rows->bytes.len) {
        struct span keys[PACK_ROWS_KEYS];
        struct span rest = span_make(rows->bytes.at + from, rows->bytes.len - from);
        size_t len = span_index(rest, '\n');
        if (len > RECORD_MAX_BYTES) {
            return ERR_BUF_FULL;
        }
        if (cut_keys(csv_read_line(span_make(rest.at, len)), keys)) {
            TRY(each(context, (struct pack_range){ from, len + 1 }, keys));
        }
        from += len + 1;
    }
    return ERR_OK;
}
