-- SPDX-License-Identifier: Apache-2.0
-- What an abandoned key's answer is made from: which call it was, and of what. No body is kept.
SET LOCAL search_path = tallygate;

ALTER TABLE idempotency
    ADD COLUMN route        text NOT NULL DEFAULT '',
    ADD COLUMN subject      text NOT NULL DEFAULT '',
    ADD COLUMN content_hash bytea;
CREATE INDEX idempotency_abandoned ON idempotency (lease_until) WHERE state = 'in_progress';
COMMENT ON COLUMN idempotency.lease_until IS
    'whose key it is: an owner completes or gives back only the lease that it took; after this the key is abandoned';
COMMENT ON COLUMN idempotency.route IS 'the call, where its answer can be made from what is committed; else empty';
COMMENT ON COLUMN idempotency.subject IS 'order or payment that the call is about; empty when nothing can be committed or answered for it';
COMMENT ON COLUMN idempotency.content_hash IS 'content hash of the order that was sent; null where the call sends none';
