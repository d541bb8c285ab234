-- SPDX-License-Identifier: Apache-2.0
-- Writes a signed checkpoint, unless another node came first, and marks its payments and differences as sealed. Payments that are being
-- changed right now are passed over: a later checkpoint names them again. $1 number, $2 previous, $3 heads, $4 head_count, $5 sealed_at,
-- $6 hash, $7 key_id, $8 signature. One row: whether it was made.
WITH made AS (
    INSERT INTO audit_checkpoint (number, previous, heads, head_count, sealed_at, hash, key_id, signature)
    SELECT $1::bigint, $2::bytea, $3::text, $4::integer, $5::timestamptz, $6::bytea, $7::text, $8::bytea
     WHERE $1 = 1 OR EXISTS (SELECT 1 FROM audit_checkpoint WHERE number = $1 - 1 AND hash = $2)
    ON CONFLICT DO NOTHING
    RETURNING heads
)
, heads AS (
    SELECT split_part(line, ' ', 1)::integer AS slot, split_part(line, ' ', 2) AS payment_no, split_part(line, ' ', 3)::bigint AS seq
      FROM made, string_to_table(rtrim(heads, E'\n'), E'\n') AS line
)
, free AS (
    SELECT p.slot, p.payment_no, h.seq
      FROM payment p JOIN heads h ON h.slot = p.slot AND h.payment_no = p.payment_no
     WHERE p.sealed_version < h.seq
     ORDER BY p.slot, p.payment_no
       FOR UPDATE OF p SKIP LOCKED
)
, marked AS (
    UPDATE payment p SET sealed_version = f.seq
      FROM free f
     WHERE p.slot = f.slot AND p.payment_no = f.payment_no
    RETURNING 1
)
, noted AS (
    INSERT INTO difference_seal AS s (difference_no, version)
    SELECT h.payment_no, h.seq FROM heads h WHERE h.slot = 1000
     ORDER BY h.payment_no
    ON CONFLICT (difference_no) DO UPDATE SET version = excluded.version WHERE s.version < excluded.version
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM made) AS made, (SELECT count(*) FROM marked) + (SELECT count(*) FROM noted) AS marked
