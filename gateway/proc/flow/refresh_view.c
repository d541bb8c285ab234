/* SPDX-License-Identifier: Apache-2.0 */
#include "refresh_view.h"

#include "payment_view.h"

const char *
refresh_certainty(const struct refresh_facts *facts, const struct payment *payment,
                  const struct attempt *attempts, size_t count)
{
    if (!span_eq_cstr(payment->state, "open")) {
        return "confirmed";
    }
    for (size_t i = 0; i < count; i++) {
        if (attempts[i].state == ATTEMPT_UNKNOWN) {
            return "unknown";
        }
    }
    return facts->refreshed || count == 0 ? "confirmed" : "provisional";
}

static enum err
put_evidence(struct json_t *view, const struct db_rows *rows)
{
    bool has = db_rows_count(rows) > 0;
    struct span digest = has ? db_row_text(rows, 0, "digest") : SPAN_LIT("");
    if (!has) {
        TRY(json_put_null(view, "source"));
        TRY(json_put_null(view, "evidence_digest"));
        TRY(json_put_null(view, "provider_time"));
        return json_put_null(view, "observed_at");
    }
    struct wall_time paid_at = db_row_time(rows, 0, "paid_at");
    struct wall_time stated_at = db_row_time(rows, 0, "stated_at");
    TRY(json_put_string(view, "source", db_row_text(rows, 0, "source")));
    TRY(json_put_string(view, "evidence_digest", span_sub(digest, 2, digest.len)));
    TRY(payment_view_time(view, "provider_time", paid_at.us != 0 ? paid_at : stated_at));
    return payment_view_time(view, "observed_at", db_row_time(rows, 0, "observed_at"));
}

/* When the provider is asked next by itself. An attempt that never left this house is looked at too, but
 * nobody is asked about it. */
static struct wall_time
next_check(const struct attempt *attempts, size_t count)
{
    struct wall_time next = { .us = 0 };
    for (size_t i = 0; i < count; i++) {
        bool asked = attempts[i].state != ATTEMPT_CREATED && attempts[i].next_poll_at.us != 0;
        if (asked && (next.us == 0 || attempts[i].next_poll_at.us < next.us)) {
            next = attempts[i].next_poll_at;
        }
    }
    return next;
}

static enum err
put_state(struct json_t *view, const struct refresh_facts *facts, const struct payment *payment,
          const struct attempt *attempts, size_t count)
{
    TRY(payment_view_id(view, "id", payment->payment_no));
    TRY(json_put_string(view, "order_no", payment->order_no));
    TRY(json_put_string(view, "state", payment->state));
    TRY(json_put_text(view, "certainty", refresh_certainty(facts, payment, attempts, count)));
    TRY(json_put_bool(view, "duplicate", payment->duplicate));
    TRY(json_put_bool(view, "late", payment->late));
    TRY(json_put_bool(view, "mismatch", payment->mismatch));
    TRY(json_put_bool(view, "refreshed", facts->refreshed));
    return facts->refreshed || facts->reason == NULL ? ERR_OK
                                                     : json_put_text(view, "reason", facts->reason);
}

enum err
refresh_view(const struct refresh_facts *facts, const struct payment *payment,
             const struct attempt *attempts, size_t count, const struct db_rows *evidence,
             struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(put_state(view, facts, payment, attempts, count));
    TRY(put_evidence(view, evidence));
    TRY(payment_view_time(view, "next_check_at", next_check(attempts, count)));
    TRY(payment_view_attempts(view, attempts, count));
    *out = view;
    view = NULL;
    return ERR_OK;
}
