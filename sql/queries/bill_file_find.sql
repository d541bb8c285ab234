-- SPDX-License-Identifier: Apache-2.0
-- The contents of a day's bill, the one that came last first; the first counts. A content that was there before and
-- comes again counts again. $1 account, $2 kind, $3 day. Any number of rows.
SELECT file_id, sha256, bytes, origin, stored_at
  FROM bill_file AS file WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date
 ORDER BY (SELECT max(fetch_id) FROM bill_fetch AS try
            WHERE try.account = file.account AND try.kind = file.kind
              AND try.bill_day = file.bill_day AND try.sha256 = file.sha256) DESC NULLS LAST,
          file_id DESC
