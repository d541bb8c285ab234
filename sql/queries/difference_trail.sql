-- SPDX-License-Identifier: Apache-2.0
-- Events of differences in the order of their chains. $1 number and $2 seq of the last one that was read, $3 most rows. Any number of
-- rows up to $3.
SELECT difference_no, seq, from_state, event, to_state, effect, actor, detail, (extract(epoch FROM at) * 1000000)::bigint AS at,
       encode(hash, 'hex') AS hash
  FROM difference_event
 WHERE (difference_no COLLATE "C", seq) > ($1::text, $2::bigint)
 ORDER BY difference_no COLLATE "C", seq
 LIMIT $3::integer
