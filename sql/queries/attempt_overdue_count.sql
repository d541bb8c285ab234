-- SPDX-License-Identifier: Apache-2.0
-- What stays without a final word. $1 now, $2 time that was over before. One row: how many are overdue, how many are not asked about
-- any more, and since when the oldest one's time is over, null when there is none.
SELECT count(*) FILTER (WHERE expires_at < $2::timestamptz) AS overdue,
       count(*) FILTER (WHERE next_poll_at IS NULL) AS given_up,
       min(expires_at) AS oldest
  FROM attempt
 WHERE state IN ('created', 'pending', 'unknown', 'closing') AND expires_at < $1::timestamptz
