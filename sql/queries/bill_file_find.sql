-- SPDX-License-Identifier: Apache-2.0
-- The contents of a day's bill that count, the one that came last first; the first counts. A content that was there before and comes again
-- counts again; an upload comes with its approval. $1 account, $2 kind, $3 day. Any number of rows; edited: a person brought it and
-- nothing of the provider proves it.
SELECT f.file_id, f.sha256, f.bytes, f.origin, f.stored_at, f.origin = 'upload' AND NOT u.proved AS edited
  FROM bill_file f
  LEFT JOIN LATERAL (SELECT proved, after_fetch_id, decided_at FROM bill_upload
                      WHERE file_id = f.file_id AND state = 'approved'
                      ORDER BY after_fetch_id DESC, decided_at DESC LIMIT 1) u ON f.origin = 'upload'
 WHERE f.account = $1::text AND f.kind = $2::text AND f.bill_day = $3::date AND (f.origin = 'download' OR u.decided_at IS NOT NULL)
 ORDER BY CASE f.origin WHEN 'upload' THEN u.after_fetch_id
                        ELSE (SELECT max(fetch_id) FROM bill_fetch t
                               WHERE t.account = f.account AND t.kind = f.kind AND t.bill_day = f.bill_day AND t.sha256 = f.sha256)
          END DESC NULLS LAST,
          u.decided_at DESC NULLS LAST, f.file_id DESC
