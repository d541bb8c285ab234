-- SPDX-License-Identifier: Apache-2.0
-- The ends of chains that no checkpoint names yet, of payments and, in slot 1000, of differences, with the checkpoint that the next one
-- follows. Nothing while the last one is newer than $1, unless it was full. $2 most rows. Any number of rows up to $2.
WITH last AS (
    SELECT number, hash, sealed_at, head_count FROM audit_checkpoint ORDER BY number DESC LIMIT 1
)
, due AS (
    SELECT count(*) = 0 OR bool_or(sealed_at <= $1::timestamptz OR head_count = $2::integer) AS now FROM last
)
, waiting AS (
    (SELECT p.slot, p.payment_no, p.version, p.chain
       FROM payment p
      WHERE (SELECT now FROM due) AND p.sealed_version < p.version
      ORDER BY p.slot, p.payment_no
      LIMIT $2)
    UNION ALL
    (SELECT 1000, d.difference_no, d.version, d.chain
       FROM difference d
       LEFT JOIN difference_seal s ON s.difference_no = d.difference_no
      WHERE (SELECT now FROM due) AND coalesce(s.version, 0) < d.version
      ORDER BY d.difference_no
      LIMIT $2)
)
SELECT coalesce(l.number, 0) + 1 AS number, coalesce(l.hash, decode(repeat('00', 32), 'hex')) AS previous, w.slot, w.payment_no,
       w.version, w.chain
  FROM waiting w
  LEFT JOIN last l ON true
 ORDER BY w.slot, w.payment_no
 LIMIT $2
