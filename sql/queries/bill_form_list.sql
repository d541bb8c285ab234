-- SPDX-License-Identifier: Apache-2.0
-- The headers that two people accepted for an account, each with the known one that it is read as; of two decisions about one the later.
-- $1 account. Any number of rows, by kind and header.
SELECT DISTINCT ON (f.kind, u.header_came) f.kind, u.header_came, u.header_read_as
  FROM bill_upload u JOIN bill_file f ON f.file_id = u.file_id
 WHERE f.account = $1::text AND u.state = 'approved' AND u.header_came IS NOT NULL
 ORDER BY f.kind, u.header_came, u.decided_at DESC, u.upload_id DESC
