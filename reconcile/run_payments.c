/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "run_parts.h"

enum err
run_keep_payment(struct run *run, const struct recon_payment *payment)
{
    void *room = NULL;
    TRY(run_list_add(&run->read[PACK_PAYMENTS], sizeof(*payment), &room));
    *(struct recon_payment *)room = *payment;
    return ERR_OK;
}

static enum err
take_payment(struct run *run, struct db_reader *reader)
{
    struct recon_payment payment = { .amount_fen = 0 };
    TRY(run_read_text(run, reader, &payment.owner));
    TRY(run_read_text(run, reader, &payment.order_no));
    TRY(run_read_text(run, reader, &payment.attempt_no));
    TRY(run_read_text(run, reader, &payment.account));
    TRY(run_read_text(run, reader, &payment.provider));
    payment.amount_fen = db_read_i64(reader);
    payment.paid_at = db_read_time(reader);
    return run_keep_payment(run, &payment);
}

static enum err
read_others(struct run *run)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_payments, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        TRY(take_payment(run, &reader));
        TRY(db_read_next(&reader, &more));
    }
    return ERR_OK;
}

/* What goes back of one attempt's money. */
struct back {
    struct span attempt_no;
    int64_t refunded_fen;
    bool open;
};

static enum err
read_back(struct run *run, struct run_list *out)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_given_back, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        void *room = NULL;
        TRY(run_list_add(out, sizeof(struct back), &room));
        struct back *back = room;
        TRY(run_read_text(run, &reader, &back->attempt_no));
        back->refunded_fen = db_read_i64(&reader);
        back->open = db_read_bool(&reader);
        TRY(db_read_next(&reader, &more));
    }
    return ERR_OK;
}

static enum err
put_back(struct run *run, struct arena *arena, const struct run_list *list)
{
    struct index by_attempt;
    const struct back *back = list->at;
    struct recon_payment *payments = run->read[PACK_PAYMENTS].at;
    TRY(index_init(&by_attempt, arena, list->count));
    for (size_t i = 0; i < list->count; i++) {
        TRY(index_add(&by_attempt, back[i].attempt_no, SPAN_LIT(""), i));
    }
    for (size_t i = 0; i < run->read[PACK_PAYMENTS].count; i++) {
        size_t found = index_find(&by_attempt, payments[i].attempt_no, SPAN_LIT(""));
        if (found != INDEX_NONE) {
            payments[i].refunded_fen = back[found].refunded_fen;
            payments[i].refund_open = back[found].open;
        }
    }
    return ERR_OK;
}

enum err
run_read_payments(struct run *run, struct arena *arena)
{
    struct run_list back = { .at = NULL };
    TRY(read_others(run));
    enum err err = read_back(run, &back);
    if (err == ERR_OK && back.count > 0) {
        err = put_back(run, arena, &back);
    }
    free(back.at);
    return err;
}
