/* SPDX-License-Identifier: Apache-2.0 */
#include "abandoned_key.h"
#include "webhook_view.h"

/* Keys of calls that make endpoints and change their secrets. The answer that is kept has no secret, as it is with every
 * such key: whoever did not hear it rotates. */

static void
complete_with(struct abandoned_key *key, const struct db_rows *rows, int status)
{
    struct json_t *view = NULL;
    enum err err = webhook_view_endpoint(rows, 0, &view);
    if (err == ERR_OK) {
        err = json_put_null(view, "secret");
    }
    if (err != ERR_OK) {
        json_free(&view);
        abandoned_give_up(key, err);
        return;
    }
    abandoned_complete(key, status, view);
}

static void
look(struct abandoned_key *key, db_done done)
{
    struct db_params params;
    db_params_init(&params, key->batch->arena);
    db_text(&params, key->owner);
    db_text(&params, key->subject);
    db_run(key->batch->services->db, STATEMENT_webhook_endpoint_list, &params, done, key);
}

/* The endpoint's id is made of its owner and this key. */
static void
made(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    if (answer->err != ERR_OK) {
        abandoned_give_up(key, answer->err);
    } else if (db_rows_count(answer->rows) == 0) {
        abandoned_give_back(key);
    } else {
        complete_with(key, answer->rows, 201);
    }
}

enum err
abandoned_webhook_create(struct abandoned_key *key)
{
    look(key, made);
    return ERR_OK;
}

/* The endpoint names the request that has rotated it last. */
static void
rotated(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    if (answer->err != ERR_OK) {
        abandoned_give_up(key, answer->err);
    } else if (db_rows_count(answer->rows) == 0
               || !span_eq(db_row_text(answer->rows, 0, "rotated_by"), key->key)) {
        abandoned_give_back(key);
    } else {
        complete_with(key, answer->rows, 200);
    }
}

enum err
abandoned_webhook_rotate(struct abandoned_key *key)
{
    look(key, rotated);
    return ERR_OK;
}
