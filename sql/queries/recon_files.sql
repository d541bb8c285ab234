-- SPDX-License-Identifier: Apache-2.0
-- The files that a run is repeated from, by name in the order of bytes; the first row, without a name, is the run itself. $1 account,
-- $2 day, $3 version (0: the one that counts), $4 whether it is the run of settlement. Any number of rows; none when there is no such run.
WITH run AS (
    SELECT r.run_id, r.file_id, r.version
      FROM recon_run r
     WHERE r.account = $1::text AND (r.kind = 'deposits') = $4::boolean AND r.bill_day = $2::date
       AND (r.version = $3::integer
            OR ($3 = 0 AND r.run_id = (SELECT c.run_id FROM recon_current c WHERE c.account = $1 AND c.kind = r.kind
                                          AND c.bill_day = $2)))
)
SELECT s.name, s.sha256, s.version
  FROM (SELECT '' AS name, '' AS sha256, r.version FROM run r
         UNION ALL
        SELECT f.name, f.sha256, r.version FROM run r JOIN recon_file f ON f.run_id = r.run_id
         UNION ALL
        SELECT 'bill-' || b.kind, b.sha256, r.version FROM run r JOIN bill_file b ON b.file_id = r.file_id
         UNION ALL
        SELECT 'bill-' || b.kind, b.sha256, r.version
          FROM run r JOIN recon_flow w ON w.run_id = r.run_id JOIN bill_file b ON b.file_id = w.file_id
         UNION ALL
        SELECT DISTINCT 'bank-' || left(d.sha256, 16) || '.csv', d.sha256, r.version
          FROM run r JOIN recon_deposit d ON d.run_id = r.run_id AND d.sha256 IS NOT NULL) AS s
 ORDER BY s.name COLLATE "C"
