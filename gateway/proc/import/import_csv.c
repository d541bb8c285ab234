/* SPDX-License-Identifier: Apache-2.0 */
#include "import_csv.h"

#include <stdlib.h>
#include <string.h>

#include "csv_read.h"

#define LINE_MAX_BYTES ((size_t)64 * 1024)

enum form { FORM_TEXT, FORM_WHOLE, FORM_FLAG };
enum folder {
    FOLDER_TOP,
    FOLDER_ORDER,
    FOLDER_PROFILE,
    FOLDER_CONFIRMATION,
    FOLDER_ALLOCATION,
    FOLDER_ITEM,
    FOLDER_COUNT
};

struct column {
    const struct import_kind *kind;
    const char *name;
    enum folder folder;
    const char *member;
    enum form form;
};

static const struct column columns[] = {
#define COLUMN(kind, name, folder, member, form) \
    { &import_##kind, #name, FOLDER_##folder, #member, FORM_##form },
#include "import_columns.def"
#undef COLUMN
};

/* Names of the folders within what is above them. */
static const struct {
    const char *name;
    enum folder above;
    bool list;
} folders[FOLDER_COUNT] = {
    [FOLDER_TOP] = { "", FOLDER_TOP, false },
    [FOLDER_ORDER] = { "order", FOLDER_TOP, false },
    [FOLDER_PROFILE] = { "invoice", FOLDER_ORDER, false },
    [FOLDER_CONFIRMATION] = { "confirmation", FOLDER_TOP, false },
    [FOLDER_ALLOCATION] = { "allocations", FOLDER_TOP, true },
    [FOLDER_ITEM] = { "items", FOLDER_TOP, true },
};

struct import_csv {
    struct csv_read *reader;
    const struct import_kind *kind;
    import_csv_line line;
    void *context;
    const struct column *header[CSV_READ_CELLS_MAX];
    size_t header_count;
    size_t key;  /* which column has the key; header_count: none */
    bool listed; /* a column of a list is there */

    /* The line that is being put together, of one record or more. */
    int64_t number;                       /* of its first record; 0: there is none */
    struct json_t *folders[FOLDER_COUNT]; /* the top is owned */
    size_t bytes;                         /* of its cells */
    enum err wrong;                       /* what is wrong with its records */
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
        csv->listed = csv->listed || folders[column->folder].list;
    }
    while (csv->key < csv->header_count
           && strcmp(csv->header[csv->key]->name, csv->kind->key_name) != 0) {
        csv->key++;
    }
    return ERR_OK;
}

static enum err folder_of(struct import_csv *csv, enum folder folder, struct json_t **out);

/* Puts a folder's object where it belongs: as a member of what is above, or as the next of a list there. */
static enum err
place(struct import_csv *csv, enum folder folder, struct json_t *made)
{
    struct json_t *above = NULL;
    TRY(folder_of(csv, folders[folder].above, &above));
    if (!folders[folder].list) {
        return json_put(above, folders[folder].name, made);
    }
    struct json_t *list = json_member(above, folders[folder].name);
    if (list == NULL) {
        TRY(json_new_array(&list));
        TRY(json_put(above, folders[folder].name, list));
    }
    return json_put(list, NULL, made);
}

/* The folder's object, which is there from the first cell in it on. */
static enum err
folder_of(struct import_csv *csv, enum folder folder, struct json_t **out)
{
    if (csv->folders[folder] == NULL) {
        struct json_t *made = NULL;
        TRY(json_new_object(&made));
        if (folder != FOLDER_TOP) {
            TRY(place(csv, folder, made));
        }
        csv->folders[folder] = made;
    }
    *out = csv->folders[folder];
    return ERR_OK;
}

/* A number or flag that is none stays a text, which is a wrong type there. */
static enum err
put_cell(struct import_csv *csv, const struct column *column, struct span cell)
{
    struct json_t *folder = NULL;
    int64_t whole = 0;
    TRY(folder_of(csv, column->folder, &folder));
    if (column->form == FORM_WHOLE && span_to_i64(cell, INT64_MIN, INT64_MAX, &whole) == ERR_OK) {
        return json_put_i64(folder, column->member, whole);
    }
    bool yes = span_eq_cstr(cell, "true");
    if (column->form == FORM_FLAG && (yes || span_eq_cstr(cell, "false"))) {
        return json_put_bool(folder, column->member, yes);
    }
    return json_put_string(folder, column->member, cell);
}

static enum err
put_record(struct import_csv *csv, const struct span *cells, size_t count)
{
    if (count != csv->header_count) {
        return ERR_IMPORT_CELLS;
    }
    for (size_t i = 0; i < count; i++) {
        csv->bytes += cells[i].len;
        if (csv->bytes > LINE_MAX_BYTES) {
            return ERR_BUF_FULL;
        }
        if (!span_empty(cells[i])) {
            TRY(put_cell(csv, csv->header[i], cells[i]));
        }
    }
    return ERR_OK;
}

/* Does the record add to the lists of the one above? It has no key, and nothing outside the lists; one that cannot be
 * read counts as an addition when its key is not there, so that a line never goes without what it may have said. */
static bool
continues(const struct import_csv *csv, const struct span *cells, size_t count)
{
    if (!csv->listed || csv->number == 0 || csv->key == csv->header_count
        || (csv->key < count && !span_empty(cells[csv->key]))) {
        return false;
    }
    for (size_t i = 0; count == csv->header_count && i < count; i++) {
        if (!folders[csv->header[i]->folder].list && !span_empty(cells[i])) {
            return false;
        }
    }
    return true;
}

static enum err
encode(struct import_csv *csv, struct buf *line)
{
    struct json_t *top = NULL;
    TRY(csv->wrong);
    TRY(folder_of(csv, FOLDER_TOP, &top));
    return json_encode(top, line);
}

/* The line that was put together goes on its way. */
static enum err
give(struct import_csv *csv)
{
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX_BYTES);
    if (csv->number == 0) {
        return ERR_OK;
    }
    int64_t number = csv->number;
    enum err wrong = encode(csv, &line);
    json_free(&csv->folders[FOLDER_TOP]);
    memset(csv->folders, 0, sizeof(csv->folders));
    csv->number = 0;
    csv->bytes = 0;
    csv->wrong = ERR_OK;
    if (wrong == ERR_NO_MEMORY) {
        return wrong;
    }
    return csv->line(csv->context, number, wrong == ERR_OK ? buf_span(&line) : SPAN_LIT(""), wrong);
}

static void
next_elements(struct import_csv *csv)
{
    for (int folder = 0; folder < FOLDER_COUNT; folder++) {
        if (folders[folder].list) {
            csv->folders[folder] = NULL;
        }
    }
}

static enum err
take_record(void *context, int64_t number, const struct span *cells, size_t count)
{
    struct import_csv *csv = context;
    if (number == 1) {
        return take_header(csv, cells, count);
    }
    if (continues(csv, cells, count)) {
        next_elements(csv);
    } else {
        TRY(give(csv));
        csv->number = number;
    }
    csv->wrong = csv->wrong == ERR_OK ? put_record(csv, cells, count) : csv->wrong;
    return csv->listed ? ERR_OK : give(csv);
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
    TRY(csv_read_end(csv->reader));
    return csv->header_count == 0 ? ERR_IMPORT_EMPTY : give(csv);
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
