-- SPDX-License-Identifier: Apache-2.0
-- Keeps an accepted key. $1 account, $2 serial, $3 pem, $4 not_before, $5 not_after, $6 now. One row, or none when it was there.
INSERT INTO provider_key (account, serial, pem, not_before, not_after, accepted_at)
VALUES ($1::text, $2::text, $3::text, $4::timestamptz, $5::timestamptz, $6::timestamptz)
ON CONFLICT DO NOTHING
