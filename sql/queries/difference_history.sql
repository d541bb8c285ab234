-- SPDX-License-Identifier: Apache-2.0
-- The newest events of a difference, oldest of them first. $1 difference_no, $2 most rows. Any number of rows up to $2.
SELECT seq, from_state, event, to_state, effect, actor, detail, at, evidence_digest, hash
  FROM (SELECT seq, from_state, event, to_state, effect, actor, detail, at, encode(coalesce(evidence_digest, statement_digest), 'hex') AS evidence_digest,
               encode(hash, 'hex') AS hash
          FROM difference_event
         WHERE difference_no = $1::text
         ORDER BY seq DESC LIMIT $2::integer) newest
 ORDER BY seq
