-- SPDX-License-Identifier: Apache-2.0
-- Events of differences in the order of their chains, as audit_export_events has those of payments: in slot 1000, and with the digest of
-- their detail in the place of the evidence's. $1 number and $2 seq of the last one that was read, $3 most rows. Any number of rows up to $3.
SELECT 1000 AS slot, difference_no AS payment_no, seq, NULL::text AS attempt_no, NULL::text AS refund_no, machine, from_state, event,
       to_state, effect, encode(sha256(convert_to(detail, 'UTF8')), 'hex') AS evidence_digest, actor,
       (extract(epoch FROM at) * 1000000)::bigint AS at, encode(hash, 'hex') AS hash
  FROM difference_event
 WHERE (difference_no COLLATE "C", seq) > ($1::text, $2::bigint)
 ORDER BY difference_no COLLATE "C", seq
 LIMIT $3::integer
