/* SPDX-License-Identifier: Apache-2.0 */
/* Records to rows. */
#include <string.h>

#include "csv_read.h"
#include "marks.h"
#include "pack_rows.h"

#define CELL_MAX_BYTES ((size_t)1024 * 1024)

struct reading {
    const struct pack_column *own;
    size_t width;
    size_t size;
    struct pack_memo *memo;
    struct buf *out;
    const char *column;                  /* that is being read, */
    struct span record;                  /* of this one, from its first cell to its last */
    size_t starts[PACK_COLUMNS_MAX + 1]; /* of its cells, when all of them are read */
};

static inline bool
says_the_same(struct span above, struct span cell)
{
    return above.len == cell.len && above.at != NULL && alike_bytes(above.at, cell.at, cell.len);
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

/* A run whose values the row has already: the cell behind it. Else 0, and once the cells of the run are read one by one, the
 * row has its values if it stands there. */
static inline size_t
held_run(struct pack_memo *memo, size_t cell, struct span rest, size_t *len)
{
    uint64_t bit = UINT64_C(1) << cell;
    size_t behind = alike_run(&memo->alike, cell, rest, len);
    bool held = behind != 0 && (memo->held & bit) != 0;
    memo->held = behind != 0 ? memo->held | bit : memo->held & ~bit;
    return held ? behind : 0;
}

/* A record was read: where each of its cells starts is known if the next model is being learnt. */
static void
look_back(const struct reading *reading, struct span record)
{
    struct pack_memo *memo = reading->memo;
    if (!alike_learns(&memo->alike)) {
        alike_used(&memo->alike);
    } else if (alike_learn(&memo->alike, record, reading->starts, reading->width)) {
        memo->held = ~UINT64_C(0);
    }
}

/* What the next cell is: *cell, between *from and the separator, behind which *from is then. */
static inline bool
cut_cell(struct span text, size_t *from, struct span *cell)
{
    size_t at = marks_first(text, *from, ',', '\n');
    bool ends = at == text.len || text.at[at] == '\n';
    struct span said = span_make(text.at + *from, at - *from);
    *cell = csv_read_bare(ends ? csv_read_line(said) : said);
    *from = at + (at < text.len ? 1 : 0);
    return ends;
}

/* From *from on, behind which *from is then. False where it is not what a record should be. */
static inline bool
read_record(struct reading *reading, struct span text, size_t *from, bool *blank)
{
    size_t begin = *from;
    *blank = false;
    for (size_t i = 0; i < reading->width;) {
        struct span cell;
        size_t len = 0;
        size_t behind =
            held_run(reading->memo, i, span_make(text.at + *from, text.len - *from), &len);
        if (behind != 0) {
            *from += len;
            i = behind;
            continue;
        }
        reading->starts[i] = *from - begin;
        bool ends = cut_cell(text, from, &cell);
        *blank = ends && i == 0 && span_empty(cell);
        if (*blank) {
            return true;
        }
        if (cell.len > CELL_MAX_BYTES || take_cell(reading, i, cell) != ERR_OK
            || ends != (i + 1 == reading->width)) {
            return false;
        }
        i++;
    }
    reading->starts[reading->width] = *from - begin;
    look_back(reading, span_make(text.at + begin, *from - begin));
    return true;
}

/* Records into rows, in one way through the bytes. *whole is false where one is not what it should be. */
static enum err
read_records(struct reading *reading, struct span text, bool *whole)
{
    size_t from = 0;
    *whole = true;
    while (from < text.len) {
        bool blank = false;
        *whole = read_record(reading, text, &from, &blank);
        if (!*whole) {
            return ERR_OK;
        }
        if (!blank) {
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
    memo->held = 0;
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

/* True when these bytes of the file are all that their line says. */
static bool
is_line(struct span bytes, size_t at, size_t len)
{
    const unsigned char *before = memrchr(bytes.at, '\n', at);
    size_t from = before == NULL ? 0 : (size_t)(before - bytes.at) + 1;
    size_t end = at + span_index(span_sub(bytes, at, bytes.len), '\n');
    struct span said = csv_read_bare(csv_read_line(span_make(bytes.at + from, end - from)));
    return said.at == bytes.at + at && said.len == len;
}

/* Where in the file a record stands that has these bytes. */
static size_t
find_record(struct span bytes, struct span record)
{
    size_t from = 0;
    for (;;) {
        size_t at = from + span_find(span_sub(bytes, from, bytes.len), record);
        if (at >= bytes.len || is_line(bytes, at, record.len)) {
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
