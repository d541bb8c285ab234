/* SPDX-License-Identifier: Apache-2.0 */
/* What is usually written: a table for the bill and one statement, or a statement for each line. */
#include <stdio.h>
#include <string.h>

#include "bill_text.h"
#include "ledger.h"
#include "rival.h"
#include "wire.h"

#define ROW_BYTES  512
#define PATH_BYTES 4096

static enum err
copy_bill(PGconn *conn, struct bill_text *text)
{
    struct bill_text_line line;
    DEFER(buf_fini) struct buf row = BUF_MAX(ROW_BYTES);
    TRY(wire_run(conn, "CREATE TEMPORARY TABLE line (paid text, trade_no text, number text,"
                       " fen bigint)"));
    TRY(wire_copy_in(conn, "COPY line FROM STDIN"));
    while (bill_text_next(text, &line)) {
        buf_reset(&row);
        TRY(buf_printf(&row, "%.*s\t%.*s\t%.*s\t%lld\n", SPAN_ARG(line.paid),
                       SPAN_ARG(line.trade_no), SPAN_ARG(line.order_no), (long long)line.fen));
        TRY(wire_put(conn, row.at, row.len));
    }
    TRY(wire_copy_end(conn));
    return wire_run(conn, "ANALYZE line");
}

#define DIFFERENCES                                                                               \
    "COPY (WITH billed AS (SELECT number, fen, row_number() OVER (PARTITION BY number, trade_no," \
    " paid, fen) AS again FROM line),"                                                            \
    " book AS (SELECT a.attempt_no, a.state, a.amount_fen, o.status FROM attempt a"               \
    " JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no"                          \
    " LEFT JOIN ca_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no"  \
    " WHERE a.account = '" LEDGER_ACCOUNT "' AND (a.bill_day = '" LEDGER_DAY "'"                  \
    " OR a.paid_at IS NULL)),"                                                                    \
    " joined AS (SELECT l.number, l.fen, b.* FROM (SELECT * FROM billed WHERE again = 1) l"       \
    " FULL JOIN book b ON b.attempt_no = l.number),"                                              \
    " told AS (SELECT number, 'DUP_BILL_LINE' AS class, fen AS delta FROM billed WHERE again > 1" \
    " UNION ALL SELECT coalesce(number, attempt_no),"                                             \
    " CASE WHEN attempt_no IS NULL THEN 'LONG_UNKNOWN'"                                           \
    " WHEN number IS NULL THEN CASE WHEN state = 'paid' THEN 'SHORT_PAY' END"                     \
    " WHEN state <> 'paid' THEN 'ST_LATE_SUCCESS'"                                                \
    " WHEN fen > amount_fen THEN 'AMT_BILL_MORE'"                                                 \
    " WHEN fen < amount_fen THEN 'AMT_BILL_LESS'"                                                 \
    " WHEN status = 'draft' THEN 'ORD_NOT_ADVANCED' END,"                                         \
    " CASE WHEN attempt_no IS NULL OR state <> 'paid' THEN fen"                                   \
    " WHEN number IS NULL THEN -amount_fen ELSE fen - amount_fen END FROM joined)"                \
    " SELECT number, class, delta FROM told WHERE class IS NOT NULL) TO STDOUT (FORMAT csv)"

static enum err
by_sql(PGconn *conn, const struct rival *self, struct slice_watch *watch)
{
    char path[PATH_BYTES];
    DEFER(bill_text_close) struct bill_text text;
    (void)snprintf(path, sizeof(path), "%s/%s", self->dir, self->got);
    slice_start(watch);
    TRY(bill_text_open(&text, self->dir));
    TRY(copy_bill(conn, &text));
    TRY(wire_copy_out(conn, DIFFERENCES, path));
    slice_stop(watch);
    return ERR_OK;
}

enum err
rival_sql(void *rival, struct slice_watch *watch)
{
    const struct rival *self = rival;
    PGconn *conn = wire_open(self->conninfo);
    enum err err = conn == NULL ? ERR_DB_AWAY : by_sql(conn, self, watch);
    PQfinish(conn);
    return err;
}

#define ONE                                                                                 \
    "SELECT a.state, a.amount_fen, o.status FROM attempt a"                                 \
    " JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no"                    \
    " JOIN ca_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no" \
    " WHERE a.slot = $1::integer AND a.attempt_no = $2::text"

static enum err
prepare(PGconn *conn)
{
    PGresult *result = PQprepare(conn, "one", ONE, 2, NULL);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return done ? ERR_OK : ERR_DB_STATEMENT;
}

/* The slot stands in the number. */
static enum err
select_line(PGconn *conn, const struct bill_text_line *line, int64_t *found)
{
    char slot[8];
    char number[64];
    const char *const values[] = { slot, number };
    (void)snprintf(slot, sizeof(slot), "%.3s", (const char *)line->order_no.at + 6);
    (void)snprintf(number, sizeof(number), "%.21s", (const char *)line->order_no.at);
    PGresult *result = PQexecPrepared(conn, "one", 2, values, NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    *found += PQntuples(result);
    PQclear(result);
    return done ? ERR_OK : ERR_DB_STATEMENT;
}

static enum err
by_selects(PGconn *conn, const struct rival *self, struct slice_watch *watch)
{
    int64_t found = 0;
    struct bill_text_line line;
    DEFER(bill_text_close) struct bill_text text;
    TRY(prepare(conn));
    slice_start(watch);
    TRY(bill_text_open(&text, self->dir));
    while (bill_text_next(&text, &line)) {
        TRY(select_line(conn, &line, &found));
    }
    slice_stop(watch);
    return found > 0 ? ERR_OK : ERR_DB_ROWS;
}

enum err
rival_selects(void *rival, struct slice_watch *watch)
{
    const struct rival *self = rival;
    PGconn *conn = wire_open(self->conninfo);
    enum err err = conn == NULL ? ERR_DB_AWAY : by_selects(conn, self, watch);
    PQfinish(conn);
    return err;
}
