-- SPDX-License-Identifier: Apache-2.0
-- Runs that count and have files that are larger than a file may be. One row: how many, and the oldest of their days as text yyyy-MM-dd, null when
-- there is none.
SELECT count(*) AS runs, min(c.bill_day)::text AS oldest
  FROM recon_current c
 WHERE EXISTS (SELECT 1 FROM recon_report_left_out o WHERE o.run_id = c.run_id)
