/* SPDX-License-Identifier: Apache-2.0 */
#include "csv_read.h"

#include <csv.h>
#include <stdlib.h>

#include "buf.h"

#define RECORD_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define CELL_MAX_BYTES \
    ((size_t)1024 * 1024) /* the parser's own buffer, which grows by whole reads */
#define CELL_GROWS_BYTES ((size_t)16 * 1024)

struct csv_read {
    struct csv_parser parser;
    bool opened;
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

static struct span
without_mark(struct span text)
{
    struct span mark = SPAN_LIT("\xEF\xBB\xBF");
    return span_starts(text, mark) ? span_sub(text, mark.len, text.len) : text;
}

static void
on_cell(void *bytes, size_t len, void *context)
{
    struct csv_read *csv = context;
    struct span cell = span_make(bytes, len);
    if (csv->number == 1 && csv->count == 0) {
        cell = without_mark(cell);
    }
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
    buf_reset(&csv->bytes);
}

static enum err
parser_trouble(struct csv_read *csv)
{
    return csv_error(&csv->parser) == CSV_ENOMEM ? ERR_NO_MEMORY : ERR_IMPORT_CSV;
}

enum err
csv_read_bytes(struct csv_read *csv, struct span bytes)
{
    TRY(csv->err);
    size_t read = csv_parse(&csv->parser, bytes.at, bytes.len, on_cell, on_record, csv);
    TRY(csv->err);
    /* A quote that nobody closes makes one cell of the rest of the file. */
    bool overlong = csv_get_buffer_size(&csv->parser) > CELL_MAX_BYTES;
    if (read != bytes.len || overlong) {
        csv->err = parser_trouble(csv);
    }
    return csv->err;
}

enum err
csv_read_end(struct csv_read *csv)
{
    TRY(csv->err);
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
