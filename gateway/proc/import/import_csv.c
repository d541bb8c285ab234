/* SPDX-License-Identifier: Apache-2.0 */
#include "import_csv.h"

#include <stdlib.h>
#include <string.h>

#include "csv_read.h"

#define LINE_MAX_BYTES ((size_t)64 * 1024)

enum form { FORM_TEXT, FORM_WHOLE };
enum folder { FOLDER_TOP, FOLDER_ORDER, FOLDER_PROFILE, FOLDER_COUNT };

struct column {
    const struct import_kind *kind;
    const char *name;
    enum folder folder;
    enum form form;
};

static const struct column columns[] = {
#define COLUMN(kind, name, folder, form) { &import_##kind, #name, FOLDER_##folder, FORM_##form },
#include "import_columns.def"
#undef COLUMN
};

/* Names of the folders within what is above them. */
static const struct {
    const char *name;
    enum folder above;
} folders[FOLDER_COUNT] = {
    [FOLDER_TOP] = { "", FOLDER_TOP },
    [FOLDER_ORDER] = { "order", FOLDER_TOP },
    [FOLDER_PROFILE] = { "invoice", FOLDER_ORDER },
};

struct import_csv {
    struct csv_read *reader;
    const struct import_kind *kind;
    import_csv_line line;
    void *context;
    const struct column *header[CSV_READ_CELLS_MAX];
    size_t header_count;
    struct json_t *folders[FOLDER_COUNT]; /* of the record that is being read; the top is owned */
    char column[FAULT_FIELD_MAX];
};

static const struct column *
find_column(const struct import_kind *kind, struct span name)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (columns[i].kind == kind && span_eq_cstr(name, columns[i].name)) {
            return &columns[i];
        }
    }
    return NULL;
}

static bool
is_there(const struct import_csv *csv, const struct column *column)
{
    for (size_t i = 0; i < csv->header_count; i++) {
        if (csv->header[i] == column) {
            return true;
        }
    }
    return false;
}

static enum err
take_header(struct import_csv *csv, const struct span *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct span name = i < CSV_READ_CELLS_MAX ? span_trim(cells[i], " \t") : SPAN_LIT("");
        const struct column *column = find_column(csv->kind, name);
        if (column == NULL || is_there(csv, column)) {
            size_t len = name.len < sizeof(csv->column) - 1 ? name.len : sizeof(csv->column) - 1;
            memcpy(csv->column, name.at, len);
            csv->column[len] = 0;
            return ERR_IMPORT_HEADER;
        }
        csv->header[csv->header_count++] = column;
    }
    return ERR_OK;
}

/* The folder's object, which is there from the first cell in it on. */
static enum err
folder_of(struct import_csv *csv, enum folder folder, struct json_t **out)
{
    if (csv->folders[folder] == NULL) {
        struct json_t *made = NULL;
        struct json_t *above = NULL;
        if (folder != FOLDER_TOP) {
            TRY(folder_of(csv, folders[folder].above, &above));
        }
        TRY(json_new_object(&made));
        if (folder != FOLDER_TOP) {
            TRY(json_put(above, folders[folder].name, made));
        }
        csv->folders[folder] = made;
    }
    *out = csv->folders[folder];
    return ERR_OK;
}

static enum err
put_cell(struct import_csv *csv, const struct column *column, struct span cell)
{
    struct json_t *folder = NULL;
    int64_t whole = 0;
    TRY(folder_of(csv, column->folder, &folder));
    if (column->form == FORM_WHOLE && span_to_i64(cell, INT64_MIN, INT64_MAX, &whole) == ERR_OK) {
        return json_put_i64(folder, column->name, whole);
    }
    return json_put_string(folder, column->name,
                           cell); /* a number that is none is a wrong type there */
}

static enum err
put_record(struct import_csv *csv, const struct span *cells, size_t count, struct buf *line)
{
    struct json_t *top = NULL;
    if (count != csv->header_count) {
        return ERR_IMPORT_CELLS;
    }
    for (size_t i = 0; i < count; i++) {
        if (!span_empty(cells[i])) {
            TRY(put_cell(csv, csv->header[i], cells[i]));
        }
    }
    TRY(folder_of(csv, FOLDER_TOP, &top));
    return json_encode(top, line);
}

static enum err
take_record(void *context, int64_t number, const struct span *cells, size_t count)
{
    struct import_csv *csv = context;
    if (number == 1) {
        return take_header(csv, cells, count);
    }
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX_BYTES);
    enum err wrong = put_record(csv, cells, count, &line);
    json_free(&csv->folders[FOLDER_TOP]);
    memset(csv->folders, 0, sizeof(csv->folders));
    if (wrong == ERR_NO_MEMORY) {
        return wrong;
    }
    return csv->line(csv->context, number, wrong == ERR_OK ? buf_span(&line) : SPAN_LIT(""), wrong);
}

enum err
import_csv_new(const struct import_kind *kind, import_csv_line line, void *context,
               struct import_csv **out)
{
    DEFER(import_csv_free) struct import_csv *csv = calloc(1, sizeof(*csv));
    if (csv == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(csv_read_new(take_record, csv, &csv->reader));
    csv->kind = kind;
    csv->line = line;
    csv->context = context;
    *out = csv;
    csv = NULL;
    return ERR_OK;
}

void
import_csv_free(struct import_csv **csv)
{
    if (csv == NULL || *csv == NULL) {
        return;
    }
    csv_read_free(&(*csv)->reader);
    json_free(&(*csv)->folders[FOLDER_TOP]);
    free(*csv);
    *csv = NULL;
}

enum err
import_csv_bytes(struct import_csv *csv, struct span bytes)
{
    return csv_read_bytes(csv->reader, bytes);
}

enum err
import_csv_end(struct import_csv *csv)
{
    return csv_read_end(csv->reader);
}

const char *
import_csv_column(const struct import_csv *csv)
{
    return csv->column;
}

int64_t
import_csv_record(const struct import_csv *csv)
{
    return csv_read_number(csv->reader);
}
