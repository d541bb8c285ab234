-- SPDX-License-Identifier: Apache-2.0
-- The files that were printed of a run and kept, and with an empty hash those that were left out. $1 account, $2 day, $3 version, $4 whether it is the run of settlement. Any number of rows.
SELECT p.name, p.sha256
  FROM recon_run r
  JOIN (SELECT run_id, name, sha256 FROM recon_report
         UNION ALL
        SELECT run_id, name, '' FROM recon_report_left_out) p ON p.run_id = r.run_id
 WHERE r.account = $1::text AND r.bill_day = $2::date AND r.version = $3::integer AND (r.kind = 'deposits') = $4::boolean
 ORDER BY p.name COLLATE "C"
