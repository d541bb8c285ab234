-- SPDX-License-Identifier: Apache-2.0
-- The run of a signed day. $1 account, $2 kind, $3 day. One row, or none while the day is open.
SELECT d.run_id, r.version
  FROM period_decision d JOIN recon_run r ON r.run_id = d.run_id
 WHERE d.account = $1::text AND d.kind = $2::text AND d.bill_day = $3::date AND d.signed_run_id IS NOT NULL
