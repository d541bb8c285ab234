-- SPDX-License-Identifier: Apache-2.0
-- A posting can be taken back, by another one with debit and credit exchanged: two people decide that too, and it is done once. A difference of
-- which something else is posted than a run shows is open again.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('difference', 'resolved', 'unsettle', 'open', 'move'),
    ('difference', 'approved', 'reverse', 'assigned', 'move'),
    ('difference', 'approved', 'lapse', 'superseded', 'move');

ALTER TABLE difference_event
    DROP CONSTRAINT difference_event_actor,
    ADD CONSTRAINT difference_event_actor
        CHECK ((event IN ('find', 'check', 'confirm', 'change', 'return', 'heal', 'supersede', 'unsettle')) = (actor LIKE 'run:%'));
COMMENT ON COLUMN difference.delta_fen IS
    'bill less books, as the run that shows it has it, or the amount of a movement; 0 where the money ties, and where something is posted of what no run shows any longer';

-- A posting is reversed at most once, and a reversal never: what is reversed is an original.
ALTER TABLE adjustment
    ADD COLUMN reverses integer,
    ADD COLUMN original integer GENERATED ALWAYS AS (CASE WHEN reverses IS NULL THEN number END) STORED,
    ADD CONSTRAINT adjustment_original UNIQUE (difference_no, original),
    ADD CONSTRAINT adjustment_reversed_once UNIQUE (difference_no, reverses),
    ADD CONSTRAINT adjustment_reverses_original FOREIGN KEY (difference_no, reverses) REFERENCES adjustment (difference_no, original);
COMMENT ON TABLE adjustment IS
    'a difference that two people took as a loss, a gain, in suspense or as a fee, or that such a posting is reversed; added and read, never changed';
COMMENT ON COLUMN adjustment.posted_on IS
    'the day that it stands in: that of the difference, of a reversal that of what it reverses, or, when that is signed, the one on which it was executed';
COMMENT ON COLUMN adjustment.reverses IS 'number of the posting of this difference that it takes back; null: it takes none back';
COMMENT ON COLUMN adjustment.original IS 'its number where it takes none back: what can be reversed';

ALTER TABLE action_request
    ADD COLUMN reverses integer,
    DROP CONSTRAINT action_request_kind_check,
    ADD CONSTRAINT action_request_kind_check
        CHECK (kind IN ('accept', 'refund', 'write_off', 'adjust', 'accept_fee', 'reverse')),
    ADD CONSTRAINT action_request_reverses CHECK ((reverses IS NOT NULL) = (kind = 'reverse')),
    ADD CONSTRAINT action_request_reverses_original FOREIGN KEY (difference_no, reverses) REFERENCES adjustment (difference_no, original),
    ADD CONSTRAINT action_request_names_posting UNIQUE (difference_no, number, reverses);
COMMENT ON COLUMN action_request.kind IS
    'accept: it is taken as it is; refund: money of its attempt goes back; write_off: it is a loss or a gain; adjust: it is carried in suspense; accept_fee: its fee is posted; reverse: a posting of it is taken back';
COMMENT ON COLUMN action_request.reverses IS 'number of the posting that reverse takes back; null for every other kind';
ALTER TABLE adjustment
    ADD CONSTRAINT adjustment_reverses_as_decided FOREIGN KEY (difference_no, number, reverses)
        REFERENCES action_request (difference_no, number, reverses);

CREATE OR REPLACE FUNCTION adjustment_balances() RETURNS trigger
    LANGUAGE plpgsql SET search_path = tallygate, pg_temp AS $$
DECLARE
    debit bigint;
    credit bigint;
BEGIN
    SELECT sum(l.debit_fen), sum(l.credit_fen) INTO debit, credit
      FROM adjustment_line l WHERE l.difference_no = NEW.difference_no AND l.number = NEW.number;
    IF debit IS NULL OR debit <> credit THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_balances',
            MESSAGE = 'an adjustment whose debit is not its credit';
    END IF;
    IF EXISTS (SELECT 1 FROM adjustment a
                CROSS JOIN LATERAL (
                     SELECT l.ledger FROM adjustment_line l
                      WHERE l.difference_no = a.difference_no AND l.number IN (a.number, a.reverses)
                      GROUP BY l.ledger HAVING sum(l.debit_fen) <> sum(l.credit_fen)) AS left_over
                WHERE a.difference_no = NEW.difference_no AND a.reverses IS NOT NULL AND NEW.number IN (a.number, a.reverses)) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_takes_back',
            MESSAGE = 'a reversal that leaves something of what it takes back';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION adjustment_balances() IS
    'refuses an adjustment whose debit is not its credit, and a reversal that is not all of what it takes back in the same ledgers, when its transaction ends';

CREATE VIEW difference_posted AS
SELECT j.difference_no, max(j.number) AS number, count(DISTINCT j.number) AS postings,
       sum(CASE WHEN l.ledger = 'provider_receivable' THEN l.debit_fen - l.credit_fen ELSE 0 END)::bigint AS provider_fen,
       sum(CASE WHEN l.ledger = 'suspense' THEN l.debit_fen - l.credit_fen ELSE 0 END)::bigint AS suspense_fen
  FROM adjustment j
  JOIN adjustment_line l ON l.difference_no = j.difference_no AND l.number = j.number
 WHERE j.reverses IS NULL
   AND NOT EXISTS (SELECT 1 FROM adjustment r WHERE r.difference_no = j.difference_no AND r.reverses = j.number)
 GROUP BY j.difference_no;
COMMENT ON VIEW difference_posted IS 'what stands posted of a difference: what was posted and not reversed; no row of one of which nothing stands';
COMMENT ON COLUMN difference_posted.difference_no IS 'the difference';
COMMENT ON COLUMN difference_posted.number IS 'the newest posting that stands: the one that can be reversed, since another may stand on an older one';
COMMENT ON COLUMN difference_posted.postings IS 'how many stand';
COMMENT ON COLUMN difference_posted.provider_fen IS 'against what the provider holds for us, debit less credit: what the difference was, bill less books, or its fee';
COMMENT ON COLUMN difference_posted.suspense_fen IS 'carried in suspense, debit less credit';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON difference_posted TO tallygate_app, tallygate_recon, tallygate_audit;
    END IF;
END
$$;
