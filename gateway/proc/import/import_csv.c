/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that knows libcsv. */
#include "import_csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX    64
#define LINE_MAX_BYTES ((size_t)64 * 1024)
#define CELL_MAX_BYTES \
    ((size_t)1024 * 1024) /* the parser's own buffer, which grows by whole reads */
#define CELL_GROWS_BYTES ((size_t)16 * 1024)

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
    struct csv_parser parser;
    bool opened;
    const struct import_kind *kind;
    import_csv_line line;
    void *context;
    int64_t record; /* 1: the header */
    size_t cell;
    const struct column *header[COLUMNS_MAX];
    size_t header_count;
    struct json_t *folders[FOLDER_COUNT]; /* of the record that is being read; the top is owned */
    enum err wrong;                       /* with that record */
    enum err err;                         /* with the file: nothing more is read */
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

static struct span
without_mark(struct span text)
{
    struct span mark = SPAN_LIT("\xEF\xBB\xBF");
    return span_starts(text, mark) ? span_sub(text, mark.len, text.len) : text;
}

static void
take_name(struct import_csv *csv, struct span cell)
{
    struct span name = span_trim(csv->cell == 0 ? without_mark(cell) : cell, " \t");
    const struct column *column = find_column(csv->kind, name);
    if (column == NULL || is_there(csv, column) || csv->header_count == COLUMNS_MAX) {
        size_t len = name.len < sizeof(csv->column) - 1 ? name.len : sizeof(csv->column) - 1;
        memcpy(csv->column, name.at, len);
        csv->column[len] = 0;
        csv->err = ERR_IMPORT_HEADER;
        return;
    }
    csv->header[csv->header_count++] = column;
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

static void
on_cell(void *bytes, size_t len, void *context)
{
    struct import_csv *csv = context;
    struct span cell = span_make(bytes, len);
    if (csv->err == ERR_OK && csv->record == 1) {
        take_name(csv, cell);
    } else if (csv->err == ERR_OK && csv->cell >= csv->header_count) {
        csv->wrong = ERR_IMPORT_CELLS;
    } else if (csv->err == ERR_OK && csv->wrong == ERR_OK && cell.len > 0) {
        csv->wrong = put_cell(csv, csv->header[csv->cell], cell);
    }
    csv->cell++;
}

static enum err
give_record(struct import_csv *csv)
{
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX_BYTES);
    struct json_t *top = NULL;
    enum err wrong = csv->wrong;
    if (wrong == ERR_OK && csv->cell != csv->header_count) {
        wrong = ERR_IMPORT_CELLS;
    }
    if (wrong == ERR_OK) {
        wrong = folder_of(csv, FOLDER_TOP, &top);
    }
    if (wrong == ERR_OK) {
        wrong = json_encode(top, &line);
    }
    if (wrong == ERR_NO_MEMORY) {
        return wrong;
    }
    return csv->line(csv->context, csv->record, wrong == ERR_OK ? buf_span(&line) : SPAN_LIT(""),
                     wrong);
}

static void
forget_record(struct import_csv *csv)
{
    json_free(&csv->folders[FOLDER_TOP]);
    memset(csv->folders, 0, sizeof(csv->folders));
    csv->wrong = ERR_OK;
    csv->cell = 0;
    csv->record++;
}

static void
on_record(int end, void *context)
{
    (void)end;
    struct import_csv *csv = context;
    if (csv->err == ERR_OK && csv->record > 1) {
        csv->err = give_record(csv);
    }
    forget_record(csv);
}

enum err
import_csv_new(const struct import_kind *kind, import_csv_line line, void *context,
               struct import_csv **out)
{
    DEFER(import_csv_free) struct import_csv *csv = calloc(1, sizeof(*csv));
    if (csv == NULL || csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return ERR_NO_MEMORY;
    }
    csv_set_blk_size(&csv->parser, CELL_GROWS_BYTES);
    csv->opened = true;
    csv->kind = kind;
    csv->line = line;
    csv->context = context;
    csv->record = 1;
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
    if ((*csv)->opened) {
        csv_free(&(*csv)->parser);
    }
    json_free(&(*csv)->folders[FOLDER_TOP]);
    free(*csv);
    *csv = NULL;
}

static enum err
parser_trouble(struct import_csv *csv)
{
    return csv_error(&csv->parser) == CSV_ENOMEM ? ERR_NO_MEMORY : ERR_IMPORT_CSV;
}

enum err
import_csv_bytes(struct import_csv *csv, struct span bytes)
{
    size_t read = csv_parse(&csv->parser, bytes.at, bytes.len, on_cell, on_record, csv);
    TRY(csv->err);
    /* A quote that nobody closes makes one cell of the rest of the file. */
    bool overlong = csv_get_buffer_size(&csv->parser) > CELL_MAX_BYTES;
    return read == bytes.len && !overlong ? ERR_OK : parser_trouble(csv);
}

enum err
import_csv_end(struct import_csv *csv)
{
    if (csv_fini(&csv->parser, on_cell, on_record, csv) != 0) {
        return parser_trouble(csv);
    }
    return csv->err;
}

const char *
import_csv_column(const struct import_csv *csv)
{
    return csv->column;
}

int64_t
import_csv_record(const struct import_csv *csv)
{
    return csv->record;
}
