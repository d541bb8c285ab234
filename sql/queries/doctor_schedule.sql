-- SPDX-License-Identifier: Apache-2.0
-- What nobody looks after: attempts without a final word whose schedule has ended, attempts whose time to be asked about has come and
-- gone, and requests of the last week whose owner died and that nobody has completed since. $1 now. One row.
SELECT g.count AS given_up, g.oldest AS given_up_since, d.count AS due, d.oldest AS due_since, k.count AS stuck,
       k.oldest AS stuck_since
  FROM (SELECT count(*) AS count, min(expires_at) AS oldest FROM attempt
         WHERE state IN ('created', 'pending', 'unknown', 'closing') AND expires_at < $1::timestamptz AND next_poll_at IS NULL) g,
       (SELECT count(*) AS count, min(next_poll_at) AS oldest FROM attempt WHERE next_poll_at <= $1::timestamptz) d,
       (SELECT count(*) AS count, min(lease_until) AS oldest FROM idempotency
         WHERE state = 'in_progress' AND lease_until BETWEEN $1::timestamptz - interval '7 days' AND $1::timestamptz) k
