-- SPDX-License-Identifier: Apache-2.0
-- How the calendar stands. No parameters. One row: late, blocked, stale, and since when the oldest of those days is so.
SELECT count(*) FILTER (WHERE state = 'waiting' AND late_at IS NOT NULL) AS late,
       count(*) FILTER (WHERE state = 'blocked') AS blocked, count(*) FILTER (WHERE state = 'stale') AS stale,
       min(bill_day) FILTER (WHERE state <> 'waiting' OR late_at IS NOT NULL)::text AS oldest
  FROM recon_day
 WHERE state <> 'done'
