-- SPDX-License-Identifier: Apache-2.0
-- What the last try to get a day's bill ended with. $1 account, $2 kind, $3 day. One row, or none when there was no try.
SELECT outcome FROM bill_fetch
 WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date
 ORDER BY fetch_id DESC LIMIT 1
