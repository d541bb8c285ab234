-- SPDX-License-Identifier: Apache-2.0
-- One refund, to be asked about out of turn. $1 slot, $2 refund_no, $3 now, $4 lease until, $5 whether also one that
-- has ended at the provider. One row when the lease is ours; none: somebody else is asking, or there is nothing to ask.
UPDATE refund r
   SET lease_until = $4::timestamptz,
       next_poll_at = CASE WHEN r.state IN ('sent', 'unknown', 'accepted', 'abnormal') THEN $4 END
  FROM attempt a
 WHERE r.slot = $1::integer AND r.refund_no = $2::text AND (r.state IN ('sent', 'unknown', 'accepted', 'abnormal') OR $5::boolean AND r.state IN ('succeeded', 'failed'))
   AND (r.lease_until IS NULL OR r.lease_until <= $3::timestamptz) AND a.slot = r.slot AND a.attempt_no = r.attempt_no
RETURNING r.slot, r.refund_no, r.payment_no, r.attempt_no, r.owner, r.amount_fen, r.currency, r.total_fen, r.cause, r.reason, r.state,
       r.requested_by, r.approved_by, r.rejected_by, r.withdrawn_by, r.withdrawn_reason, r.lease_until, r.succeeded_at, r.first_sent_at, r.last_sent_at, r.send_count,
       r.provider_code, r.version, r.last_answer_at, r.poll_count, r.created_at, r.decided_at, a.provider, a.account,
       a.application, a.merchant, a.method, a.provider_trade_no
