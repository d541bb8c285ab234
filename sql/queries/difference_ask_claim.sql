-- SPDX-License-Identifier: Apache-2.0
-- Differences that the provider is to be asked about: once for each run that shows them, and then by the schedule while they are
-- checking. Taking one says when it is due again, so that whoever dies keeps nobody from it. $1 now, $2 seconds to wait after the first
-- time, the second and so on, the last one for all further times; $3 most rows. Any number of rows up to $3.
WITH due AS (
    SELECT d.difference_no, coalesce(nullif(d.refund_no, ''), d.attempt_no) AS unit, s.run_id,
           CASE WHEN k.run_id = s.run_id THEN k.asked + 1 ELSE 1 END AS asked, k.due_at
      FROM difference d
     CROSS JOIN LATERAL (SELECT max(w.run_id) AS run_id FROM difference_shown w WHERE w.difference_no = d.difference_no) s
      LEFT JOIN difference_ask k ON k.difference_no = d.difference_no
     WHERE d.state = 'checking' AND coalesce(nullif(d.refund_no, ''), d.attempt_no) ~ '^[0-9]{21}(R[0-9]{2})?$'
       AND (k.run_id IS DISTINCT FROM s.run_id OR k.due_at <= $1::timestamptz)
     ORDER BY k.due_at NULLS FIRST, d.severity, d.difference_no
     LIMIT $3::integer
)
, taken AS (
    INSERT INTO difference_ask AS k (difference_no, run_id, asked, due_at)
    SELECT difference_no, run_id, asked, $1 + make_interval(secs => ($2::integer[])[least(asked, cardinality($2))])
      FROM due
     ORDER BY difference_no
    ON CONFLICT (difference_no) DO UPDATE
       SET run_id = excluded.run_id, asked = excluded.asked, due_at = excluded.due_at
     WHERE k.run_id <> excluded.run_id OR k.due_at <= $1
    RETURNING difference_no, run_id
)
SELECT t.difference_no, t.run_id, substr(d.unit, 7, 3)::integer AS slot, left(d.unit, 21) AS attempt_no,
       CASE WHEN length(d.unit) > 21 THEN d.unit ELSE '' END AS refund_no
  FROM taken t JOIN due d ON d.difference_no = t.difference_no
