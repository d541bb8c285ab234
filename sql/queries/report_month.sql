-- SPDX-License-Identifier: Apache-2.0
-- The days of an account whose runs count, with the files that those read, for the pack of a month. $1 account, $2 first day, $3 the day behind
-- the last. Any number of rows, by day.
SELECT c.bill_day::text AS day, r.version, r.as_of, r.program, r.rules, r.kind, encode(r.input_hash, 'hex') AS input_hash,
       coalesce(f.sha256, '') AS sha256, coalesce(a.kind, '') AS flow_kind, coalesce(a.sha256, '') AS flow_sha256
  FROM recon_current c
  JOIN recon_run r ON r.run_id = c.run_id
  LEFT JOIN bill_file f ON f.file_id = r.file_id
  LEFT JOIN recon_flow w ON w.run_id = r.run_id
  LEFT JOIN bill_file a ON a.file_id = w.file_id
 WHERE c.account = $1::text AND c.bill_day >= $2::date AND c.bill_day < $3::date
 ORDER BY c.bill_day
