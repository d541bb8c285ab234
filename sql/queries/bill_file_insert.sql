-- SPDX-License-Identifier: Apache-2.0
-- Keeps a bill's content for an account and day. $1 account, $2 kind, $3 day, $4 sha256, $5 bytes, $6 origin, $7 now.
-- One row when it is new, none when the same content was there.
INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)
VALUES ($1::text, $2::text, $3::date, $4::text, $5::bigint, $6::text, $7::timestamptz)
ON CONFLICT (account, kind, bill_day, sha256) DO NOTHING
RETURNING file_id
