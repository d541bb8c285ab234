-- SPDX-License-Identifier: Apache-2.0
-- Every event of a payment in order, with its evidence. $1 slot, $2 payment_no. Any number of rows.
SELECT e.seq, e.attempt_no, e.refund_no, e.actor, e.machine, e.from_state, e.event, e.to_state, e.effect, e.at, e.evidence_digest, v.source,
       v.provider_status, v.stated_at, v.mismatch
  FROM event e
  LEFT JOIN evidence v ON v.slot = e.slot AND v.attempt_no = e.attempt_no AND v.digest = e.evidence_digest
 WHERE e.slot = $1::integer AND e.payment_no = $2::text
 ORDER BY e.seq
