-- SPDX-License-Identifier: Apache-2.0
-- Keys of calls about refunds and endpoints are completed too; what is stored of them stands in the columns that there are.
SET LOCAL search_path = tallygate;

COMMENT ON COLUMN idempotency.subject IS
    'order, payment, refund with its client, or endpoint that the call is about; empty when nothing can be committed or answered for it';
COMMENT ON COLUMN idempotency.content_hash IS
    'content hash of the order that was sent; of a refund that is asked for, that of the request; null where the call sends neither';
