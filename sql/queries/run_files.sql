-- SPDX-License-Identifier: Apache-2.0
-- The files of a run, by name in the order of bytes: what it is repeated from, what was printed of it, and, without a hash, what was left out of that. $1 run_id. Any number of rows; a run of
-- before runs kept what they read has only its bills, one that was not printed yet no reports.
SELECT s.printed, s.name, s.sha256, s.bytes
  FROM (SELECT false AS printed, f.name, f.sha256, NULL::bigint AS bytes FROM recon_file f WHERE f.run_id = $1::bigint
         UNION ALL
        SELECT false, 'bill-' || b.kind, b.sha256, b.bytes FROM recon_run r JOIN bill_file b ON b.file_id = r.file_id WHERE r.run_id = $1
         UNION ALL
        SELECT false, 'bill-' || b.kind, b.sha256, b.bytes FROM recon_flow w JOIN bill_file b ON b.file_id = w.file_id WHERE w.run_id = $1
         UNION ALL
        SELECT DISTINCT false, 'bank-' || left(d.sha256, 16) || '.csv', d.sha256, k.bytes
          FROM recon_run r JOIN recon_deposit d ON d.run_id = r.run_id JOIN bank_file k ON k.account = r.account AND k.sha256 = d.sha256
         WHERE r.run_id = $1
         UNION ALL
        SELECT true, p.name, p.sha256, p.bytes FROM recon_report p WHERE p.run_id = $1
         UNION ALL
        SELECT true, o.name, NULL, NULL FROM recon_report_left_out o WHERE o.run_id = $1) AS s
 ORDER BY s.printed, s.name COLLATE "C"
