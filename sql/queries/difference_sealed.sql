-- SPDX-License-Identifier: Apache-2.0
-- Where the histories of differences ended when a checkpoint of the audit trail was made. $1 checkpoint and $2 line of the last one that
-- was read, $3 most rows. Any number of rows up to $3.
SELECT c.number, h.place, split_part(h.line, ' ', 2) AS difference_no, split_part(h.line, ' ', 3)::bigint AS version,
       split_part(h.line, ' ', 4) AS hash
  FROM audit_checkpoint c
 CROSS JOIN LATERAL string_to_table(rtrim(c.heads, E'\n'), E'\n') WITH ORDINALITY AS h (line, place)
 WHERE c.number >= $1::bigint AND (c.number, h.place) > ($1, $2::bigint) AND h.line LIKE '1000 %'
 ORDER BY c.number, h.place
 LIMIT $3::integer
