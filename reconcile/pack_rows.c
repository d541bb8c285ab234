/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_rows.h"

#include <string.h>

#include "csv_read.h"
#include "marks.h"

#define RECORD_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define CELL_MAX_BYTES   ((size_t)1024 * 1024)

/* Every record ends with its line: no quote could hold a line end, and no CR stands alone. */
static bool
ends_with_lines(struct span bytes)
{
    static const unsigned char wanted[4] = { '"', '\r', '"', '\r' };
    struct marks marks = marks_of(bytes, 0, wanted);
    for (size_t at = marks_next(&marks); at < bytes.len; at = marks_next(&marks)) {
        if (bytes.at[at] == '"' || at + 1 == bytes.len || bytes.at[at + 1] != '\n') {
            return false;
        }
    }
    return bytes.len > 0 && bytes.at[bytes.len - 1] == '\n';
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
    return ends_with_lines(bytes) && span_is_utf8(bytes)
           && csv_read_plain(&line, &number, take_header, &header) == ERR_OK && header.known;
}

/* What stands before the LF of a line, without its CR. */
static inline struct span
before_end(struct span line)
{
    bool cr = line.len > 0 && line.at[line.len - 1] == '\r';
    return span_make(line.at, line.len - (cr ? 1 : 0));
}

/* The first cells of a line; false when it has none at all, and then it is no record. */
static bool
cut_keys(struct span line, struct span keys[PACK_ROWS_KEYS])
{
    size_t count = 0;
    size_t from = 0;
    for (size_t at = 0; at <= line.len && count < PACK_ROWS_KEYS; at++) {
        if (at == line.len || line.at[at] == ',') {
            keys[count++] = csv_read_bare(span_make(line.at + from, at - from));
            from = at + 1;
        }
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
        if (cut_keys(before_end(span_make(rest.at, len)), keys)) {
            TRY(each(context, (struct pack_range){ from, len + 1 }, keys));
        }
        from += len + 1;
    }
    return ERR_OK;
}

struct reading {
    const struct pack_column *own;
    size_t width;
    size_t size;
    struct pack_memo *memo;
    struct buf *out;
    const char *column; /* that is being read, */
    struct span record; /* of this one, from its first cell to its last */
};

/* For short texts, of which there is one for each cell: no call. */
static inline bool
same_bytes(const unsigned char *a, const unsigned char *b, size_t len)
{
    uint64_t x[2] = { 0, 0 };
    uint64_t y[2] = { 0, 0 };
    if (len > sizeof(x)) {
        return memcmp(a, b, len) == 0;
    }
    if (len >= sizeof(x[0])) {
        memcpy(&x[0], a, sizeof(x[0]));
        memcpy(&y[0], b, sizeof(y[0]));
        memcpy(&x[1], a + len - sizeof(x[1]), sizeof(x[1]));
        memcpy(&y[1], b + len - sizeof(y[1]), sizeof(y[1]));
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    unsigned differ = 0;
    for (size_t i = 0; i < len; i++) {
        differ |= (unsigned)(a[i] ^ b[i]);
    }
    return differ == 0;
}

static inline bool
says_the_same(struct span above, struct span cell)
{
    return above.len == cell.len && above.at != NULL && same_bytes(above.at, cell.at, cell.len);
}

/* A cell that is no text, and says something else than the one above. */
static enum err
read_cell(struct reading *reading, size_t i, struct span cell)
{
    struct pack_memo *memo = reading->memo;
    const struct pack_column *column = &reading->own[i];
    memo->cells[i] = span_make(NULL, 0);
    reading->column = column->name;
    TRY(pack_cell_read(column->cell, cell, NULL, memo->row + column->offset));
    memo->cells[i] = cell;
    return ERR_OK;
}

static inline enum err
take_cell(struct reading *reading, size_t i, struct span cell)
{
    const struct pack_column *column = &reading->own[i];
    if (column->cell == PACK_TEXT) {
        memcpy(reading->memo->row + column->offset, &cell, sizeof(cell));
        return ERR_OK;
    }
    return says_the_same(reading->memo->cells[i], cell) ? ERR_OK : read_cell(reading, i, cell);
}

static inline enum err
take_row(const struct reading *reading)
{
    unsigned char *room = NULL;
    TRY(buf_reserve(reading->out, reading->size, &room));
    memcpy(room, reading->memo->row, reading->size);
    buf_grew(reading->out, reading->size);
    return ERR_OK;
}

/* Cell by cell into rows, in one way through the bytes. *whole is false where a record is not what it should be. */
static enum err
read_records(struct reading *reading, struct span text, bool *whole)
{
    static const unsigned char wanted[4] = { ',', '\n', ',', '\n' };
    struct marks marks = marks_of(text, 0, wanted);
    size_t from = 0;
    size_t count = 0;
    *whole = true;
    for (size_t at = marks_next(&marks); at < text.len; at = marks_next(&marks)) {
        struct span said = span_make(text.at + from, at - from);
        bool ends = text.at[at] == '\n';
        struct span cell = csv_read_bare(ends ? before_end(said) : said);
        from = at + 1;
        if (ends && count == 0 && span_empty(cell)) {
            continue;
        }
        *whole = count < reading->width && cell.len <= CELL_MAX_BYTES
                 && take_cell(reading, count, cell) == ERR_OK
                 && ends == (count + 1 == reading->width);
        if (!*whole) {
            return ERR_OK;
        }
        count = ends ? 0 : count + 1;
        if (ends) {
            TRY(take_row(reading));
        }
    }
    return ERR_OK;
}

/* The slow way, to tell what is wrong. */
static enum err
take_record(void *context, int64_t number, const struct span *cells, size_t count)
{
    struct reading *reading = context;
    (void)number;
    reading->column = "";
    const struct span *last = &cells[(count < CSV_READ_CELLS_MAX ? count : CSV_READ_CELLS_MAX) - 1];
    reading->record = span_make(cells[0].at, (size_t)(last->at + last->len - cells[0].at));
    if (count != reading->width) {
        return ERR_IMPORT_CELLS;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(take_cell(reading, i, cells[i]));
    }
    return ERR_OK;
}

void
pack_memo_forget(struct pack_memo *memo)
{
    memset(memo->cells, 0, sizeof(memo->cells));
}

static enum err
count_record(void *context, int64_t number, const struct span *cells, size_t count)
{
    (void)context;
    (void)number;
    (void)cells;
    (void)count;
    return ERR_OK;
}

/* Where in the file a record stands that has these bytes and begins a line. */
static size_t
find_record(struct span bytes, struct span record)
{
    size_t from = 0;
    for (;;) {
        size_t at = from + span_find(span_sub(bytes, from, bytes.len), record);
        if (at == 0 || at >= bytes.len || bytes.at[at - 1] == '\n' || bytes.at[at - 1] == ' '
            || bytes.at[at - 1] == '\t') {
            return at;
        }
        from = at + 1;
    }
}

/* Its number: the header has the first. What stands before it was read without trouble. */
static int64_t
number_of(const struct pack_rows *rows, struct span record)
{
    int64_t number = 1;
    struct span before = span_sub(rows->bytes, 0, find_record(rows->bytes, record));
    return csv_read_plain(&before, &number, count_record, NULL) == ERR_OK ? number : 1;
}

/* What is wrong with one of the records, and where it stands. */
static enum err
tell_fault(const struct pack_rows *rows, struct span records, struct reading *reading,
           struct pack_place *where)
{
    int64_t number = 2; /* not the first of a file, which could have a mark */
    enum err err = csv_read_plain(&records, &number, take_record, reading);
    *where = (struct pack_place){ .file = pack_list_file(rows->list),
                                  .record = number_of(rows, reading->record),
                                  .column = reading->column };
    return err == ERR_OK ? ERR_INTERNAL : err;
}

enum err
pack_rows_read(const struct pack_rows *rows, struct span records, struct pack_memo *memo,
               struct buf *out, struct pack_place *where)
{
    struct reading reading = {
        .size = pack_list_row_size(rows->list), .memo = memo, .out = out, .column = ""
    };
    bool whole = true;
    reading.width = pack_list_columns(rows->list, &reading.own);
    TRY(read_records(&reading, records, &whole));
    return whole ? ERR_OK : tell_fault(rows, records, &reading, where);
}
