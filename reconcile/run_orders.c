/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

static enum err
stage_of(struct span status, enum recon_order_stage *out)
{
    static const struct {
        const char *status;
        enum recon_order_stage stage;
    } rows[] = {
        { "draft", RECON_ORDER_UNPAID },     { "paid", RECON_ORDER_PAID },
        { "submitted", RECON_ORDER_PAID },   { "reviewed", RECON_ORDER_PAID },
        { "issued", RECON_ORDER_PAID },      { "rejected", RECON_ORDER_CLOSED },
        { "cancelled", RECON_ORDER_CLOSED },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_eq_cstr(status, rows[i].status)) {
            *out = rows[i].stage;
            return ERR_OK;
        }
    }
    return ERR_DB_ROWS;
}

enum err
run_kind_said(struct span word, enum invoice_kind *out)
{
    return span_empty(word) ? ERR_OK : invoice_kind_decode(word, out);
}

/* What the portal says of it now. */
static enum err
take_said(const struct run *run, struct db_reader *reader, struct recon_order *order)
{
    TRY(run_read_text(run, reader, &order->said_kind));
    order->said_quantity = db_read_i64(reader);
    order->said_unit_fee_fen = db_read_i64(reader);
    order->said_amount_fen = db_read_i64(reader);
    order->said_refunded_fen = db_read_i64(reader);
    return ERR_OK;
}

enum err
run_take_order(struct run *run, struct db_reader *reader, struct span owner, struct span order_no)
{
    void *room = NULL;
    TRY(run_list_add(&run->read[PACK_ORDERS], sizeof(struct recon_order), &room));
    struct recon_order *order = room;
    order->owner = owner;
    order->order_no = order_no;
    TRY(run_read_text(run, reader, &order->unit_name));
    TRY(run_read_text(run, reader, &order->status));
    TRY(run_read_text(run, reader, &order->kind));
    TRY(run_read_text(run, reader, &order->title));
    TRY(run_read_text(run, reader, &order->tax_no));
    TRY(run_kind_said(db_read_text(reader), &order->invoice_kind));
    order->amount_fen = db_read_i64(reader);
    order->unit_fee_fen = db_read_i64(reader);
    order->quantity = db_read_i64(reader);
    order->issued_quantity = db_read_i64(reader);
    TRY(take_said(run, reader, order));
    return stage_of(order->status, &order->stage);
}

struct recon_order *
run_found_order(const struct run *run, const struct run_found *found, struct span owner,
                struct span order_no)
{
    struct recon_order *orders = run->read[PACK_ORDERS].at;
    size_t place = index_find(&found->of_day, owner, order_no);
    place = place == INDEX_NONE ? index_find(&found->of_rest, owner, order_no) : place;
    return place == INDEX_NONE ? NULL : &orders[place];
}

static enum err
stream_rest(struct run *run)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_orders, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        struct span owner;
        struct span order_no;
        TRY(run_read_text(run, &reader, &owner));
        TRY(run_read_text(run, &reader, &order_no));
        TRY(run_take_order(run, &reader, owner, order_no));
        TRY(db_read_next(&reader, &more));
    }
    return ERR_OK;
}

enum err
run_read_orders(struct run *run, struct run_found *found)
{
    const struct run_list *read = &run->read[PACK_ORDERS];
    size_t of_day = read->count;
    TRY(stream_rest(run));
    const struct recon_order *orders = read->at;
    TRY(index_init(&found->of_rest, found->arena, read->count - of_day));
    for (size_t i = of_day; i < read->count; i++) {
        TRY(index_add(&found->of_rest, orders[i].owner, orders[i].order_no, i));
    }
    return ERR_OK;
}

enum err
run_read_like(struct run *run, const struct run_found *found)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_like, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        struct span owner = db_read_text(&reader);
        struct span order_no = db_read_text(&reader);
        struct recon_order *order = run_found_order(run, found, owner, order_no);
        if (order == NULL) {
            return ERR_DB_ROWS;
        }
        order->like_paid = true;
        TRY(db_read_next(&reader, &more));
    }
    return ERR_OK;
}
