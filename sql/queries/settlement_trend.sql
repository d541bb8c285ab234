-- SPDX-License-Identifier: Apache-2.0
-- The runs of settlement that count now for the days before one, for its trend. $1 account, $2 kind, $3 the day, $4 the first of those before
-- it. Any number of rows, by day.
SELECT r.bill_day::text AS day, r.version, s.paid_count, s.paid_fen, s.lines_count, s.lines_fen, s.closing_count, s.closing_fen,
       s.loose_out_count, s.loose_out_fen, s.fee_count, s.fee_fen
  FROM recon_current c JOIN recon_run r ON r.run_id = c.run_id JOIN recon_settlement s ON s.run_id = c.run_id
 WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day < $3::date AND c.bill_day >= $4::date
 ORDER BY c.bill_day
