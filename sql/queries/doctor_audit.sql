-- SPDX-License-Identifier: Apache-2.0
-- The newest checkpoint, whether the events that it names are there with the hashes it says, and what waits to be sealed.
-- No parameters. One row; number is null when there is none.
WITH last AS (
    SELECT number, sealed_at, heads FROM audit_checkpoint ORDER BY number DESC LIMIT 1
)
, heads AS (
    SELECT split_part(line, ' ', 1)::integer AS slot, split_part(line, ' ', 2) AS payment_no, split_part(line, ' ', 3)::bigint AS seq,
           split_part(line, ' ', 4) AS hash
      FROM last, string_to_table(rtrim(last.heads, E'\n'), E'\n') AS line
)
SELECT (SELECT number FROM last) AS number, (SELECT sealed_at FROM last) AS sealed_at,
       (SELECT count(*) FROM audit_checkpoint) = coalesce((SELECT number FROM last), 0) AS whole,
       NOT EXISTS (SELECT 1 FROM heads h
                    WHERE NOT EXISTS (SELECT 1 FROM event e
                                       WHERE e.slot = h.slot AND e.payment_no = h.payment_no AND e.seq = h.seq
                                         AND encode(e.hash, 'hex') = h.hash)
                      AND NOT EXISTS (SELECT 1 FROM difference_event e
                                       WHERE h.slot = 1000 AND e.difference_no = h.payment_no AND e.seq = h.seq
                                         AND encode(e.hash, 'hex') = h.hash)) AS heads_hold,
       least((SELECT min(e.at) FROM payment p JOIN event e ON e.slot = p.slot AND e.payment_no = p.payment_no
                                                    AND e.seq = p.sealed_version + 1
               WHERE p.sealed_version < p.version),
             (SELECT min(e.at) FROM difference d
                LEFT JOIN difference_seal s ON s.difference_no = d.difference_no
                JOIN difference_event e ON e.difference_no = d.difference_no AND e.seq = coalesce(s.version, 0) + 1
               WHERE coalesce(s.version, 0) < d.version)) AS unsealed_since
