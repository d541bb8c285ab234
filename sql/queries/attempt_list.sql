-- SPDX-License-Identifier: Apache-2.0
-- The attempts of a payment, oldest first. $1 slot, $2 payment_no. Any number of rows.
SELECT slot, attempt_no, payment_no, provider, account, application, merchant, method, state, amount_fen, currency,
       provider_trade_no, paid_at, expires_at, qr_text, last_answer_at, query_lease_until, query_count, query_trouble,
       next_poll_at, poll_count, created_at,
       notice, refundable_fen, refund_reserved_fen, refunded_fen
  FROM attempt WHERE slot = $1::integer AND payment_no = $2::text ORDER BY attempt_no
