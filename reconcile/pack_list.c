/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "csv_read.h"
#include "deposit.h"
#include "pack.h"
#include "pack_cell.h"
#include "recon.h"

#define CELL_MAX_BYTES   ((size_t)1024 * 1024)
#define QUOTED_MAX_BYTES ((size_t)8 * 1024 * 1024) /* texts of one row that stood between quotes */

/* The rows of the lists. */
typedef struct recon_member BOOKS_row;
typedef struct recon_refund REFUNDS_row;
typedef struct recon_order ORDERS_row;
typedef struct recon_payment PAYMENTS_row;
typedef struct recon_invoice INVOICES_row;
typedef struct recon_manual MANUALS_row;
typedef struct recon_invoice_item INVOICE_ITEMS_row;
typedef struct recon_early EARLY_row;
typedef struct deposit_payout PAYOUTS_row;
typedef struct deposit_entry DEPOSITS_row;
typedef struct deposit_transfer TRANSFERS_row;

static const struct {
    const char *file;
    size_t row_size;
} lists[PACK_EVERY_COUNT] = {
    [PACK_BOOKS] = { "books.csv", sizeof(BOOKS_row) },
    [PACK_REFUNDS] = { "refunds.csv", sizeof(REFUNDS_row) },
    [PACK_ORDERS] = { "orders.csv", sizeof(ORDERS_row) },
    [PACK_PAYMENTS] = { "payments.csv", sizeof(PAYMENTS_row) },
    [PACK_INVOICES] = { "invoices.csv", sizeof(INVOICES_row) },
    [PACK_MANUALS] = { "manual_payments.csv", sizeof(MANUALS_row) },
    [PACK_INVOICE_ITEMS] = { "invoice_items.csv", sizeof(INVOICE_ITEMS_row) },
    [PACK_EARLY] = { "carried_lines.csv", sizeof(EARLY_row) },
    [PACK_PAYOUTS] = { "payouts.csv", sizeof(PAYOUTS_row) },
    [PACK_DEPOSITS] = { "deposits.csv", sizeof(DEPOSITS_row) },
    [PACK_TRANSFERS] = { "transfers.csv", sizeof(TRANSFERS_row) },
};

static const struct column {
    enum pack_list list;
    const char *name;
    size_t offset;
    enum pack_cell cell;
} columns[] = {
#define PACK_COLUMN(list, column, cell) \
    { PACK_##list, #column, offsetof(list##_row, column), PACK_##cell },
#include "pack_columns.def"
#undef PACK_COLUMN
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

const char *
pack_list_file(enum pack_list list)
{
    return lists[list].file;
}

bool
pack_list_may_lack(enum pack_list list)
{
    return list == PACK_INVOICE_ITEMS;
}

/* The columns of a list stand together: *first and how many. */
static size_t
columns_of(enum pack_list list, const struct column **first)
{
    size_t count = 0;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (columns[i].list == list) {
            *first = count == 0 ? &columns[i] : *first;
            count++;
        }
    }
    return count;
}

/* Between quotes where a reader could take it for something else. */
static enum err
put_quoted(struct buf *out, struct span text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++) {
        plain = plain && text.at[i] > ' ' && text.at[i] != '"' && text.at[i] != ',';
    }
    if (plain) {
        return buf_append(out, text);
    }
    TRY(buf_byte(out, '"'));
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"') {
            TRY(buf_byte(out, '"'));
        }
        TRY(buf_byte(out, text.at[i]));
    }
    return buf_byte(out, '"');
}

enum err
pack_list_write(enum pack_list list, const void *rows, size_t count, struct buf *out)
{
    const struct column *own = NULL;
    size_t width = columns_of(list, &own);
    DEFER(buf_fini) struct buf cell = BUF_MAX(CELL_MAX_BYTES);
    for (size_t i = 0; i < width; i++) {
        TRY(buf_printf(out, "%s%s", i == 0 ? "" : ",", own[i].name));
    }
    TRY(buf_text(out, "\r\n"));
    for (size_t row = 0; row < count; row++) {
        const unsigned char *at = (const unsigned char *)rows + row * lists[list].row_size;
        for (size_t i = 0; i < width; i++) {
            buf_reset(&cell);
            TRY(pack_cell_write(own[i].cell, at + own[i].offset, &cell));
            TRY(buf_text(out, i == 0 ? "" : ","));
            TRY(put_quoted(out, buf_span(&cell)));
        }
        TRY(buf_text(out, "\r\n"));
    }
    return ERR_OK;
}

struct reading {
    enum pack_list list;
    const struct column *own;
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
take_cell(const struct reading *reading, const struct column *column, struct span cell,
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
    size_t size = lists[reading->list].row_size;
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
    *where = (struct pack_place){ .file = lists[reading->list].file, .column = "" };
    reading->width = columns_of(reading->list, &reading->own);
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
    TRY(arena_array(arena, most_records(bytes), lists[list].row_size, &room));
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
        BOOKS_row books;
        REFUNDS_row refunds;
        ORDERS_row orders;
        PAYMENTS_row payments;
        INVOICES_row invoices;
        MANUALS_row manuals;
        INVOICE_ITEMS_row items;
        EARLY_row early;
        unsigned char bytes[1];
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
