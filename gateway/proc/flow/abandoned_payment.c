/* SPDX-License-Identifier: Apache-2.0 */
#include "abandoned_key.h"
#include "number.h"
#include "payment_read.h"
#include "payment_view.h"

/* Keys of calls that make and close payments. */

static void
payment_found(void *context, enum err err, const struct payment *payment,
              const struct attempt *attempts, size_t count)
{
    struct abandoned_key *key = context;
    struct batch *batch = key->batch;
    struct json_t *view = NULL;
    if (err == ERR_PAYMENT_UNKNOWN
        || (err == ERR_OK && key->wanted != NULL && !span_eq_cstr(payment->state, key->wanted))) {
        abandoned_give_back(key);
        return;
    }
    if (err == ERR_OK) {
        err = payment_view(batch->services, payment, attempts, count, batch->arena, &view);
    }
    if (err != ERR_OK) {
        abandoned_give_up(key, err);
        return;
    }
    abandoned_complete(key, key->status, view);
}

static void
made_since(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    struct batch *batch = key->batch;
    struct span payment_no = SPAN("");
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 0) {
        abandoned_give_back(key);
        return;
    }
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = arena_copy(batch->arena, db_row_text(answer->rows, 0, "payment_no"), &payment_no);
    }
    if (err != ERR_OK) {
        abandoned_give_up(key, err);
        return;
    }
    payment_read_owned(batch->services, batch->arena, key->subject_slot, payment_no, key->owner,
                       payment_found, key);
}

/* The payment stands if it was made since the key was taken, for an order of what was sent then. */
enum err
abandoned_payment_create(struct abandoned_key *key)
{
    struct db_params params;
    TRY(number_slot(key->owner, key->subject, &key->subject_slot));
    key->status = 201;
    db_params_init(&params, key->batch->arena);
    db_i64(&params, key->subject_slot);
    db_text(&params, key->owner);
    db_text(&params, key->subject);
    db_bytes(&params, key->content_hash);
    db_time(&params, key->claimed_at);
    db_run(key->batch->services->db, STATEMENT_payment_made_since, &params, made_since, key);
    return ERR_OK;
}

/* Closing is done when the payment is closed. Whatever else it is, asking again finds out and goes on. */
enum err
abandoned_payment_close(struct abandoned_key *key)
{
    TRY(number_payment_check(key->subject, &key->subject_slot));
    key->status = 200;
    key->wanted = "closed";
    payment_read_owned(key->batch->services, key->batch->arena, key->subject_slot, key->subject,
                       key->owner, payment_found, key);
    return ERR_OK;
}
