-- SPDX-License-Identifier: Apache-2.0
-- Makes the next attempt of an open payment. $1 slot, $2 payment_no, $3 provider, $4 account, $5 application, $6 merchant,
-- $7 method, $8 expires_at, $9 next_poll_at, $10 now, $11 most attempts. One row: outcome created, payment_state, expired,
-- attempt_limit or payment_unknown.
WITH the_payment AS (
    SELECT state, close_asked_at, expires_at, attempt_count FROM payment WHERE slot = $1::integer AND payment_no = $2::text
)
, counted AS (
    UPDATE payment
       SET attempt_count = attempt_count + 1
     WHERE slot = $1 AND payment_no = $2 AND state = 'open' AND close_asked_at IS NULL AND expires_at > $10::timestamptz
       AND attempt_count < $11::integer
    RETURNING slot, payment_no, attempt_count, amount_fen, currency
)
, made AS (
    INSERT INTO attempt (slot, attempt_no, payment_no, provider, account, application, merchant, method, amount_fen, currency,
                         expires_at, next_poll_at, created_at)
    SELECT slot, payment_no || lpad(attempt_count::text, 2, '0'), payment_no, $3::text, $4::text, $5::text, $6::text, $7::text,
           amount_fen, currency, $8::timestamptz, $9::timestamptz, $10
      FROM counted
    RETURNING attempt_no
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'created'
            WHEN NOT EXISTS (SELECT 1 FROM the_payment) THEN 'payment_unknown'
            WHEN (SELECT state <> 'open' OR close_asked_at IS NOT NULL FROM the_payment) THEN 'payment_state'
            WHEN (SELECT expires_at <= $10 FROM the_payment) THEN 'expired'
            ELSE 'attempt_limit' END AS outcome,
       coalesce((SELECT attempt_no FROM made), '') AS attempt_no, $10 AS created_at
