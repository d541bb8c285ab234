-- SPDX-License-Identifier: Apache-2.0
-- Decides about money that nobody waited for, once: keeps it, proposes its refund to two people, or has all that is left of it
-- refunded, though not above what the policy may give back without people. $1 slot, $2 attempt_no, $3 cause, $4 decision, $5 most
-- that goes back without people, in fen, $6 now. One row: outcome decided or lost_race, the decision taken and the refund's number,
-- empty when there is none.
WITH undecided AS (
    SELECT slot, attempt_no FROM surplus
     WHERE slot = $1::integer AND attempt_no = $2::text AND cause = $3::text AND decision IS NULL
       FOR UPDATE
)
, before AS (
    SELECT a.slot, a.attempt_no, a.refundable_fen - a.refund_reserved_fen AS left_fen,
           $4::text = 'refund' AND a.refundable_fen - a.refund_reserved_fen <= $5::bigint AS alone
      FROM attempt a JOIN undecided u ON u.slot = a.slot AND u.attempt_no = a.attempt_no
     WHERE $4 IN ('propose', 'refund')
       FOR UPDATE OF a
)
, reserved AS (
    UPDATE attempt a
       SET refund_reserved_fen = a.refund_reserved_fen + b.left_fen, refund_count = a.refund_count + 1
      FROM before b
     WHERE a.slot = b.slot AND a.attempt_no = b.attempt_no AND b.left_fen > 0 AND a.refund_count < 50
    RETURNING a.slot, a.payment_no, a.attempt_no, a.attempt_no || 'R' || lpad(a.refund_count::text, 2, '0') AS refund_no,
              b.left_fen AS amount_fen, a.currency, a.refundable_fen AS total_fen, $3 AS cause, $3 AS reason,
              NULL::text AS request_key,
              CASE WHEN b.alone THEN 'approve' ELSE 'propose' END AS event,
              CASE WHEN b.alone THEN 'approved' ELSE 'proposed' END AS state,
              CASE WHEN b.alone THEN 'policy:' || $3 END AS requested_by, CASE WHEN b.alone THEN 'policy:limit' END AS approved_by,
              NULL::text AS actor, $6::timestamptz AS now
)
-- include: refund_made.part
, decided AS (
    UPDATE surplus s
       SET decision = CASE WHEN $4 = 'accept' THEN 'accept' WHEN EXISTS (SELECT 1 FROM reserved WHERE event = 'approve')
                           THEN 'refund' ELSE 'propose' END,
           decided_at = $6, due_at = NULL, refund_no = (SELECT refund_no FROM made)
      FROM undecided u
     WHERE s.slot = u.slot AND s.attempt_no = u.attempt_no AND s.cause = $3
    RETURNING s.decision, s.refund_no
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM decided) THEN 'decided' ELSE 'lost_race' END AS outcome,
       coalesce((SELECT decision FROM decided), '') AS decision, coalesce((SELECT refund_no FROM decided), '') AS refund_no
