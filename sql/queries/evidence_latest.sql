-- SPDX-License-Identifier: Apache-2.0
-- What stands behind a payment's state: the statement of its newest event that has one, the paying statement first.
-- $1 slot, $2 payment_no. At most one row.
SELECT v.digest, v.source, v.paid_at, v.stated_at, v.observed_at, v.provider_status, e.attempt_no, e.to_state
  FROM event e
  JOIN evidence v ON v.slot = e.slot AND v.attempt_no = e.attempt_no AND v.digest = e.evidence_digest
 WHERE e.slot = $1::integer AND e.payment_no = $2::text AND e.machine <> 'acceptance' AND e.event <> 'mismatch'
 ORDER BY (e.event = 'paid' AND e.effect = 'move') DESC, e.seq DESC
 LIMIT 1
