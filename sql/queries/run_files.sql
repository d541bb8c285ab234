-- SPDX-License-Identifier: Apache-2.0
-- What a run is repeated from, by name in the order of bytes. $1 run_id. Any number of rows; a run of before runs kept what they read has only
-- its bills.
SELECT s.name, s.sha256
  FROM (SELECT f.name, f.sha256 FROM recon_file f WHERE f.run_id = $1::bigint
         UNION ALL
        SELECT 'bill-' || b.kind, b.sha256 FROM recon_run r JOIN bill_file b ON b.file_id = r.file_id WHERE r.run_id = $1
         UNION ALL
        SELECT 'bill-' || b.kind, b.sha256 FROM recon_flow w JOIN bill_file b ON b.file_id = w.file_id WHERE w.run_id = $1) AS s
 ORDER BY s.name COLLATE "C"
