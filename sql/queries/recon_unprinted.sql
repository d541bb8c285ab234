-- SPDX-License-Identifier: Apache-2.0
-- The runs that count of an account of which no file was kept: whoever made them died or could not write before they were printed. Older ones, and
-- those whose files are too large, are left to people. $1 account, $2 since when a run is looked at. Any number of rows, by day.
SELECT c.bill_day::text AS day, r.version, c.kind = 'deposits' AS of_settlement
  FROM recon_current c
  JOIN recon_run r ON r.run_id = c.run_id
 WHERE c.account = $1::text AND r.as_of >= $2::timestamptz
   AND NOT EXISTS (SELECT 1 FROM recon_report p WHERE p.run_id = c.run_id)
   AND NOT EXISTS (SELECT 1 FROM recon_report_left_out o WHERE o.run_id = c.run_id)
 ORDER BY c.bill_day, c.kind
