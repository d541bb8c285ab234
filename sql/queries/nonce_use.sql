-- SPDX-License-Identifier: Apache-2.0
-- Uses a nonce up. $1 keyid, $2 nonce, $3 expires_at. One row is touched, none when it was used before.
INSERT INTO portal_nonce (keyid, nonce, expires_at) VALUES ($1::text, $2::text, $3::timestamptz)
ON CONFLICT (keyid, nonce) DO NOTHING
