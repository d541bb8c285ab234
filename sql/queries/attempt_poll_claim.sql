-- SPDX-License-Identifier: Apache-2.0
-- Attempts whose time to be asked about has come, taken by moving that time out of the way. $1 now, $2 next time while the
-- schedule has not said better, $3 most rows. Any number of rows up to $3.
UPDATE attempt a
   SET next_poll_at = $2::timestamptz, poll_count = a.poll_count + 1
  FROM (SELECT slot, attempt_no FROM attempt WHERE next_poll_at <= $1::timestamptz
         ORDER BY next_poll_at LIMIT $3::integer FOR UPDATE SKIP LOCKED) due
 WHERE a.slot = due.slot AND a.attempt_no = due.attempt_no
RETURNING a.slot, a.attempt_no, a.payment_no, a.provider, a.account, a.application, a.merchant, a.method, a.state,
          a.amount_fen, a.currency, a.provider_trade_no, a.paid_at, a.expires_at, a.qr_text, a.last_answer_at,
          a.query_lease_until, a.query_count, a.query_trouble, a.next_poll_at, a.poll_count, a.created_at,
          a.notice, a.refundable_fen, a.refund_reserved_fen, a.refunded_fen
