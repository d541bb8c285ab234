-- SPDX-License-Identifier: Apache-2.0
-- Makes a refund and reserves its amount: what was not rejected or withdrawn and did not fail never exceeds what came in, whoever asks at the
-- same time. $1 slot, $2 attempt_no, $3 owner (empty: any), $4 amount_fen, $5 reason, $6 actor, $7 now, $8 what names the request. One
-- row: outcome created (also when this very request made it before), attempt_unknown, payment_state, refund_amount or refund_limit, with the
-- refund's number when created.
WITH the_attempt AS (
    SELECT a.refundable_fen, a.refund_reserved_fen, a.refund_count
      FROM attempt a JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no
     WHERE a.slot = $1::integer AND a.attempt_no = $2::text AND ($3::text = '' OR p.owner = $3)
)
, before AS (
    SELECT refund_no FROM refund WHERE slot = $1 AND owner = $3 AND request_key = $8::text
)
, reserved AS (
    UPDATE attempt a
       SET refund_reserved_fen = a.refund_reserved_fen + $4::bigint, refund_count = a.refund_count + 1
     WHERE a.slot = $1 AND a.attempt_no = $2 AND a.refund_reserved_fen + $4 <= a.refundable_fen AND a.refund_count < 50
       AND EXISTS (SELECT 1 FROM the_attempt) AND NOT EXISTS (SELECT 1 FROM before)
    RETURNING a.slot, a.payment_no, a.attempt_no, a.attempt_no || 'R' || lpad(a.refund_count::text, 2, '0') AS refund_no,
              $4 AS amount_fen, a.currency, a.refundable_fen AS total_fen, 'asked' AS cause, $5::text AS reason, $8 AS request_key,
              'request' AS event, 'requested' AS state, $6::text AS requested_by, NULL::text AS approved_by, $6 AS actor,
              $7::timestamptz AS now
)
-- include: refund_made.part
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) OR EXISTS (SELECT 1 FROM before) THEN 'created'
            WHEN NOT EXISTS (SELECT 1 FROM the_attempt) THEN 'attempt_unknown'
            WHEN (SELECT refundable_fen = 0 FROM the_attempt) THEN 'payment_state'
            WHEN (SELECT refund_count >= 50 FROM the_attempt) THEN 'refund_limit'
            ELSE 'refund_amount' END AS outcome,
       coalesce((SELECT refund_no FROM made), (SELECT refund_no FROM before), '') AS refund_no
