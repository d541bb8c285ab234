-- SPDX-License-Identifier: Apache-2.0
-- Puts the days of an account into the calendar whose bill can be there and that it does not have yet: from the first one with a
-- payment on. One that was reconciled by hand is done. $1 account, $2 kind, $3 oldest day, $4 newest day, $5 now. No row.
INSERT INTO recon_day (account, kind, bill_day, state, next_at, changed_at)
SELECT $1::text, $2::text, n.day, CASE WHEN c.run_id IS NULL THEN 'waiting' ELSE 'done' END,
       CASE WHEN c.run_id IS NULL THEN $5::timestamptz END, $5::timestamptz
  FROM (SELECT min(bill_day) AS day FROM attempt WHERE account = $1 AND bill_day IS NOT NULL) AS f
 CROSS JOIN LATERAL (SELECT d::date AS day FROM generate_series(greatest(f.day, $3::date), $4::date, interval '1 day') AS d
                      WHERE f.day IS NOT NULL) AS n
  LEFT JOIN recon_current c ON c.account = $1 AND c.kind = $2 AND c.bill_day = n.day
ON CONFLICT (account, kind, bill_day) DO NOTHING
