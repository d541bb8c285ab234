-- SPDX-License-Identifier: Apache-2.0
-- Keeps the bytes of an attachment under their hash. $1 bytes. No row.
INSERT INTO difference_attachment (digest, bytes) VALUES (sha256($1::bytea), $1) ON CONFLICT DO NOTHING
