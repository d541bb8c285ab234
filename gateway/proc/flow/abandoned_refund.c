/* SPDX-License-Identifier: Apache-2.0 */
#include "abandoned_key.h"
#include "number.h"
#include "refund_subject.h"
#include "refund_view.h"

/* Keys of calls that ask for refunds and decide about them. */

static void
complete_with(struct abandoned_key *key, const struct refund *refund)
{
    struct json_t *view = NULL;
    enum err err = refund_view(refund, &view);
    if (err != ERR_OK) {
        abandoned_give_up(key, err);
        return;
    }
    abandoned_complete(key, key->status, view);
}

/* The only row, if there is one; else the key's way has ended. */
static bool
take_refund(struct abandoned_key *key, const struct db_answer *answer, struct refund *out)
{
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 0) {
        abandoned_give_back(key);
        return false;
    }
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = refund_row(answer->rows, 0, key->batch->arena, out);
    }
    if (err != ERR_OK) {
        abandoned_give_up(key, err);
    }
    return err == ERR_OK;
}

static void
made(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    struct refund refund;
    if (take_refund(key, answer, &refund)) {
        complete_with(key, &refund);
    }
}

/* The refund names the request that made it. */
enum err
abandoned_refund_create(struct abandoned_key *key)
{
    struct span request_key;
    struct db_params params;
    TRY(number_payment_check(key->subject, &key->subject_slot));
    TRY(refund_request_key(key->key, key->content_hash, key->batch->arena, &request_key));
    key->status = 201;
    db_params_init(&params, key->batch->arena);
    db_i64(&params, key->subject_slot);
    db_text(&params, key->owner);
    db_text(&params, request_key);
    db_run(key->batch->services->db, STATEMENT_refund_by_request, &params, made, key);
    return ERR_OK;
}

/* Done when the decision of this route, by this very client, stands. Whatever else there is, asking again finds out. */
static void
looked_at(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    struct refund_subject subject;
    struct refund refund;
    if (!take_refund(key, answer, &refund)) {
        return;
    }
    enum err err = refund_subject_read(key->subject, &subject);
    if (err != ERR_OK) {
        abandoned_give_up(key, err);
    } else if (span_eq(refund_decided_by(&refund, refund_event_of_route(key->route)),
                       subject.client)) {
        complete_with(key, &refund);
    } else {
        abandoned_give_back(key);
    }
}

enum err
abandoned_refund_decision(struct abandoned_key *key)
{
    struct refund_subject subject;
    struct db_params params;
    TRY(refund_subject_read(key->subject, &subject));
    TRY(number_refund_check(subject.refund_no, &key->subject_slot));
    key->status = 200;
    db_params_init(&params, key->batch->arena);
    db_i64(&params, key->subject_slot);
    db_text(&params, subject.refund_no);
    db_text(&params, key->owner);
    db_run(key->batch->services->db, STATEMENT_refund_find, &params, looked_at, key);
    return ERR_OK;
}
