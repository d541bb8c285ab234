-- SPDX-License-Identifier: Apache-2.0
-- The runs that count now for the days before one, for its trend. $1 account, $2 kind, $3 the day, $4 the first of those before it. Any number of
-- rows, by day.
SELECT r.bill_day::text AS day, r.version,
       r.matched_count, r.matched_fen, r.amount_bill_count, r.amount_bill_fen, r.bill_only_count, r.bill_only_fen,
       r.book_only_count, r.book_only_fen, r.repeated_count, r.repeated_fen, r.in_transit_count, r.in_transit_fen,
       r.delta_long_count, r.delta_long_fen, r.delta_short_count, r.delta_short_fen,
       r.pay_count, r.pay_fen, r.refund_count, r.refund_fen, r.fee_count, r.fee_fen
  FROM recon_current c JOIN recon_run r ON r.run_id = c.run_id
 WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day < $3::date AND c.bill_day >= $4::date
 ORDER BY c.bill_day
