/* SPDX-License-Identifier: Apache-2.0 */
/* COPY by itself: books out, lines in. */
#include <string.h>

#include "bill_text.h"
#include "ledger_rows.h"
#include "rival.h"
#include "wire.h"

#define DAY_ATTEMPTS                                                                    \
    " FROM attempt a JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no" \
    " WHERE a.account = '" LEDGER_ACCOUNT "' AND a.bill_day = '" LEDGER_DAY "'"
#define DAY_ORDERS                                                                          \
    " FROM attempt a JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no"     \
    " JOIN ca_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no" \
    " WHERE a.account = '" LEDGER_ACCOUNT "' AND a.bill_day = '" LEDGER_DAY "'"

/* The columns of members, orders and payments as a run has them; what it computes is a constant here. */
static const char *const books[] = {
    "COPY (SELECT a.attempt_no, a.provider_trade_no, p.owner, p.order_no, p.slot, a.state, a.method,"
    " a.amount_fen, a.paid_at, a.created_at, true, false, false" DAY_ATTEMPTS ") TO STDOUT",
    "COPY (SELECT o.owner, o.order_no, o.unit_name, o.status, o.kind, o.amount_fen, o.unit_fee_fen,"
    " o.quantity, o.issued_quantity, '', '', '', '', 0, 0, 0, 0, false, 0" DAY_ORDERS ") TO STDOUT",
    "COPY (SELECT p.owner, p.order_no, a.attempt_no, a.account, a.provider, a.amount_fen, a.paid_at,"
    " 0, false" DAY_ATTEMPTS ") TO STDOUT",
};

enum err
rival_books(void *rival, struct slice_watch *watch)
{
    const struct rival *self = rival;
    PGconn *conn = wire_open(self->conninfo);
    enum err err = conn == NULL ? ERR_DB_AWAY : ERR_OK;
    slice_start(watch);
    for (size_t i = 0; err == ERR_OK && i < sizeof(books) / sizeof(books[0]); i++) {
        err = wire_copy_out(conn, books[i], NULL);
    }
    slice_stop(watch);
    PQfinish(conn);
    return err;
}

#define EPOCH_DAY_US \
    INT64_C(848678400000000) /* the day's first instant in China, from 2000-01-01 UTC */
#define ROW_BYTES    2048
#define LINE_COLUMNS 12

/* A row of COPY BINARY. */
struct row {
    unsigned char at[ROW_BYTES];
    size_t len;
    bool full;
};

static void
put_int(struct row *row, uint64_t value, size_t bytes)
{
    if (row->len + bytes > ROW_BYTES) {
        row->full = true;
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        row->at[row->len++] = (unsigned char)(value >> (8 * (bytes - 1 - i)));
    }
}

static void
put_i64(struct row *row, int64_t value)
{
    put_int(row, sizeof(value), 4);
    put_int(row, (uint64_t)value, sizeof(value));
}

static void
put_bool(struct row *row, bool value)
{
    put_int(row, sizeof(unsigned char), 4);
    put_int(row, value ? 1 : 0, sizeof(unsigned char));
}

static void
put_text(struct row *row, struct span text)
{
    put_int(row, text.len, 4);
    if (row->full || row->len + text.len > ROW_BYTES) {
        row->full = true;
        return;
    }
    memcpy(row->at + row->len, text.at, text.len);
    row->len += text.len;
}

/* "yyyy-MM-dd HH:mm:ss" of the made day. */
static int64_t
instant(struct span paid)
{
    static const size_t digits[] = { 11, 12, 14, 15, 17, 18 };
    static const int64_t seconds[] = { 36000, 3600, 600, 60, 10, 1 };
    int64_t second = 0;
    for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++) {
        second += (paid.at[digits[i]] - '0') * seconds[i];
    }
    return EPOCH_DAY_US + second * 1000000;
}

static void
put_line(struct row *row, int64_t number, const struct bill_text_line *line)
{
    row->len = 0;
    put_int(row, LINE_COLUMNS, 2);
    put_i64(row, LEDGER_ROWS_RUN);
    put_i64(row, number);
    put_text(row, SPAN_LIT("pay"));
    put_text(row, line->trade_no);
    put_text(row, line->order_no);
    put_text(row, SPAN_LIT(""));
    put_i64(row, line->fen);
    put_i64(row, line->fen);
    put_i64(row, -line->fee_fen);
    put_i64(row, instant(line->paid));
    put_bool(row, false);
    put_text(row, line->raw);
}

static enum err
copy_lines(PGconn *conn, struct bill_text *text)
{
    static const unsigned char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and one 0 more */
    static const unsigned char end[] = { 0xFF, 0xFF };
    struct row row = { .len = 0 };
    struct bill_text_line line;
    TRY(wire_copy_in(conn, "COPY bench_line FROM STDIN (FORMAT binary)"));
    TRY(wire_put(conn, head, sizeof(head)));
    while (bill_text_next(text, &line)) {
        put_line(&row, text->number, &line);
        TRY(row.full ? ERR_BUF_FULL : wire_put(conn, row.at, row.len));
    }
    TRY(wire_put(conn, end, sizeof(end)));
    return wire_copy_end(conn);
}

static enum err
store(PGconn *conn, const char *dir, struct slice_watch *watch)
{
    DEFER(bill_text_close) struct bill_text text;
    TRY(bill_text_open(&text, dir));
    TRY(wire_run(conn, "DROP TABLE IF EXISTS bench_line"));
    TRY(wire_run(conn, "CREATE TABLE bench_line (LIKE bill_line INCLUDING ALL)"));
    TRY(wire_run(conn, "ALTER TABLE bench_line ADD COLUMN raw text NOT NULL,"
                       " ADD FOREIGN KEY (run_id) REFERENCES recon_run"));
    TRY(wire_run(conn, "CHECKPOINT"));
    TRY(slice_warm());
    slice_start(watch);
    TRY(copy_lines(conn, &text));
    slice_stop(watch);
    return ERR_OK;
}

enum err
rival_store(void *rival, struct slice_watch *watch)
{
    const struct rival *self = rival;
    PGconn *conn = wire_open(self->conninfo);
    enum err err = conn == NULL ? ERR_DB_AWAY : store(conn, self->dir, watch);
    PQfinish(conn);
    return err;
}
