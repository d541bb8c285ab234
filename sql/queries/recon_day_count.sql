-- SPDX-License-Identifier: Apache-2.0
-- How the calendar stands. No parameters. One row: late, blocked, stale, lacking (done, and the bill of the account's movements is still asked
-- for); the oldest day that is late or blocked, and the oldest that lacks its bill (texts).
SELECT count(*) FILTER (WHERE state = 'waiting' AND late_at IS NOT NULL) AS late,
       count(*) FILTER (WHERE state = 'blocked') AS blocked, count(*) FILTER (WHERE state = 'stale') AS stale,
       count(*) FILTER (WHERE state = 'done') AS lacking,
       min(bill_day) FILTER (WHERE state = 'blocked' OR (state = 'waiting' AND late_at IS NOT NULL))::text AS oldest,
       min(bill_day) FILTER (WHERE state = 'done')::text AS oldest_lacking
  FROM recon_day
 WHERE state <> 'done' OR next_at IS NOT NULL
