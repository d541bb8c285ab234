-- SPDX-License-Identifier: Apache-2.0
-- How many fees of the days before were one fen off and taken for rounding, which is as many fen. $1 account, $2 kind, $3 first day,
-- $4 the day itself, which does not count. One row.
SELECT count(*) AS fen
  FROM recon_current c JOIN recon_result r ON r.run_id = c.run_id
 WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day >= $3::date AND c.bill_day < $4::date
   AND 'FEE_ROUNDING' = ANY (r.findings)
