/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "csv_read.h"
#include "pack_list_parts.h"
#include "recon.h"

#define QUOTED_MAX_BYTES ((size_t)8 * 1024 * 1024) /* texts of one row that stood between quotes */

struct reading {
    enum pack_list list;
    const struct pack_column *own;
    size_t width;
    struct span bytes; /* the whole file, */
    bool utf8;         /* and all of it is such text */
    struct arena *arena;
    unsigned char *row; /* the present one; zero */
    size_t count;
    pack_row each; /* NULL: rows stand side by side from the first on */
    void *context;
    struct pack_place *where;
};

static enum err
check_header(const struct reading *reading, const struct span *cells, size_t count)
{
    for (size_t i = 0; i < reading->width; i++) {
        if (i >= count || !span_eq_cstr(cells[i], reading->own[i].name)) {
            reading->where->column = reading->own[i].name;
            return ERR_IMPORT_HEADER;
        }
    }
    return count == reading->width ? ERR_OK : ERR_IMPORT_HEADER;
}

/* A text stays where it is when that is in the file's bytes; one that stood between quotes is copied. */
static enum err
take_cell(const struct reading *reading, const struct pack_column *column, struct span cell,
          unsigned char *at)
{
    uintptr_t from = (uintptr_t)reading->bytes.at;
    uintptr_t place = (uintptr_t)cell.at;
    if (cell.len > 0 && !reading->utf8 && !span_is_utf8(cell)) {
        return ERR_ENCODING;
    }
    if (column->cell == PACK_TEXT && place >= from && place - from < reading->bytes.len) {
        memcpy(at + column->offset, &cell, sizeof(cell));
        return ERR_OK;
    }
    return pack_cell_read(column->cell, cell, reading->arena, at + column->offset);
}

static enum err
next_row(struct reading *reading)
{
    size_t size = pack_list_row_size(reading->list);
    if (reading->each == NULL) {
        reading->row += size;
        return ERR_OK;
    }
    TRY(reading->each(reading->context, reading->row));
    memset(reading->row, 0, size);
    arena_recycle(reading->arena);
    return ERR_OK;
}

static enum err
take_record(void *context, int64_t number, const struct span *cells, size_t count)
{
    struct reading *reading = context;
    reading->where->record = number;
    reading->where->column = "";
    if (number == 1) {
        return check_header(reading, cells, count);
    }
    if (count != reading->width) {
        return ERR_IMPORT_CELLS;
    }
    for (size_t i = 0; i < count; i++) {
        reading->where->column = reading->own[i].name;
        TRY(take_cell(reading, &reading->own[i], cells[i], reading->row));
    }
    reading->count++;
    return next_row(reading);
}

/* No file has more records than line ends and one. */
static size_t
most_records(struct span bytes)
{
    static const unsigned char ends[] = { '\n', '\r' };
    size_t count = 1;
    for (size_t i = 0; i < sizeof(ends); i++) {
        struct span rest = bytes;
        struct span head;
        while (span_cut(&rest, ends[i], &head)) {
            count++;
        }
    }
    return count;
}

static enum err
read_all(struct reading *reading)
{
    DEFER(csv_read_free) struct csv_read *csv = NULL;
    struct pack_place *where = reading->where;
    *where = (struct pack_place){ .file = pack_list_file(reading->list), .column = "" };
    reading->width = pack_list_columns(reading->list, &reading->own);
    reading->utf8 = span_is_utf8(reading->bytes);
    TRY(csv_read_new(take_record, reading, &csv));
    enum err err = csv_read_bytes(csv, reading->bytes);
    if (err == ERR_OK) {
        err = csv_read_end(csv);
    }
    if (err == ERR_OK && csv_read_number(csv) == 1) {
        err = ERR_IMPORT_HEADER; /* not even that */
    }
    if (err == ERR_IMPORT_CSV) {
        where->record = csv_read_number(csv);
        where->column = "";
    }
    return err;
}

enum err
pack_list_read(enum pack_list list, struct span bytes, struct arena *arena, void **rows,
               size_t *count, struct pack_place *where)
{
    void *room = NULL;
    struct reading reading = { .list = list, .bytes = bytes, .arena = arena, .where = where };
    TRY(arena_array(arena, most_records(bytes), pack_list_row_size(list), &room));
    reading.row = room;
    TRY(read_all(&reading));
    *rows = room;
    *count = reading.count;
    return ERR_OK;
}

enum err
pack_list_each(enum pack_list list, struct span bytes, pack_row each, void *context,
               struct pack_place *where)
{
    DEFER(arena_free) struct arena *arena = NULL;
    union {
        struct recon_order order;
        unsigned char bytes[PACK_ROW_MAX_BYTES];
    } row;
    memset(&row, 0, sizeof(row));
    TRY(arena_new(QUOTED_MAX_BYTES, &arena));
    struct reading reading = { .list = list,
                               .bytes = bytes,
                               .arena = arena,
                               .row = row.bytes,
                               .each = each,
                               .context = context,
                               .where = where };
    return read_all(&reading);
}
