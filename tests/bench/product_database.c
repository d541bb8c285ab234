/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "product_house.h"
#include "wire.h"

/* A run whose lines are read, in a transaction. */
static enum err
with_lines(const struct product *product, struct slice_watch *watch,
           enum err (*work)(const struct product *product, struct run *run,
                            struct slice_watch *watch))
{
    struct product_house house;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_session_close) struct db_session *session = NULL;
    TRY(product_house_init(&house));
    TRY(arena_new(PRODUCT_ARENA_MAX_BYTES, &arena));
    TRY(db_session_open(product->conninfo, &session));
    db_session_limit(session, DB_SESSION_LONG_MS);
    DEFER(run_lists_fini)
    struct run run = { .request = &house.request, .arena = arena, .session = session };
    TRY(product_read_bill(product, &house, "bill.csv", run_keep_line, &run, watch));
    TRY(db_session_begin(session, true));
    enum err err = work(product, &run, watch);
    if (err != ERR_OK) {
        (void)snprintf(watch->note, sizeof(watch->note), "%.190s", db_session_trouble(session));
    }
    return err;
}

static enum err
books(const struct product *product, struct run *run, struct slice_watch *watch)
{
    (void)product;
    slice_start(watch);
    TRY(run_snapshot(run));
    slice_stop(watch);
    return run->member_count > 0 && run->order_count > 0 && run->payment_count > 0 ? ERR_OK
                                                                                   : ERR_DB_ROWS;
}

enum err
product_books(void *product, struct slice_watch *watch)
{
    return with_lines(product, watch, books);
}

/* What a turn before has stored goes away, as from the table of plain COPY. */
static enum err
empty(const struct product *product)
{
    PGconn *conn = wire_open(product->conninfo);
    enum err err = conn == NULL
                       ? ERR_DB_AWAY
                       : wire_run(conn, "TRUNCATE bill_line, bill_text CASCADE; CHECKPOINT");
    PQfinish(conn);
    return err;
}

static enum err
store(const struct product *product, struct run *run, struct slice_watch *watch)
{
    TRY(empty(product));
    TRY(slice_warm());
    slice_start(watch);
    TRY(run_save_lines(run, product->run_id));
    TRY(run_save_texts(run, product->run_id));
    TRY(db_session_commit(run->session));
    slice_stop(watch);
    return ERR_OK;
}

enum err
product_store(void *product, struct slice_watch *watch)
{
    return with_lines(product, watch, store);
}
