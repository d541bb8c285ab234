-- SPDX-License-Identifier: Apache-2.0
-- A message named this serial and nobody knows it; an empty one stands for the regular download. $1 account, $2 serial, $3 now.
-- One row, or none when it is wanted already.
INSERT INTO provider_key_want (account, serial, seen_at) VALUES ($1::text, $2::text, $3::timestamptz) ON CONFLICT DO NOTHING
