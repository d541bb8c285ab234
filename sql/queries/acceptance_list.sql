-- SPDX-License-Identifier: Apache-2.0
-- The newest statement of each attempt that stands against our books, undecided, and what was proposed and decided about others, newest
-- first. $1 slot, $2 payment_no, $3 owner (empty: any), $4 attempt_no (empty: any), $5 most rows. Any number of rows up to $5.
WITH concerned AS (
    SELECT a.slot, a.payment_no, a.attempt_no, a.state IN ('paid', 'late_paid') AS paid, a.refunded_fen
      FROM attempt a JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no
     WHERE a.slot = $1::integer AND a.payment_no = $2::text AND ($3::text = '' OR p.owner = $3) AND ($4::text = '' OR a.attempt_no = $4)
)
-- include: mismatch_open.part
, undecided AS (
    SELECT DISTINCT ON (attempt_no) attempt_no, payment_no, digest, difference, amount_fen
      FROM doubted d
     ORDER BY attempt_no, seq DESC
)
SELECT u.attempt_no, u.payment_no, encode(u.digest, 'hex') AS evidence_digest, u.difference, u.amount_fen, '' AS reason,
       'undecided' AS state, '' AS proposed_by, '' AS decided_by, NULL::timestamptz AS proposed_at, NULL::timestamptz AS decided_at,
       0 AS number
  FROM undecided u
 WHERE NOT EXISTS (SELECT 1 FROM acceptance a
                    WHERE a.slot = $1 AND a.attempt_no = u.attempt_no AND a.digest = u.digest AND a.state = 'proposed')
UNION ALL
SELECT a.attempt_no, a.payment_no, encode(a.digest, 'hex'), a.difference, a.amount_fen, a.reason, a.state, a.proposed_by,
       coalesce(a.decided_by, ''), a.proposed_at, a.decided_at, a.number
  FROM acceptance a JOIN concerned c ON c.slot = a.slot AND c.attempt_no = a.attempt_no
 ORDER BY proposed_at DESC NULLS FIRST, attempt_no, number DESC
 LIMIT $5::integer
