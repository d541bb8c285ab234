/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_INVOICE_BODY_H
#define TALLYGATE_PROC_INVOICE_BODY_H

/* An invoice as JSON: what the portal reports, and what we show of it. */

#include "body.h"
#include "db.h"
#include "invoice.h"

/* Reads and judges a report; the invoice's id is the request's first capture, its texts live in the request's
 * arena. Errors: those of body_open, VALIDATION with the fields named in `faults`. */
MUST_USE enum err invoice_body_read(struct http_request *request, struct invoice *out,
                                    struct faults *faults);

/* The first row of invoice_find; *out is the caller's. Errors: NO_MEMORY, JSON. */
MUST_USE enum err invoice_body_view(const struct db_rows *rows, struct json_t **out);

#endif
