/* SPDX-License-Identifier: Apache-2.0 */
#include "csv_read.h"

#include <csv.h>
#include <stdlib.h>

#include "buf.h"
#include "marks.h"

#define RECORD_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define CELL_MAX_BYTES \
    ((size_t)1024 * 1024) /* the parser's own buffer, which grows by whole reads */
#define CELL_GROWS_BYTES ((size_t)16 * 1024)

/* Of byte order, at the beginning of a file. */
static const struct span mark = SPAN("\xEF\xBB\xBF");

/* Records without a quote, which are nearly all, are cut where their bytes are; libcsv reads those with one, and those
 * that do not end in the bytes at hand. */
struct csv_read {
    struct csv_parser parser;
    bool opened;
    bool begun;    /* what may be the mark of byte order is over */
    size_t marked; /* bytes of it that are read */
    bool inside;   /* the parser has the beginning of a record */
    csv_read_record record;
    void *context;
    int64_t number;
    struct buf bytes; /* the cells of the record, one behind the other */
    size_t ends[CSV_READ_CELLS_MAX];
    size_t count;
    enum err err;
};

enum err
csv_read_new(csv_read_record record, void *context, struct csv_read **out)
{
    DEFER(csv_read_free) struct csv_read *csv = calloc(1, sizeof(*csv));
    if (csv == NULL || csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return ERR_NO_MEMORY;
    }
    csv_set_blk_size(&csv->parser, CELL_GROWS_BYTES);
    csv->opened = true;
    csv->record = record;
    csv->context = context;
    csv->number = 1;
    buf_init(&csv->bytes, RECORD_MAX_BYTES);
    *out = csv;
    csv = NULL;
    return ERR_OK;
}

void
csv_read_free(struct csv_read **csv)
{
    if (csv == NULL || *csv == NULL) {
        return;
    }
    if ((*csv)->opened) {
        csv_free(&(*csv)->parser);
    }
    buf_fini(&(*csv)->bytes);
    free(*csv);
    *csv = NULL;
}

static void
on_cell(void *bytes, size_t len, void *context)
{
    struct csv_read *csv = context;
    struct span cell = span_make(bytes, len);
    if (csv->err == ERR_OK && csv->count < CSV_READ_CELLS_MAX) {
        csv->err = buf_append(&csv->bytes, cell);
        csv->ends[csv->count] = csv->bytes.len;
    }
    csv->count++;
}

static void
on_record(int end, void *context)
{
    (void)end;
    struct csv_read *csv = context;
    struct span cells[CSV_READ_CELLS_MAX];
    size_t from = 0;
    for (size_t i = 0; i < csv->count && i < CSV_READ_CELLS_MAX; i++) {
        cells[i] = span_sub(buf_span(&csv->bytes), from, csv->ends[i] - from);
        from = csv->ends[i];
    }
    if (csv->err == ERR_OK) {
        csv->err = csv->record(csv->context, csv->number, cells, csv->count);
    }
    if (csv->err == ERR_OK) {
        csv->number++;
    }
    csv->count = 0;
    csv->inside = false;
    buf_reset(&csv->bytes);
}

static enum err
parser_trouble(struct csv_read *csv)
{
    return csv_error(&csv->parser) == CSV_ENOMEM ? ERR_NO_MEMORY : ERR_IMPORT_CSV;
}

/* Who takes records without quotes, and the number of the next one. */
struct plain {
    csv_read_record record;
    void *context;
    int64_t *number;
};

/* The cells of a record without quotes, which has so many bytes. */
static enum err
plain_record(const struct plain *plain, struct span *cells, size_t count, size_t bytes)
{
    size_t known = count < CSV_READ_CELLS_MAX ? count : CSV_READ_CELLS_MAX;
    if (bytes > RECORD_MAX_BYTES) {
        return ERR_BUF_FULL;
    }
    for (size_t i = 0; bytes > CELL_MAX_BYTES && i < known; i++) {
        if (cells[i].len > CELL_MAX_BYTES) {
            return ERR_IMPORT_CSV;
        }
    }
    TRY(plain->record(plain->context, *plain->number, cells, count));
    ++*plain->number;
    return ERR_OK;
}

static enum err
plain_records(struct span *rest, int64_t *number, csv_read_record record, void *context)
{
    static const unsigned char wanted[4] = { ',', '\n', '\r', '"' };
    const struct plain plain = { record, context, number };
    struct span text = *rest;
    struct span cells[CSV_READ_CELLS_MAX];
    struct marks marks = marks_of(text, 0, wanted);
    size_t begin = 0; /* of the record */
    size_t from = 0;  /* of the cell */
    size_t count = 0;
    for (size_t at = marks_next(&marks); at < text.len && text.at[at] != '"';
         at = marks_next(&marks)) {
        struct span cell = csv_read_bare(span_make(text.at + from, at - from));
        bool ends = text.at[at] != ',';
        from = at + 1;
        if (!ends || count > 0 || cell.len > 0) {
            if (count < CSV_READ_CELLS_MAX) {
                cells[count] = cell;
            }
            count++;
        }
        if (ends && count > 0) {
            TRY(plain_record(&plain, cells, count, at - begin));
            count = 0;
        }
        begin = ends ? from : begin;
    }
    *rest = span_sub(text, begin, text.len);
    return ERR_OK;
}

enum err
csv_read_plain(struct span *rest, int64_t *number, csv_read_record record, void *context)
{
    if (*number == 1 && span_starts(*rest, mark)) {
        *rest = span_sub(*rest, mark.len, rest->len);
    }
    return plain_records(rest, number, record, context);
}

static enum err
parser_bytes(struct csv_read *csv, struct span bytes)
{
    size_t read = csv_parse(&csv->parser, bytes.at, bytes.len, on_cell, on_record, csv);
    TRY(csv->err);
    /* A quote that nobody closes makes one cell of the rest of the file. */
    bool overlong = csv_get_buffer_size(&csv->parser) > CELL_MAX_BYTES;
    return read == bytes.len && !overlong ? ERR_OK : parser_trouble(csv);
}

/* Gives the parser lines until the record is over; *rest is what follows it. */
static enum err
parser_record(struct csv_read *csv, struct span *rest)
{
    static const unsigned char wanted[4] = { '\n', '\n', '\r', '\r' };
    struct span text = *rest;
    struct marks marks = marks_of(text, 0, wanted);
    size_t from = 0;
    csv->inside = true;
    while (csv->inside && from < text.len) {
        size_t at = marks_next(&marks);
        size_t to = at < text.len ? at + 1 : text.len;
        TRY(parser_bytes(csv, span_make(text.at + from, to - from)));
        from = to;
    }
    *rest = span_sub(text, from, text.len);
    return ERR_OK;
}

static enum err
read_bytes(struct csv_read *csv, struct span bytes)
{
    struct span rest = bytes;
    while (rest.len > 0) {
        if (!csv->inside) {
            TRY(plain_records(&rest, &csv->number, csv->record, csv->context));
        }
        if (rest.len > 0) {
            TRY(parser_record(csv, &rest));
        }
    }
    return ERR_OK;
}

/* What began like the mark and is none is read like all else. */
static enum err
begin(struct csv_read *csv)
{
    csv->begun = true;
    return csv->marked < mark.len ? read_bytes(csv, span_sub(mark, 0, csv->marked)) : ERR_OK;
}

static enum err
read_all(struct csv_read *csv, struct span bytes)
{
    size_t at = 0;
    while (!csv->begun && at < bytes.len) {
        bool fits = csv->marked < mark.len && bytes.at[at] == mark.at[csv->marked];
        csv->marked += fits ? 1 : 0;
        at += fits ? 1 : 0;
        TRY(fits ? ERR_OK : begin(csv));
    }
    return read_bytes(csv, span_sub(bytes, at, bytes.len));
}

enum err
csv_read_bytes(struct csv_read *csv, struct span bytes)
{
    TRY(csv->err);
    csv->err = read_all(csv, bytes);
    return csv->err;
}

enum err
csv_read_end(struct csv_read *csv)
{
    TRY(csv->err);
    TRY(csv->begun ? ERR_OK : begin(csv));
    if (csv_fini(&csv->parser, on_cell, on_record, csv) != 0) {
        return parser_trouble(csv);
    }
    return csv->err;
}

int64_t
csv_read_number(const struct csv_read *csv)
{
    return csv->number;
}
