-- SPDX-License-Identifier: Apache-2.0
-- Holds a claimed day for longer. $1 account, $2 kind, $3 day, $4 lease_no, $5 lease_until. One row, or none when it is not the
-- caller's any more.
UPDATE recon_day SET lease_until = $5::timestamptz
 WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND lease_no = $4::bigint AND lease_until IS NOT NULL
RETURNING lease_no
