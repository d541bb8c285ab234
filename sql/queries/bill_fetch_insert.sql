-- SPDX-License-Identifier: Apache-2.0
-- Records a try to get a bill. $1 account, $2 kind, $3 day, $4 now, $5 outcome, $6 sha256 or null, $7 bytes or null, $8 detail,
-- $9 what the provider signed as its SHA-1 (no such hash: nothing is kept). No row.
INSERT INTO bill_fetch (account, kind, bill_day, at, outcome, sha256, bytes, detail, provider_sha1)
VALUES ($1::text, $2::text, $3::date, $4::timestamptz, $5::text, $6::text, $7::bigint, $8::text,
        CASE WHEN lower($9::text) ~ '^[0-9a-f]{40}$' THEN lower($9) END)
