-- SPDX-License-Identifier: Apache-2.0
-- The days of the 92 before a day that are signed: nothing changes there any more; and the day after it, when that was signed before it:
-- nothing can be carried there any more. $1 account, $2 kind, $3 day. One row: the days, blank-separated, oldest first.
SELECT coalesce(string_agg(d.bill_day::text, ' ' ORDER BY d.bill_day), '') AS days
  FROM period_decision d
 WHERE d.account = $1::text AND d.kind = $2::text AND d.signed_run_id IS NOT NULL
   AND d.bill_day <= $3::date + 1 AND d.bill_day >= $3::date - 92 AND d.bill_day <> $3
   AND (d.bill_day < $3 OR NOT EXISTS (SELECT 1 FROM period_decision o
                                        WHERE o.account = $1 AND o.kind = $2 AND o.bill_day = $3 AND o.signed_run_id IS NOT NULL))
