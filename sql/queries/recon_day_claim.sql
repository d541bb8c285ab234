-- SPDX-License-Identifier: Apache-2.0
-- The oldest day of an account that is due and that nobody is at, leased to the caller. $1 account, $2 kind, $3 now, $4 lease_until.
-- At most one row.
UPDATE recon_day d SET lease_until = $4::timestamptz, lease_no = d.lease_no + 1, tries = d.tries + 1
  FROM (SELECT account, kind, bill_day FROM recon_day
         WHERE account = $1::text AND kind = $2::text AND next_at <= $3::timestamptz
           AND (lease_until IS NULL OR lease_until <= $3)
         ORDER BY bill_day LIMIT 1 FOR UPDATE SKIP LOCKED) AS due
 WHERE d.account = due.account AND d.kind = due.kind AND d.bill_day = due.bill_day
RETURNING d.bill_day::text AS bill_day, d.state, d.tries, d.lease_no
