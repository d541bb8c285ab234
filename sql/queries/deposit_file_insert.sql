-- SPDX-License-Identifier: Apache-2.0
-- Names a file of the bank's statement that lies in the archive. $1 account, $2 hash, $3 bytes, $4 now. No row.
INSERT INTO bank_file (account, sha256, bytes, taken_at)
VALUES ($1::text, $2::text, $3::bigint, $4::timestamptz)
ON CONFLICT DO NOTHING
