/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "abandoned_key.h"
#include "difference_view.h"

/* Keys of calls about differences. An event has the words of the call that made it, so it tells whether the call was done. */

#define ROUTE_FRONT "difference_"

static void
acted(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    struct json_t *view = NULL;
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 0) {
        abandoned_give_back(key);
        return;
    }
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = json_new_object(&view);
    }
    if (err == ERR_OK) {
        err = difference_view_put(view, answer->rows, 0, LANGUAGE_ZH);
    }
    if (err != ERR_OK) {
        json_free(&view);
        abandoned_give_up(key, err);
        return;
    }
    abandoned_complete(key, 200, view);
}

enum err
abandoned_difference_act(struct abandoned_key *key)
{
    struct span client = key->subject;
    struct span number;
    struct db_params params;
    if (!span_cut(&client, ' ', &number)) {
        return ERR_FIELD_VALUE;
    }
    db_params_init(&params, key->batch->arena);
    db_text(&params, key->owner);
    db_day(&params, day_of(clock_wall(), ZONE_CHINA_MIN));
    db_text(&params, number);
    db_text(&params, span_sub(key->route, strlen(ROUTE_FRONT), key->route.len));
    db_text(&params, client);
    db_bytes(&params, key->content_hash);
    db_time(&params, key->claimed_at);
    db_run(key->batch->services->db, STATEMENT_difference_acted, &params, acted, key);
    return ERR_OK;
}
