-- SPDX-License-Identifier: Apache-2.0
-- Refunds that wait for people, proposed or requested, oldest first. $1 owner, $2 most rows. Any number of rows up to $2.
SELECT r.slot, r.refund_no, r.payment_no, r.attempt_no, r.owner, r.amount_fen, r.currency, r.total_fen, r.cause, r.reason, r.state,
       r.requested_by, r.approved_by, r.rejected_by, r.withdrawn_by, r.withdrawn_reason, r.succeeded_at, r.first_sent_at, r.last_sent_at, r.send_count,
       r.provider_code, r.version, r.last_answer_at, r.poll_count, r.created_at, r.decided_at, a.provider, a.account,
       a.application, a.merchant, a.method, a.provider_trade_no
  FROM refund r JOIN attempt a ON a.slot = r.slot AND a.attempt_no = r.attempt_no
 WHERE r.state IN ('proposed', 'requested') AND r.owner = $1::text
 ORDER BY r.created_at, r.refund_no LIMIT $2::integer
