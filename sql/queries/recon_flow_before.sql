-- SPDX-License-Identifier: Apache-2.0
-- The balance that the account closed with on the day before, by the run that counts. $1 account, $2 kind, $3 the day. One row, or none
-- when that day has no such run or bill, or nothing ever moved.
SELECT f.closing_fen
  FROM recon_current c JOIN recon_flow f ON f.run_id = c.run_id
 WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day = $3::date - 1 AND f.closing_fen IS NOT NULL
