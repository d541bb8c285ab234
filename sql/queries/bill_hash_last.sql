-- SPDX-License-Identifier: Apache-2.0
-- What the provider last signed as the SHA-1 of a day's unpacked bill, when the bill itself did not come. $1 account, $2 kind, $3 day.
-- At most one row.
SELECT provider_sha1 FROM bill_fetch
 WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND provider_sha1 IS NOT NULL
 ORDER BY fetch_id DESC LIMIT 1
