-- SPDX-License-Identifier: Apache-2.0
-- Holds a claimed day for longer while its run is within its one transaction, which ends by changing the day's row: so this one is left alone.
-- $1 account, $2 kind, $3 day, $4 lease_no, $5 until. One row, or none when it is not the caller's any more.
INSERT INTO recon_day_beat AS b (account, kind, bill_day, lease_no, beat_until)
SELECT d.account, d.kind, d.bill_day, d.lease_no, $5::timestamptz
  FROM recon_day d
 WHERE d.account = $1::text AND d.kind = $2::text AND d.bill_day = $3::date AND d.lease_no = $4::bigint AND d.lease_until IS NOT NULL
ON CONFLICT (account, kind, bill_day) DO UPDATE SET lease_no = excluded.lease_no, beat_until = excluded.beat_until
RETURNING lease_no
