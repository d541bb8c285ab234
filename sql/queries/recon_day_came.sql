-- SPDX-License-Identifier: Apache-2.0
-- The bill that a claimed day lacked is in the archive: from now on it is a day that is to be made again, by the caller or by whoever finds it.
-- $1 account, $2 kind, $3 day, $4 lease_no, $5 now. One row, or none when it is not the caller's any more.
UPDATE recon_day SET state = 'stale', next_at = $5::timestamptz, tries = 1, changed_at = $5
 WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND lease_no = $4::bigint AND lease_until IS NOT NULL
RETURNING lease_no
