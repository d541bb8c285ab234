-- SPDX-License-Identifier: Apache-2.0
-- The refund that a request has made. $1 slot, $2 owner, $3 what names the request. At most one row.
SELECT r.slot, r.refund_no, r.payment_no, r.attempt_no, r.owner, r.amount_fen, r.currency, r.total_fen, r.cause, r.reason, r.state,
       r.requested_by, r.approved_by, r.rejected_by, r.withdrawn_by, r.withdrawn_reason, r.succeeded_at, r.first_sent_at, r.last_sent_at, r.send_count,
       r.provider_code, r.version, r.last_answer_at, r.poll_count, r.created_at, r.decided_at, a.provider, a.account,
       a.application, a.merchant, a.method, a.provider_trade_no
  FROM refund r JOIN attempt a ON a.slot = r.slot AND a.attempt_no = r.attempt_no
 WHERE r.slot = $1::integer AND r.owner = $2::text AND r.request_key = $3::text
