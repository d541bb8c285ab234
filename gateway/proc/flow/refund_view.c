/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_view.h"

#include "payment_view.h"

#define ID_MAX_BYTES 64

static enum err
put_id(struct json_t *view, struct span refund_no)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ID_MAX_BYTES);
    TRY(buf_text(&text, "rfd_"));
    TRY(buf_append(&text, refund_no));
    return json_put_string(view, "id", buf_span(&text));
}

static enum err
put_people(struct json_t *view, const struct refund *refund)
{
    TRY(json_put_string_or_null(view, "requested_by", refund->requested_by));
    TRY(json_put_string_or_null(view, "approved_by", refund->approved_by));
    TRY(json_put_string_or_null(view, "rejected_by", refund->rejected_by));
    TRY(json_put_string_or_null(view, "withdrawn_by", refund->withdrawn_by));
    return json_put_string_or_null(view, "withdrawn_reason", refund->withdrawn_reason);
}

static enum err
put_times(struct json_t *view, const struct refund *refund)
{
    TRY(payment_view_time(view, "created_at", refund->created_at));
    TRY(payment_view_time(view, "decided_at", refund->decided_at));
    TRY(payment_view_time(view, "sent_at", refund->first_sent_at));
    TRY(payment_view_time(view, "last_answer_at", refund->last_answer_at));
    return payment_view_time(view, "succeeded_at", refund->succeeded_at);
}

static enum err
put_refund(struct json_t *view, const struct refund *refund)
{
    TRY(put_id(view, refund->refund_no));
    TRY(payment_view_id(view, "payment_id", refund->payment_no));
    TRY(json_put_string(view, "attempt_no", refund->attempt_no));
    TRY(json_put_string(view, "provider", refund->provider));
    TRY(json_put_text(view, "state", refund_state_code(refund->state)));
    TRY(json_put_i64(view, "amount", refund->amount.minor));
    TRY(json_put_text(view, "currency", currency_code(refund->amount.currency)));
    TRY(json_put_string(view, "cause", refund->cause));
    TRY(json_put_string(view, "reason", refund->reason));
    TRY(json_put_string_or_null(view, "provider_code", refund->provider_code));
    TRY(put_people(view, refund));
    return put_times(view, refund);
}

enum err
refund_view(const struct refund *refund, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(put_refund(view, refund));
    *out = view;
    view = NULL;
    return ERR_OK;
}

enum err
refund_view_list(const struct db_rows *rows, struct arena *arena, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "refunds", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct refund refund;
        struct json_t *one = NULL;
        TRY(refund_row(rows, i, arena, &refund));
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(put_refund(one, &refund));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}
