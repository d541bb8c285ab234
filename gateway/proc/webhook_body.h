/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_WEBHOOK_BODY_H
#define TALLYGATE_PROC_WEBHOOK_BODY_H

/* What a portal reads of a message, pushed or pulled. */

#include "json.h"
#include "webhook_store.h"

#define WEBHOOK_BODY_MAX ((size_t)8 * 1024)

/* {"type", "timestamp", "data": {…}}; the same message gives the same tree each time. The tree is the caller's.
 * Errors: NO_MEMORY, ENCODING, those of wall_format. */
MUST_USE enum err webhook_body(const struct webhook_message *message, struct json_t **out);

/* The same as the bytes that are signed and sent. Errors: also BUF_FULL above WEBHOOK_BODY_MAX. */
MUST_USE enum err webhook_body_encode(const struct webhook_message *message, struct buf *out);

#endif
