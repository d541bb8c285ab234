-- SPDX-License-Identifier: Apache-2.0
-- Refunds that should have ended, and since when the oldest: approved and not ended, or worked on by the provider for more than four
-- days; and those that wait for people, and since when. $1 now. One row.
SELECT u.count AS stuck, u.oldest AS stuck_since, w.count AS waiting, w.oldest AS waiting_since
  FROM (SELECT count(*) AS count, min(CASE WHEN state = 'accepted' THEN first_sent_at + interval '4 days' ELSE decided_at END) AS oldest
          FROM refund
         WHERE state IN ('approved', 'sent', 'unknown', 'abnormal')
            OR (state = 'accepted' AND first_sent_at < $1::timestamptz - interval '4 days')) u,
       (SELECT count(*) AS count, min(created_at) AS oldest FROM refund WHERE state IN ('proposed', 'requested')) w
