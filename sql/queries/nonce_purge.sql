-- SPDX-License-Identifier: Apache-2.0
-- Forgets nonces whose signature is too old anyway. $1 now. Any number of rows is touched.
DELETE FROM portal_nonce WHERE expires_at <= $1::timestamptz
