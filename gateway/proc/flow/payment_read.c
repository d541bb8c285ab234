/* SPDX-License-Identifier: Apache-2.0 */
#include "payment_read.h"

#include "number.h"

#define TOKEN_SLOT_DIGITS 3

struct read {
    const struct services *services;
    struct arena *arena;
    payment_read_done done;
    void *context;
    struct payment payment;
};

static void
fail(const struct read *read, enum err err)
{
    read->done(read->context, err, NULL, NULL, 0);
}

static enum err
take_attempts(struct read *read, const struct db_rows *rows, struct attempt **out)
{
    void *storage = NULL;
    size_t count = db_rows_count(rows);
    TRY(arena_array(read->arena, count, sizeof(struct attempt), &storage));
    struct attempt *attempts = storage;
    for (size_t i = 0; i < count; i++) {
        TRY(attempt_row(rows, i, read->arena, &attempts[i]));
    }
    *out = attempts;
    return ERR_OK;
}

static void
attempts_read(void *context, const struct db_answer *answer)
{
    struct read *read = context;
    struct attempt *attempts = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = take_attempts(read, answer->rows, &attempts);
    }
    if (err != ERR_OK) {
        fail(read, err);
        return;
    }
    read->done(read->context, ERR_OK, &read->payment, attempts, db_rows_count(answer->rows));
}

static void
found(void *context, const struct db_answer *answer)
{
    struct read *read = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_PAYMENT_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = payment_row(answer->rows, 0, read->arena, &read->payment);
    }
    if (err != ERR_OK) {
        fail(read, err);
        return;
    }
    struct db_params params;
    db_params_init(&params, read->arena);
    db_i64(&params, read->payment.slot);
    db_text(&params, read->payment.payment_no);
    db_run(read->services->db, STATEMENT_attempt_list, &params, attempts_read, read);
}

static struct read *
start(const struct services *services, struct arena *arena, payment_read_done done, void *context)
{
    void *storage = NULL;
    enum err err = arena_alloc(arena, sizeof(struct read), &storage);
    if (err != ERR_OK) {
        done(context, err, NULL, NULL, 0);
        return NULL;
    }
    struct read *read = storage;
    read->services = services;
    read->arena = arena;
    read->done = done;
    read->context = context;
    return read;
}

void
payment_read_owned(const struct services *services, struct arena *arena, int slot,
                   struct span payment_no, struct span owner, payment_read_done done, void *context)
{
    struct read *read = start(services, arena, done, context);
    if (read == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, slot);
    db_text(&params, payment_no);
    db_text(&params, owner);
    db_run(services->db, STATEMENT_payment_find, &params, found, read);
}

void
payment_read(const struct services *services, struct arena *arena, int slot, struct span payment_no,
             payment_read_done done, void *context)
{
    payment_read_owned(services, arena, slot, payment_no, SPAN_LIT(""), done, context);
}

void
payment_read_by_order(const struct services *services, struct arena *arena, struct span owner,
                      struct span order_no, payment_read_done done, void *context)
{
    int slot = 0;
    struct read *read = start(services, arena, done, context);
    if (read == NULL) {
        return;
    }
    enum err err = number_slot(owner, order_no, &slot);
    if (err != ERR_OK) {
        fail(read, err);
        return;
    }
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, slot);
    db_text(&params, owner);
    db_text(&params, order_no);
    db_run(services->db, STATEMENT_payment_find_by_order, &params, found, read);
}

void
payment_read_by_token(const struct services *services, struct arena *arena, struct span token,
                      payment_read_done done, void *context)
{
    uint64_t slot = 0;
    struct read *read = start(services, arena, done, context);
    if (read == NULL) {
        return;
    }
    if (span_to_u64(span_sub(token, 0, TOKEN_SLOT_DIGITS), 0, NUMBER_SLOTS - 1, &slot) != ERR_OK) {
        fail(read, ERR_PAYMENT_UNKNOWN);
        return;
    }
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, (int64_t)slot);
    db_text(&params, token);
    db_run(services->db, STATEMENT_payment_find_by_token, &params, found, read);
}
