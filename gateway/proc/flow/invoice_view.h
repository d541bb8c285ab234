/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_INVOICE_VIEW_H
#define TALLYGATE_PROC_FLOW_INVOICE_VIEW_H

/* An invoice as we show it. */

#include "db.h"
#include "json.h"

/* The first row of invoice_find; *out is the caller's. Errors: NO_MEMORY, JSON. */
MUST_USE enum err invoice_view(const struct db_rows *rows, struct json_t **out);

#endif
