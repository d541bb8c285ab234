-- SPDX-License-Identifier: Apache-2.0
-- The oldest day of an account that is due and that nobody is at, neither by lease nor by the beat of a run, leased to the caller; those that are
-- done and lack a bill come behind the others. $1 account, $2 kind, $3 now, $4 lease_until. At most one row; has_lines: the run that counts
-- has lines of a bill.
UPDATE recon_day d SET lease_until = $4::timestamptz, lease_no = d.lease_no + 1, tries = d.tries + 1
  FROM (SELECT c.account, c.kind, c.bill_day FROM recon_day c
         WHERE c.account = $1::text AND c.kind = $2::text AND c.next_at <= $3::timestamptz
           AND (c.lease_until IS NULL OR (c.lease_until <= $3
                AND NOT EXISTS (SELECT 1 FROM recon_day_beat b
                                 WHERE b.account = c.account AND b.kind = c.kind AND b.bill_day = c.bill_day
                                   AND b.lease_no = c.lease_no AND b.beat_until > $3)))
         ORDER BY c.state = 'done', c.bill_day LIMIT 1 FOR UPDATE OF c SKIP LOCKED) AS due
 WHERE d.account = due.account AND d.kind = due.kind AND d.bill_day = due.bill_day
RETURNING d.bill_day::text AS bill_day, d.state, d.tries, d.lease_no,
          EXISTS (SELECT 1 FROM recon_current c JOIN recon_run r ON r.run_id = c.run_id
                   WHERE c.account = d.account AND c.kind = d.kind AND c.bill_day = d.bill_day AND r.parsed_count > 0) AS has_lines
