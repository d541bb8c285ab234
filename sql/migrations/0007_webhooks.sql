-- SPDX-License-Identifier: Apache-2.0
-- Where the portal wants to be told, and what became of each message. No secret lies here: the keys process makes an endpoint's
-- secret from its id and generation. The payment path writes outbox rows as before and knows nothing of this.
SET LOCAL search_path = tallygate;

-- The feed: messages get their places one by one behind a lock, in the order in which they can be seen, so that who has read up
-- to a place has missed nothing before it.
ALTER TABLE outbox ADD COLUMN owner text, ADD COLUMN place bigint, DROP COLUMN delivered_at;
ALTER TABLE outbox ADD CHECK ((owner IS NULL) = (place IS NULL));
CREATE INDEX outbox_unplaced ON outbox (at) WHERE place IS NULL;
CREATE INDEX outbox_by_place ON outbox (owner, place) WHERE place IS NOT NULL;
CREATE INDEX outbox_by_time ON outbox (owner, at) WHERE place IS NOT NULL;
COMMENT ON COLUMN outbox.owner IS 'owner of the payment; null until the message has its place';
COMMENT ON COLUMN outbox.place IS 'place in the feed of this database; places are given in the order in which messages become visible';

CREATE TABLE webhook_feed (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    place bigint NOT NULL
);
INSERT INTO webhook_feed (place) VALUES (0);
COMMENT ON TABLE webhook_feed IS 'one row: who gives places holds its lock';
COMMENT ON COLUMN webhook_feed.one IS 'always true';
COMMENT ON COLUMN webhook_feed.place IS 'the last place that was given';

CREATE TABLE webhook_endpoint (
    id                  text PRIMARY KEY CHECK (id ~ '^we_[0-9a-f]{32}$'),
    owner               text NOT NULL,
    url                 text NOT NULL CHECK (length(url) BETWEEN 8 AND 400),
    kinds               text[] CHECK (cardinality(kinds) > 0),
    enabled             boolean NOT NULL DEFAULT true,
    disabled_reason     text CHECK (disabled_reason IN ('gone', 'deleted')),
    generation          bigint NOT NULL CHECK (generation > 0),
    previous_generation bigint,
    previous_until      timestamptz,
    rotated_by          text,
    created_at          timestamptz NOT NULL,
    rotated_at          timestamptz,
    deleted_at          timestamptz,
    CHECK (enabled = (disabled_reason IS NULL)),
    CHECK ((deleted_at IS NOT NULL) = (disabled_reason IS NOT DISTINCT FROM 'deleted')),
    CHECK ((previous_generation IS NULL) = (previous_until IS NULL)),
    CHECK (previous_generation < generation)
);
CREATE INDEX webhook_endpoint_by_owner ON webhook_endpoint (owner) WHERE deleted_at IS NULL;
COMMENT ON TABLE webhook_endpoint IS 'addresses that are told what happened to their owner''s payments';
COMMENT ON COLUMN webhook_endpoint.id IS 'we_ and 32 hexadecimal digits';
COMMENT ON COLUMN webhook_endpoint.owner IS 'the client that it belongs to';
COMMENT ON COLUMN webhook_endpoint.url IS 'where messages are sent';
COMMENT ON COLUMN webhook_endpoint.kinds IS 'kinds that it wants; null: all, also those to come';
COMMENT ON COLUMN webhook_endpoint.enabled IS 'whether anything is sent';
COMMENT ON COLUMN webhook_endpoint.disabled_reason IS 'gone (it answered 410), deleted (its owner took it away)';
COMMENT ON COLUMN webhook_endpoint.generation IS 'which secret signs: the second in which it was made; the secret itself is nowhere stored';
COMMENT ON COLUMN webhook_endpoint.previous_generation IS 'the secret before a rotation';
COMMENT ON COLUMN webhook_endpoint.previous_until IS 'until then the previous secret signs too';
COMMENT ON COLUMN webhook_endpoint.rotated_by IS 'key of the request that rotated last: taken up again after a crash it rotates no further';
COMMENT ON COLUMN webhook_endpoint.created_at IS 'when it was registered';
COMMENT ON COLUMN webhook_endpoint.rotated_at IS 'when it last got a new secret';
COMMENT ON COLUMN webhook_endpoint.deleted_at IS 'when it was taken away; the row stays for what was sent to it';

CREATE TABLE webhook_delivery (
    slot         integer NOT NULL,
    payment_no   text NOT NULL,
    seq          bigint NOT NULL,
    kind         text NOT NULL,
    endpoint_id  text NOT NULL REFERENCES webhook_endpoint (id),
    state        text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at      timestamptz,
    lease_until  timestamptz,
    last_at      timestamptz,
    last_status  integer,
    last_error   text,
    delivered_at timestamptz,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (slot, payment_no, seq, kind, endpoint_id),
    FOREIGN KEY (slot, payment_no, seq, kind) REFERENCES outbox (slot, payment_no, seq, kind),
    CHECK ((state = 'waiting') = (next_at IS NOT NULL)),
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK (lease_until IS NULL OR state = 'waiting')
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_leased ON webhook_delivery (endpoint_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX webhook_delivery_dead ON webhook_delivery (endpoint_id, last_at) WHERE state = 'dead';
CREATE INDEX webhook_delivery_newest ON webhook_delivery (endpoint_id, created_at);
COMMENT ON TABLE webhook_delivery IS 'one message for one endpoint';
COMMENT ON COLUMN webhook_delivery.slot IS 'slot of the message';
COMMENT ON COLUMN webhook_delivery.payment_no IS 'payment of the message';
COMMENT ON COLUMN webhook_delivery.seq IS 'event of the message';
COMMENT ON COLUMN webhook_delivery.kind IS 'kind of the message';
COMMENT ON COLUMN webhook_delivery.endpoint_id IS 'where it goes';
COMMENT ON COLUMN webhook_delivery.state IS 'waiting, delivered, dead (given up; it can be sent again)';
COMMENT ON COLUMN webhook_delivery.attempts IS 'tries of this round: a resend begins the schedule anew';
COMMENT ON COLUMN webhook_delivery.next_at IS 'when it is tried next';
COMMENT ON COLUMN webhook_delivery.lease_until IS 'somebody is sending it until then';
COMMENT ON COLUMN webhook_delivery.last_at IS 'when its last try ended';
COMMENT ON COLUMN webhook_delivery.last_status IS 'HTTP status of the last try; null when there was no answer';
COMMENT ON COLUMN webhook_delivery.last_error IS 'why the last try failed; null after success';
COMMENT ON COLUMN webhook_delivery.delivered_at IS 'when the endpoint took it';
COMMENT ON COLUMN webhook_delivery.created_at IS 'when it was made for this endpoint';

-- tallygate_recon is whom the operator's program may connect as: it lists, sends again, and reads what was sent.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON webhook_feed, webhook_endpoint, webhook_delivery TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT UPDATE (place) ON webhook_feed TO tallygate_app;
        GRANT UPDATE (owner, place) ON outbox TO tallygate_app;
        GRANT INSERT ON webhook_endpoint TO tallygate_app;
        GRANT UPDATE (enabled, disabled_reason, generation, previous_generation, previous_until, rotated_by, rotated_at,
                      deleted_at)
            ON webhook_endpoint TO tallygate_app;
        GRANT INSERT ON webhook_delivery TO tallygate_app, tallygate_recon;
        GRANT UPDATE (state, attempts, next_at, lease_until, last_at, last_status, last_error, delivered_at)
            ON webhook_delivery TO tallygate_app, tallygate_recon;
    END IF;
END
$$;
