-- SPDX-License-Identifier: Apache-2.0
-- Keeps the content of a bill that the provider gave for an account and day. $1 account, $2 kind, $3 day, $4 sha256, $5 bytes, $6 now.
-- One row when it is new, none when it gave the same before.
INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)
VALUES ($1::text, $2::text, $3::date, $4::text, $5::bigint, 'download', $6::timestamptz)
ON CONFLICT (account, kind, bill_day, sha256, origin) DO NOTHING
RETURNING file_id
