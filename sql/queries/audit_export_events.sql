-- SPDX-License-Identifier: Apache-2.0
-- Events in the order of their chains; payment numbers are digits of one length, so every collation orders them alike. $1 slot, $2 payment_no and $3 seq of the last one that was read, $4 most rows. Any number of
-- rows up to $4.
SELECT slot, payment_no, seq, attempt_no, refund_no, machine, from_state, event, to_state, effect,
       encode(evidence_digest, 'hex') AS evidence_digest, actor, (extract(epoch FROM at) * 1000000)::bigint AS at,
       encode(hash, 'hex') AS hash
  FROM event
 WHERE (slot, payment_no, seq) > ($1::integer, $2::text, $3::bigint)
 ORDER BY slot, payment_no, seq
 LIMIT $4::integer
