/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "payment_view.h"

/* GET /v1/orders/{order_no}/clearance: may the order be submitted, may its certificates be issued? Asks nobody: what is
 * not known is a reason with the next step. */

static enum err
read_facts(const struct db_rows *rows, struct clearance_facts *out)
{
    const struct {
        const char *column;
        int64_t *to;
    } numbers[] = {
        { "quantity", &out->quantity },
        { "issued_quantity", &out->issued_quantity },
        { "proved_whole", &out->proved_whole },
        { "unproved", &out->unproved },
        { "undecided", &out->undecided },
        { "refund_open", &out->refund_open },
        { "refunded", &out->refunded },
        { "pending", &out->pending },
        { "unknown", &out->unknown },
        { "accepted", &out->accepted },
        { "manual", &out->manual },
        { "manual_waiting", &out->manual_waiting },
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        *numbers[i].to = db_row_i64(rows, 0, numbers[i].column);
    }
    out->duplicate = db_row_bool(rows, 0, "duplicate");
    out->late = db_row_bool(rows, 0, "late");
    out->mismatch = db_row_bool(rows, 0, "mismatch");
    out->manual_part = db_row_bool(rows, 0, "manual_part");
    out->manual_back = db_row_bool(rows, 0, "manual_back");
    TRY(order_status_decode(db_row_text(rows, 0, "status"), &out->status));
    return clearance_payment_decode(db_row_text(rows, 0, "state"), &out->payment);
}

static enum err
put_reasons(struct json_t *view, const struct clearance *clearance, enum language language)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "reasons", list));
    for (size_t i = 0; i < clearance->count; i++) {
        enum clearance_reason reason = clearance->reasons[i];
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(json_put_text(one, "code", clearance_reason_code(reason)));
        TRY(json_put_text(one, "detail", clearance_reason_text(reason, language)));
        TRY(json_put_bool(one, "blocks", clearance_reason_blocks(reason)));
        TRY(json_put_string_or_null(one, "next", span_of(clearance_reason_next(reason))));
    }
    return ERR_OK;
}

static enum err
put_payment(struct json_t *view, const struct db_rows *rows)
{
    struct span payment_no = db_row_text(rows, 0, "payment_no");
    if (span_empty(payment_no)) {
        TRY(json_put_null(view, "payment_id"));
    } else {
        TRY(payment_view_id(view, "payment_id", payment_no));
    }
    TRY(json_put_string_or_null(view, "payment_state", db_row_text(rows, 0, "state")));
    TRY(json_put_bool(view, "duplicate", db_row_bool(rows, 0, "duplicate")));
    TRY(json_put_bool(view, "late", db_row_bool(rows, 0, "late")));
    TRY(json_put_bool(view, "mismatch", db_row_bool(rows, 0, "mismatch")));
    TRY(json_put_i64(view, "amount", db_row_i64(rows, 0, "amount_fen")));
    TRY(json_put_i64(view, "paid_amount", db_row_i64(rows, 0, "paid_fen")));
    TRY(json_put_i64(view, "manual_amount", db_row_i64(rows, 0, "manual_fen")));
    TRY(json_put_string(view, "currency", db_row_text(rows, 0, "currency")));
    struct span digest = db_row_text(rows, 0, "evidence_digest");
    return json_put_string_or_null(view, "evidence_digest", span_sub(digest, 2, digest.len));
}

static enum err
clearance_view(const struct http_request *request, const struct db_rows *rows, struct json_t **out)
{
    struct clearance_facts facts = { .payment = CLEARANCE_NONE };
    DEFER(json_free) struct json_t *view = NULL;
    TRY(read_facts(rows, &facts));
    struct clearance clearance = clearance_judge(&facts);
    TRY(json_new_object(&view));
    TRY(json_put_string(view, "order_no", request->captures[0]));
    TRY(json_put_bool(view, "cleared", clearance.cleared));
    TRY(json_put_bool(view, "may_submit", clearance.may_submit));
    TRY(json_put_bool(view, "may_issue", clearance.may_issue));
    TRY(json_put_string(view, "order_status", db_row_text(rows, 0, "status")));
    TRY(json_put_text(view, "certainty", clearance_certainty_code(clearance.certainty)));
    TRY(put_payment(view, rows));
    TRY(put_reasons(view, &clearance, request->language));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
facts_read(void *context, const struct db_answer *answer)
{
    struct flow *flow = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_ORDER_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = clearance_view(flow->request, answer->rows, &view);
    }
    if (flow_ok(flow, err)) {
        flow_answer(flow, 200, view);
    }
}

static void
begin(struct flow *flow)
{
    const struct http_request *request = flow->request;
    int slot = 0;
    if (!flow_ok(flow, number_slot(request->client_owner, request->captures[0], &slot))) {
        return;
    }
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, slot);
    db_text(&params, request->client_owner);
    db_text(&params, request->captures[0]);
    db_run(flow->services->db, STATEMENT_order_clearance, &params, facts_read, flow);
}

void
handle_order_clearance(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct flow), NULL, begin);
}
