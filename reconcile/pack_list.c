/* SPDX-License-Identifier: Apache-2.0 */
#include "deposit.h"
#include "pack.h"
#include "pack_list_parts.h"
#include "recon.h"

#define CELL_MAX_BYTES ((size_t)1024 * 1024)

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

#define ROW_FITS(row) \
    _Static_assert(sizeof(row) <= PACK_ROW_MAX_BYTES, "room for a row of any list")
ROW_FITS(BOOKS_row);
ROW_FITS(REFUNDS_row);
ROW_FITS(ORDERS_row);
ROW_FITS(PAYMENTS_row);
ROW_FITS(INVOICES_row);
ROW_FITS(MANUALS_row);
ROW_FITS(INVOICE_ITEMS_row);
ROW_FITS(EARLY_row);

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

static const struct pack_column columns[] = {
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

size_t
pack_list_row_size(enum pack_list list)
{
    return lists[list].row_size;
}

size_t
pack_list_columns(enum pack_list list, const struct pack_column **first)
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
    const struct pack_column *own = NULL;
    size_t width = pack_list_columns(list, &own);
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
