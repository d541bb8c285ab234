-- SPDX-License-Identifier: Apache-2.0
-- The days of an account whose runs count, for the pack of a month. $1 account, $2 first day, $3 the day behind
-- the last, $4 whether the runs of settlement are meant. Any number of rows, by day.
SELECT c.bill_day::text AS day, r.version, r.as_of, r.program, r.rules, encode(r.input_hash, 'hex') AS input_hash,
       'FILE_EDITED' = ANY (r.codes) AS edited, 'FILE_COLUMNS' = ANY (r.codes) AS by_form
  FROM recon_current c
  JOIN recon_run r ON r.run_id = c.run_id
 WHERE c.account = $1::text AND (c.kind = 'deposits') = $4::boolean AND c.bill_day >= $2::date AND c.bill_day < $3::date
 ORDER BY c.bill_day
