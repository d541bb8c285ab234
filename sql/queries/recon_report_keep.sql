-- SPDX-License-Identifier: Apache-2.0
-- The printed files of a run, kept once. $1 account, $2 day, $3 version, $4 names, $5 hashes, $6 sizes, $7 whether
-- it is the run of settlement, $8 names of files that are larger than a file may be. One row: how many of the first were kept before
-- with another content.
WITH the_run AS (
    SELECT r.run_id FROM recon_run r
     WHERE r.account = $1::text AND r.bill_day = $2::date AND r.version = $3::integer AND (r.kind = 'deposits') = $7::boolean
)
, given AS (
    SELECT r.run_id, n.name, n.sha256, n.bytes
      FROM the_run r CROSS JOIN unnest($4::text[], $5::text[], $6::bigint[]) AS n (name, sha256, bytes)
)
, left_out AS (
    INSERT INTO recon_report_left_out (run_id, name)
    SELECT r.run_id, n.name FROM the_run r CROSS JOIN unnest($8::text[]) AS n (name)
    ON CONFLICT DO NOTHING
)
, added AS (
    INSERT INTO recon_report (run_id, name, sha256, bytes)
    SELECT run_id, name, sha256, bytes FROM given
    ON CONFLICT DO NOTHING
)
SELECT count(*) AS others
  FROM given g JOIN recon_report k ON k.run_id = g.run_id AND k.name = g.name
 WHERE k.sha256 <> g.sha256
