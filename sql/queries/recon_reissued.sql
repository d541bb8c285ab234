-- SPDX-License-Identifier: Apache-2.0
-- The bills that came for signed days before a day, 92 days back, and that no other day's run tells of. A day that is signed itself tells
-- what its run told. $1 account, $2 kind, $3 day. One row: the bills as "day sha256", parted by commas, oldest day first.
-- include: bill_reissued.part
, own AS (
    SELECT r.late_bills
      FROM period_decision d JOIN recon_run r ON r.run_id = d.run_id
     WHERE d.account = $1::text AND d.kind = $2::text AND d.bill_day = $3::date AND d.signed_run_id IS NOT NULL
)
, late AS (
    SELECT coalesce(string_agg(x.bill, ',' ORDER BY x.bill), '') AS bills
      FROM reissued x
     WHERE x.account = $1::text AND x.kind = $2::text AND x.bill_day < $3::date AND x.bill_day >= $3::date - 92
       AND NOT EXISTS (SELECT 1 FROM recon_current c JOIN recon_run t ON t.run_id = c.run_id
                        WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day > x.bill_day AND c.bill_day <> $3::date
                          AND x.bill = ANY (t.late_bills))
)
SELECT coalesce((SELECT coalesce(array_to_string(late_bills, ','), '') FROM own), late.bills) AS bills FROM late
