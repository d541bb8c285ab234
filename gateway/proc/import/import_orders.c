/* SPDX-License-Identifier: Apache-2.0 */
#include "import.h"
#include "number.h"
#include "order_request.h"

/* {"order": as in a payment's request, "status", "status_at"?, "issued_quantity"?}. The tariff of today says
 * nothing about an order of yesterday, so it is not asked; reconciliation looks at prices. */

#define CLOCK_TOLERANCE_MS INT64_C(300000) /* the portal's clock may be ahead so far */

struct order_line {
    struct order order;
    enum order_status status;
    struct wall_time status_at;
    int64_t issued_quantity; /* -1: not said */
};

static void
read_status(const struct import_batch *batch, struct body *body, struct order_line *line)
{
    struct span status = { 0 };
    body_string(&body->root, "status", 1, 20, &status);
    if (status.len > 0) {
        body_fault(&body->root, "status", order_status_decode(status, &line->status));
    }
    body_optional_time(&body->root, "status_at", &line->status_at);
    if (line->status_at.us > wall_add_ms(batch->now, CLOCK_TOLERANCE_MS).us) {
        body_fault(&body->root, "status_at", ERR_FIELD_VALUE);
    }
    body_optional_i64(&body->root, "issued_quantity", 0, ORDER_QUANTITY_MAX,
                      &line->issued_quantity);
}

static enum err
put_texts(const struct import_batch *batch, const struct order *order, struct json_t *row)
{
    struct span profile;
    TRY(json_put_string(row, "order_no", order->order_no));
    TRY(json_put_text(row, "kind", order_kind_code(order->kind)));
    TRY(json_put_text(row, "applicant", order_applicant_code(order->applicant)));
    TRY(json_put_string(row, "unit_name", order->unit_name));
    TRY(json_put_string(row, "uscc", order->uscc));
    TRY(json_put_text(row, "currency", currency_code(order->amount.currency)));
    TRY(order_request_invoice(order, batch->scratch, &profile));
    return json_put_string(row, "invoice_profile", profile);
}

static enum err
put_hash(const struct order *order, struct json_t *row)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES + 1);
    TRY(order_request_hash(order, digest));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    return json_put_string(row, "content_hash", buf_span(&hex));
}

static enum err
put_line(const struct import_batch *batch, const struct order_line *line, struct json_t *row)
{
    DEFER(buf_fini) struct buf at = BUF_MAX(64);
    int slot = 0;
    TRY(number_slot(batch->owner, line->order.order_no, &slot));
    TRY(json_put_i64(row, "slot", slot));
    TRY(put_texts(batch, &line->order, row));
    TRY(json_put_i64(row, "quantity", line->order.quantity));
    TRY(json_put_i64(row, "unit_fee_fen", line->order.unit_fee.minor));
    TRY(json_put_i64(row, "amount_fen", line->order.amount.minor));
    TRY(put_hash(&line->order, row));
    TRY(json_put_text(row, "status", order_status_code(line->status)));
    TRY(wall_format(line->status_at.us != 0 ? line->status_at : batch->now, &at));
    TRY(json_put_string(row, "status_at", buf_span(&at)));
    return line->issued_quantity < 0 ? json_put_null(row, "issued_quantity")
                                     : json_put_i64(row, "issued_quantity", line->issued_quantity);
}

static enum err
read_order(const struct import_batch *batch, struct body *body, struct json_t *row,
           struct span *key)
{
    struct order_line line = { .issued_quantity = -1 };
    order_request_read(body_object(&body->root, "order"), &line.order);
    *key = line.order.order_no;
    read_status(batch, body, &line);
    TRY(order_check(&line.order, NULL, body->faults));
    TRY(faults_verdict(body->faults));
    return put_line(batch, &line, row);
}

/* A batch tells where an order is now, not each step on its way there. */
static enum err
edges(struct buf *out)
{
    for (int from = ORDER_DRAFT; from < ORDER_STATUS_COUNT; from++) {
        for (int to = ORDER_DRAFT; to < ORDER_STATUS_COUNT; to++) {
            if (order_status_reaches((enum order_status)from, (enum order_status)to)) {
                TRY(buf_printf(out, "%s%s>%s", out->len > 0 ? " " : "",
                               order_status_code((enum order_status)from),
                               order_status_code((enum order_status)to)));
            }
        }
    }
    return ERR_OK;
}

const struct import_kind import_orders = {
    .name = "orders",
    .key_name = "order_no",
    .statement = STATEMENT_order_import,
    .portal = STATEMENT_portal_order_open,
    .read = read_order,
    .edges = edges,
};
