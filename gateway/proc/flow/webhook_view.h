/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_WEBHOOK_VIEW_H
#define TALLYGATE_PROC_FLOW_WEBHOOK_VIEW_H

/* How the portal sees endpoints, deliveries and the feed. What is made is the caller's. */

#include "db.h"
#include "json.h"

/* A row of webhook_endpoint_list. Errors: NO_MEMORY, ENCODING. */
MUST_USE enum err webhook_view_endpoint(const struct db_rows *rows, size_t row,
                                        struct json_t **out);

/* A row of webhook_delivery_list, added to a list. Errors: NO_MEMORY, ENCODING, DB_ROWS. */
MUST_USE enum err webhook_view_delivery(const struct db_rows *rows, size_t row,
                                        struct json_t *list);

/* The ids of a row of webhook_delivery_list: of the delivery and of its message. Errors: DB_ROWS, BUF_FULL. */
MUST_USE enum err webhook_view_ids(const struct db_rows *rows, size_t row, struct buf *delivery,
                                   struct buf *message);

/* Every row of event_feed as {"id", "cursor", "event"}, added to a list. Errors: ARENA_FULL, DB_ROWS, NO_MEMORY. */
MUST_USE enum err webhook_view_events(const struct db_rows *rows, struct arena *arena,
                                      struct json_t *list);

#endif
