-- SPDX-License-Identifier: Apache-2.0
-- A printed file of a run, or one that was left out, which has no hash. $1 run_id, $2 name. One row or none.
SELECT p.sha256, p.bytes, r.account, r.bill_day::text AS bill_day, r.version, r.kind = 'deposits' AS of_settlement
  FROM (SELECT run_id, name, sha256, bytes FROM recon_report
         UNION ALL
        SELECT run_id, name, NULL, NULL FROM recon_report_left_out) p JOIN recon_run r ON r.run_id = p.run_id
 WHERE p.run_id = $1::bigint AND p.name = $2::text
