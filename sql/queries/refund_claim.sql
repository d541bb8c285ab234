-- SPDX-License-Identifier: Apache-2.0
-- Refunds that are to be sent or asked about, taken by a lease; whoever holds one is not asked beside. $1 now, $2 lease until,
-- which is also when it is due again if its holder dies, $3 most rows. Any number of rows up to $3.
UPDATE refund r
   SET lease_until = $2::timestamptz, next_poll_at = $2, poll_count = r.poll_count + 1
  FROM (SELECT slot, refund_no FROM refund
         WHERE next_poll_at <= $1::timestamptz AND (lease_until IS NULL OR lease_until <= $1)
         ORDER BY next_poll_at LIMIT $3::integer FOR UPDATE SKIP LOCKED) due, attempt a
 WHERE r.slot = due.slot AND r.refund_no = due.refund_no AND a.slot = r.slot AND a.attempt_no = r.attempt_no
RETURNING r.slot, r.refund_no, r.payment_no, r.attempt_no, r.owner, r.amount_fen, r.currency, r.total_fen, r.cause, r.reason, r.state,
       r.requested_by, r.approved_by, r.rejected_by, r.withdrawn_by, r.withdrawn_reason, r.lease_until, r.succeeded_at, r.first_sent_at, r.last_sent_at, r.send_count,
       r.provider_code, r.version, r.last_answer_at, r.poll_count, r.created_at, r.decided_at, a.provider, a.account,
       a.application, a.merchant, a.method, a.provider_trade_no
