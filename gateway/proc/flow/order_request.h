/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_ORDER_REQUEST_H
#define TALLYGATE_PROC_FLOW_ORDER_REQUEST_H

/* An order as the portal writes it, in a payment's request or in a batch. */

#include "body.h"
#include "crypto.h"
#include "order.h"

/* Reads the members of an order; what is wrong becomes a fault of the body. The rules are order_check's. */
void order_request_read(struct body_object *from, struct order *order);

/* The order as one text, the same for the same order: what its content hash is over. */
MUST_USE enum err order_request_text(const struct order *order, struct buf *out);

/* SHA-256 of that text. Errors: NO_MEMORY, ENCODING, CRYPTO. */
MUST_USE enum err order_request_hash(const struct order *order, unsigned char out[SHA256_BYTES]);

/* The invoice profile as a JSON object. */
MUST_USE enum err order_request_invoice(const struct order *order, struct arena *arena,
                                        struct span *out);

#endif
