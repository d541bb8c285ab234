-- SPDX-License-Identifier: Apache-2.0
-- Keeps a genuine statement that names no attempt of ours. $1 slot, $2 provider, $3 account, $4 digest, $5 merchant_order_no,
-- $6 provider_trade_no, $7 amount_fen, $8 raw, $9 observed_at. One row is touched, none when it is known.
INSERT INTO orphan_statement (slot, provider, account, digest, merchant_order_no, provider_trade_no, amount_fen, raw, observed_at)
VALUES ($1::integer, $2::text, $3::text, $4::bytea, $5::text, $6::text, $7::bigint, $8::bytea, $9::timestamptz)
ON CONFLICT (slot, provider, account, digest) DO NOTHING
