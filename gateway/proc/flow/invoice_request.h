/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_INVOICE_REQUEST_H
#define TALLYGATE_PROC_FLOW_INVOICE_REQUEST_H

/* An invoice as the portal reports it, by itself or in a batch. */

#include "body.h"
#include "invoice.h"

/* Reads the members of a report and judges it by invoice_check; out->invoice_id is the caller's, who knows where it
 * stands. Texts live in the body's arena, allocations in `arena`. Errors: VALIDATION with the fields named in the
 * body's faults; ARENA_FULL, INTERNAL. */
MUST_USE enum err invoice_request_read(struct body_object *from, struct arena *arena,
                                       struct invoice *out);

/* The members of a row that invoice_import takes, but for n: slots are those of `owner`'s orders. Errors: NO_MEMORY,
 * CRYPTO. */
MUST_USE enum err invoice_request_row(struct span owner, const struct invoice *invoice,
                                      struct json_t *row);

#endif
