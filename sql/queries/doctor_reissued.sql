-- SPDX-License-Identifier: Apache-2.0
-- Bills that came for signed days, and that no signed day tells of yet. One row: how many, and the oldest of those days as text yyyy-MM-dd, null
-- when there is none.
-- include: bill_reissued.part
SELECT count(*) AS bills, min(x.bill_day)::text AS oldest
  FROM reissued x
 WHERE NOT EXISTS (SELECT 1 FROM period_decision s JOIN recon_run t ON t.run_id = s.run_id
                    WHERE s.account = x.account AND s.kind = x.kind AND s.signed_run_id IS NOT NULL AND s.bill_day > x.bill_day
                      AND x.bill = ANY (t.late_bills))
