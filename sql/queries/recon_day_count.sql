-- SPDX-License-Identifier: Apache-2.0
-- How the calendar stands. No parameters. One row: late, blocked, stale, and the oldest day that is late or blocked (text).
SELECT count(*) FILTER (WHERE state = 'waiting' AND late_at IS NOT NULL) AS late,
       count(*) FILTER (WHERE state = 'blocked') AS blocked, count(*) FILTER (WHERE state = 'stale') AS stale,
       min(bill_day) FILTER (WHERE state = 'blocked' OR late_at IS NOT NULL)::text AS oldest
  FROM recon_day
 WHERE state <> 'done'
