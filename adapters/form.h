/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_FORM_H
#define TALLYGATE_ADAPTERS_FORM_H

/* application/x-www-form-urlencoded, for providers that speak forms. */

#include "adapter.h"

/* Splits at "&" and "=" first and decodes each name and value exactly once ("+" is a blank). A name
 * that appears twice is refused: FIELD_REPEATED. Errors: ENCODING for a bad escape, BUF_FULL for
 * more than ADAPTER_FIELDS_MAX fields, ARENA_FULL. */
MUST_USE enum err form_decode(struct span body, struct arena *arena, struct adapter_fields *out);

/* Appends one component with everything but unreserved characters escaped. */
MUST_USE enum err form_escape(struct span text, struct buf *out);

/* name=value&name=value in the order of the table. */
MUST_USE enum err form_encode(const struct adapter_fields *fields, struct buf *out);

/* Sorts by name, plain byte order. */
void form_sort(struct adapter_fields *fields);

#endif
