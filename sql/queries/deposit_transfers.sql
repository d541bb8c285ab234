-- SPDX-License-Identifier: Apache-2.0
-- What was recorded for orders under the bank's numbers of an account's transfers, and not rejected. $1 account. Any number of rows.
SELECT m.voucher, sum(m.amount_fen)::bigint AS fen
  FROM manual_payment m
 WHERE m.direction = 'in' AND m.state <> 'rejected'
   AND m.voucher IN (SELECT deposit_no FROM bank_deposit WHERE account = $1::text AND transfer)
 GROUP BY m.voucher
 ORDER BY m.voucher COLLATE "C"
