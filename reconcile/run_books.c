/* SPDX-License-Identifier: Apache-2.0 */
/* The attempts of the account's day come with their orders and payments in one stream; what else the day is about is little, and is asked for
 * by name once they are known. */
#include "match.h"
#include "number.h"
#include "run_parts.h"

static void
keys_fini(struct run_keys *keys)
{
    buf_fini(&keys->slots);
    buf_fini(&keys->owners);
    buf_fini(&keys->orders);
}

static void
keys_init(struct run_keys *keys)
{
    keys->slots = (struct buf)BUF_MAX(RUN_ARRAY_MAX_BYTES);
    keys->owners = (struct buf)BUF_MAX(RUN_ARRAY_MAX_BYTES);
    keys->orders = (struct buf)BUF_MAX(RUN_ARRAY_MAX_BYTES);
}

static enum err
keys_params(struct run_keys *keys, struct db_params *params)
{
    TRY(run_array_end(&keys->slots));
    TRY(run_array_end(&keys->owners));
    TRY(run_array_end(&keys->orders));
    db_text(params, buf_span(&keys->slots));
    db_text(params, buf_span(&keys->owners));
    db_text(params, buf_span(&keys->orders));
    return params->err;
}

enum err
run_found_add(const struct run_found *found, struct run_keys *keys, int64_t slot, struct span owner,
              struct span order_no)
{
    if (index_find(&found->of_day, owner, order_no) != INDEX_NONE) {
        return ERR_OK;
    }
    TRY(run_array_add_i64(&keys->slots, slot));
    TRY(run_array_add(&keys->owners, owner));
    return run_array_add(&keys->orders, order_no);
}

enum err
run_read_text(const struct run *run, struct db_reader *reader, struct span *out)
{
    return arena_copy(run->arena, db_read_text(reader), out);
}

/* The parameters account, kind, day, its first instant and the next day's. */
static void
span_params(const struct run *run, struct db_params *params)
{
    run_day_params(run, run->request->day, params);
    db_time(params, day_start(run->request->day, ZONE_CHINA_MIN));
    db_time(params, day_start(day_add(run->request->day, 1), ZONE_CHINA_MIN));
}

static enum err
say_scope(const struct run *run)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    span_params(run, &params);
    return db_session_run(run->session, STATEMENT_recon_scope, &params, &rows);
}

static enum err
keep_member(struct run *run, const struct recon_member *member)
{
    void *room = NULL;
    TRY(run_list_add(&run->read[PACK_BOOKS], sizeof(*member), &room));
    *(struct recon_member *)room = *member;
    return ERR_OK;
}

static enum err
take_of_day(struct run *run, struct db_reader *reader)
{
    struct recon_member member = { .counted = true };
    struct recon_payment payment = { .account = span_of(run->request->account->name) };
    TRY(run_read_text(run, reader, &member.attempt_no));
    TRY(run_read_text(run, reader, &member.provider_trade_no));
    TRY(run_read_text(run, reader, &member.owner));
    TRY(run_read_text(run, reader, &member.order_no));
    TRY(attempt_state_decode(db_read_text(reader), &member.state));
    TRY(adapter_method_decode(db_read_text(reader), &member.method));
    TRY(run_read_text(run, reader, &payment.provider));
    member.amount_fen = db_read_i64(reader);
    member.paid_at = db_read_time(reader);
    member.created_at = db_read_time(reader);
    member.carried_in = db_read_bool(reader);
    member.denied = db_read_bool(reader);
    TRY(keep_member(run, &member));
    payment.owner = member.owner;
    payment.order_no = member.order_no;
    payment.attempt_no = member.attempt_no;
    payment.amount_fen = member.amount_fen;
    payment.paid_at = member.paid_at;
    if (member.paid_at.us != 0) {
        TRY(run_keep_payment(run, &payment));
    }
    return run_take_order(run, reader, member.owner, member.order_no);
}

static enum err
read_of_day(struct run *run)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_day, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        TRY(take_of_day(run, &reader));
        TRY(db_read_next(&reader, &more));
    }
    return ERR_OK;
}

/* An order of several attempts came with each of them. */
static enum err
know_orders(struct run *run, struct run_found *found)
{
    struct run_list *read = &run->read[PACK_ORDERS];
    struct recon_order *orders = read->at;
    size_t kept = 0;
    TRY(index_init(&found->of_day, found->arena, read->count));
    for (size_t i = 0; i < read->count; i++) {
        if (index_find(&found->of_day, orders[i].owner, orders[i].order_no) == INDEX_NONE) {
            TRY(index_add(&found->of_day, orders[i].owner, orders[i].order_no, kept));
            if (kept != i) {
                orders[kept] = orders[i];
            }
            kept++;
        }
    }
    read->count = kept;
    return ERR_OK;
}

/* Attempts that lines name and the day has not: the number tells the slot, so the rows are found by key. */
static enum err
named_by_lines(const struct run *run, const struct index *members, struct buf *slots,
               struct buf *numbers)
{
    for (size_t i = 0; i < run->lines.count + run->early_count; i++) {
        struct span number;
        int slot = 0;
        TRY(match_tidy(run->arena, run->lines.list[i].merchant_order_no, &number));
        if (index_find(members, number, SPAN_LIT("")) == INDEX_NONE
            && number_attempt_check(number, &slot) == ERR_OK) {
            TRY(run_array_add_i64(slots, slot));
            TRY(run_array_add(numbers, number));
        }
    }
    TRY(run_array_end(slots));
    return run_array_end(numbers);
}

static enum err
know_members(const struct run *run, struct arena *arena, struct index *out)
{
    const struct recon_member *members = run->read[PACK_BOOKS].at;
    TRY(index_init(out, arena, run->read[PACK_BOOKS].count));
    for (size_t i = 0; i < run->read[PACK_BOOKS].count; i++) {
        TRY(index_add(out, members[i].attempt_no, SPAN_LIT(""), i));
    }
    return ERR_OK;
}

static enum err
take_member(struct run *run, const struct db_rows *rows, size_t i, struct run_found *found)
{
    struct recon_member member = { .amount_fen = db_row_i64(rows, i, "amount_fen") };
    TRY(run_take_text(run, rows, i, "attempt_no", &member.attempt_no));
    TRY(run_take_text(run, rows, i, "provider_trade_no", &member.provider_trade_no));
    TRY(run_take_text(run, rows, i, "owner", &member.owner));
    TRY(run_take_text(run, rows, i, "order_no", &member.order_no));
    TRY(attempt_state_decode(db_row_text(rows, i, "state"), &member.state));
    TRY(adapter_method_decode(db_row_text(rows, i, "method"), &member.method));
    member.paid_at = db_row_time(rows, i, "paid_at");
    member.created_at = db_row_time(rows, i, "created_at");
    member.counted = db_row_bool(rows, i, "counted");
    member.carried_in = db_row_bool(rows, i, "carried_in");
    member.denied = db_row_bool(rows, i, "denied");
    TRY(run_found_add(found, &found->named, db_row_i64(rows, i, "slot"), member.owner,
                      member.order_no));
    return keep_member(run, &member);
}

static enum err
read_members(struct run *run, struct run_found *found)
{
    struct index members;
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(buf_fini) struct buf slots = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    DEFER(buf_fini) struct buf numbers = BUF_MAX(RUN_ARRAY_MAX_BYTES);
    TRY(know_members(run, found->arena, &members));
    TRY(named_by_lines(run, &members, &slots, &numbers));
    span_params(run, &params);
    db_text(&params, buf_span(&slots));
    db_text(&params, buf_span(&numbers));
    TRY(db_session_run(run->session, STATEMENT_recon_snapshot_members, &params, &rows));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(take_member(run, rows, i, found));
    }
    return ERR_OK;
}

static enum err
read_dated(const struct run *run, struct run_found *found)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_dated, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        int64_t slot = db_read_i64(&reader);
        struct span owner = db_read_text(&reader);
        struct span order_no = db_read_text(&reader);
        TRY(run_found_add(found, &found->dated, slot, owner, order_no));
        TRY(db_read_next(&reader, &more));
    }
    return ERR_OK;
}

static enum err
make_rest(const struct run *run, struct run_found *found)
{
    struct db_params params;
    db_params_init(&params, run->arena);
    TRY(keys_params(&found->named, &params));
    TRY(keys_params(&found->dated, &params));
    db_cstr(&params, run->request->account->name);
    TRY(db_session_run(run->session, STATEMENT_recon_rest, &params, NULL));
    return db_session_run(run->session, STATEMENT_recon_rest_known, NULL, NULL);
}

static enum err
read_all(struct run *run, struct run_found *found)
{
    TRY(say_scope(run));
    TRY(read_of_day(run));
    TRY(know_orders(run, found));
    TRY(read_members(run, found));
    TRY(run_read_refunds(run, found));
    TRY(read_dated(run, found));
    TRY(make_rest(run, found));
    TRY(run_read_orders(run, found));
    TRY(run_read_like(run, found));
    TRY(run_read_payments(run, found->arena));
    TRY(run_read_invoices(run, found));
    TRY(run_read_items(run));
    TRY(run_read_manuals(run));
    return run_sort_books(run);
}

static void
found_fini(struct run_found *found)
{
    keys_fini(&found->named);
    keys_fini(&found->dated);
    arena_free(&found->arena);
}

enum err
run_read_books(struct run *run)
{
    DEFER(found_fini) struct run_found found = { .arena = NULL };
    TRY(run_arena(run->request, &found.arena));
    keys_init(&found.named);
    keys_init(&found.dated);
    TRY(read_all(run, &found));
    run->members = run->read[PACK_BOOKS].at;
    run->member_count = run->read[PACK_BOOKS].count;
    run->orders = run->read[PACK_ORDERS].at;
    run->order_count = run->read[PACK_ORDERS].count;
    run->payments = run->read[PACK_PAYMENTS].at;
    run->payment_count = run->read[PACK_PAYMENTS].count;
    return ERR_OK;
}
