/* SPDX-License-Identifier: Apache-2.0 */
#include "import.h"
#include "invoice_request.h"

/* {"invoice_id", and what a report of one invoice has}. */

static enum err
read_invoice(const struct import_batch *batch, struct body *body, struct json_t *row,
             struct span *key)
{
    struct invoice invoice = { 0 };
    body_string(&body->root, "invoice_id", 1, 64, &invoice.invoice_id);
    *key = invoice.invoice_id;
    TRY(invoice_request_read(&body->root, batch->scratch, &invoice));
    return invoice_request_row(batch->owner, &invoice, row);
}

static enum err
edges(struct buf *out)
{
    for (int from = INVOICE_ASKED; from < INVOICE_STATUS_COUNT; from++) {
        for (int to = INVOICE_ASKED; to < INVOICE_STATUS_COUNT; to++) {
            if (invoice_status_next((enum invoice_status)from, (enum invoice_status)to) == ERR_OK) {
                TRY(buf_printf(out, "%s%s>%s", out->len > 0 ? " " : "",
                               invoice_status_code((enum invoice_status)from),
                               invoice_status_code((enum invoice_status)to)));
            }
        }
    }
    return ERR_OK;
}

const struct import_kind import_invoices = {
    .name = "invoices",
    .key_name = "invoice_id",
    .statement = STATEMENT_invoice_import,
    .portal = STATEMENT_portal_invoice_open,
    .read = read_invoice,
    .edges = edges,
};
