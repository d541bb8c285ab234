-- SPDX-License-Identifier: Apache-2.0
-- A printed file of a run. $1 run_id, $2 name. One row or none.
SELECT p.sha256, p.bytes, r.account, r.bill_day::text AS bill_day, r.version, r.kind = 'deposits' AS of_settlement
  FROM recon_report p JOIN recon_run r ON r.run_id = p.run_id
 WHERE p.run_id = $1::bigint AND p.name = $2::text
