-- SPDX-License-Identifier: Apache-2.0
-- The files of a run, in the transaction that publishes it. $1 run_id, $2 names, $3 hashes. No row.
INSERT INTO recon_file (run_id, name, sha256)
SELECT $1::bigint, n.name, n.sha256 FROM unnest($2::text[], $3::text[]) AS n (name, sha256)
