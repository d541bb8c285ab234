-- SPDX-License-Identifier: Apache-2.0
-- The run that had these inputs already. $1 account, $2 kind, $3 day, $4 input hash. At most one row.
SELECT run_id, version, state FROM recon_run
 WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND input_hash = $4::bytea
