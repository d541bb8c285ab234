-- SPDX-License-Identifier: Apache-2.0
-- The ends of chains that no checkpoint names yet, with the checkpoint that the next one follows. Nothing while the last one is
-- newer than $1, unless it was full. $2 most rows. Any number of rows up to $2.
WITH last AS (
    SELECT number, hash, sealed_at, head_count FROM audit_checkpoint ORDER BY number DESC LIMIT 1
)
SELECT coalesce(l.number, 0) + 1 AS number, coalesce(l.hash, decode(repeat('00', 32), 'hex')) AS previous, p.slot, p.payment_no,
       p.version, p.chain
  FROM payment p
  LEFT JOIN last l ON true
 WHERE p.sealed_version < p.version
   AND (l.number IS NULL OR l.sealed_at <= $1::timestamptz OR l.head_count = $2::integer)
 ORDER BY p.slot, p.payment_no
 LIMIT $2
