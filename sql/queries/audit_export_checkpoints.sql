-- SPDX-License-Identifier: Apache-2.0
-- Checkpoints in order. $1 after this number, $2 most rows. Any number of rows up to $2.
SELECT number, encode(previous, 'hex') AS previous, heads, (extract(epoch FROM sealed_at) * 1000000)::bigint AS sealed_at,
       encode(hash, 'hex') AS hash, key_id, encode(signature, 'hex') AS signature
  FROM audit_checkpoint
 WHERE number > $1::bigint
 ORDER BY number
 LIMIT $2::integer
