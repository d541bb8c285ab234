-- SPDX-License-Identifier: Apache-2.0
-- The contents of a day's bill, newest first; the first counts. $1 account, $2 kind, $3 day. Any number of rows.
SELECT file_id, sha256, bytes, origin, stored_at
  FROM bill_file WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date
 ORDER BY stored_at DESC, file_id DESC
