-- SPDX-License-Identifier: Apache-2.0
-- Every event is chained by hash to the one before it in its payment, and the ends of the chains are sealed by signed
-- checkpoints: what was written cannot be edited, left out, moved or cut off unnoticed.
SET LOCAL search_path = tallygate;

-- The text of an event in one fixed form, hashed together with the hash of the event before it (null for the first).
-- gateway/core/audit.c makes the same from an export; docs/decisions/0014 has the form.
CREATE FUNCTION event_hash(previous bytea, slot integer, payment_no text, seq bigint, attempt_no text, refund_no text, machine text,
                           from_state text, event text, to_state text, effect text, evidence_digest bytea, actor text,
                           at timestamptz) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(coalesce(previous, ''::bytea) || convert_to(
        slot || '|' || payment_no || '|' || seq || '|' || coalesce(attempt_no, '') || '|' || coalesce(refund_no, '') || '|'
        || machine || '|' || from_state || '|' || event || '|' || to_state || '|' || effect || '|'
        || coalesce(encode(evidence_digest, 'hex'), '') || '|' || coalesce(actor, '') || '|'
        || (extract(epoch FROM at) * 1000000)::bigint, 'UTF8'))
$$;
COMMENT ON FUNCTION event_hash(bytea, integer, text, bigint, text, text, text, text, text, text, text, bytea, text, timestamptz)
    IS 'hash of an event over its columns and the hash of the event before it in its payment';

ALTER TABLE payment ADD COLUMN chain bytea CHECK (length(chain) = 32),
                    ADD COLUMN sealed_version bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN payment.chain IS 'hash of the newest event; null before the first';
COMMENT ON COLUMN payment.sealed_version IS 'up to which event a signed checkpoint names the chain';

ALTER TABLE event ADD COLUMN refund_no text, ADD COLUMN actor text, ADD COLUMN hash bytea;
COMMENT ON COLUMN event.refund_no IS 'the refund, where one is concerned';
COMMENT ON COLUMN event.actor IS 'the client whose request caused it; null for providers and ourselves';
COMMENT ON COLUMN event.hash IS 'event_hash of this row and the one before it in its payment';

DO $$
DECLARE
    one record;
    link bytea;
BEGIN
    FOR one IN SELECT * FROM event ORDER BY slot, payment_no, seq LOOP
        SELECT p.chain INTO link FROM payment p WHERE p.slot = one.slot AND p.payment_no = one.payment_no;
        link := event_hash(link, one.slot, one.payment_no, one.seq, one.attempt_no, NULL, one.machine, one.from_state, one.event,
                           one.to_state, one.effect, one.evidence_digest, NULL, one.at);
        UPDATE event e SET hash = link WHERE e.slot = one.slot AND e.payment_no = one.payment_no AND e.seq = one.seq;
        UPDATE payment p SET chain = link WHERE p.slot = one.slot AND p.payment_no = one.payment_no;
    END LOOP;
END
$$;
ALTER TABLE event ALTER COLUMN hash SET NOT NULL, ADD CHECK (length(hash) = 32), ADD CHECK (actor <> ''), ADD CHECK (seq > 0);
ALTER TABLE payment ADD CHECK ((chain IS NULL) = (version = 0)), ADD CHECK (sealed_version <= version);
CREATE INDEX payment_to_seal ON payment (slot, payment_no) WHERE sealed_version < version;

CREATE TABLE audit_checkpoint (
    number    bigint PRIMARY KEY CHECK (number > 0),
    previous  bytea NOT NULL CHECK (length(previous) = 32),
    heads     text NOT NULL CHECK (heads <> ''),
    head_count integer NOT NULL CHECK (head_count > 0),
    sealed_at timestamptz NOT NULL,
    hash      bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    key_id    text NOT NULL CHECK (key_id <> ''),
    signature bytea NOT NULL
);
COMMENT ON TABLE audit_checkpoint IS 'signed ends of event chains, each checkpoint chained to the one before it; never changed, only added to';
COMMENT ON COLUMN audit_checkpoint.number IS 'counts from 1 without a gap';
COMMENT ON COLUMN audit_checkpoint.previous IS 'hash of the checkpoint before it; zeros for the first';
COMMENT ON COLUMN audit_checkpoint.heads IS 'one line for each payment that changed since its last checkpoint: slot, payment_no, seq, hash of that event';
COMMENT ON COLUMN audit_checkpoint.head_count IS 'lines in heads';
COMMENT ON COLUMN audit_checkpoint.sealed_at IS 'when it was made';
COMMENT ON COLUMN audit_checkpoint.hash IS 'SHA-256 over number, previous, sealed_at and heads';
COMMENT ON COLUMN audit_checkpoint.key_id IS 'name of the key that signed: hex of the first eight bytes of the SHA-256 of its public part (SubjectPublicKeyInfo)';
COMMENT ON COLUMN audit_checkpoint.signature IS 'of the hash, made by the keys process';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (chain, sealed_version) ON payment TO tallygate_app;
        GRANT SELECT ON audit_checkpoint TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON audit_checkpoint TO tallygate_app;
    END IF;
END
$$;
