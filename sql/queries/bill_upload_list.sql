-- SPDX-License-Identifier: Apache-2.0
-- The bills that people brought: one, or the newest 200, those that wait first. $1 number, or null for all. Any number of rows.
SELECT u.upload_id AS number, f.account, f.kind, f.bill_day::text AS day, f.sha256, f.bytes, u.proved, u.pay_count, u.pay_fen,
       u.refund_count, u.refund_fen, u.reason, u.state, u.uploaded_by, u.uploaded_at, coalesce(u.decided_by, '') AS decided_by,
       u.decided_at, coalesce(u.header_came, '') AS header_came, coalesce(u.header_read_as, '') AS header_read_as,
       coalesce(encode(sha256(convert_to(u.header_came, 'UTF8')), 'hex'), '') AS header_sha256
  FROM bill_upload u JOIN bill_file f ON f.file_id = u.file_id
 WHERE $1::bigint IS NULL OR u.upload_id = $1
 ORDER BY (u.state = 'waiting') DESC, u.upload_id DESC
 LIMIT 200
