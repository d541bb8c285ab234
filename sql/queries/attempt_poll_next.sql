-- SPDX-License-Identifier: Apache-2.0
-- When the schedule asks again; null ends it. What is paid, or closed without a notice to ask about, has ended already. $1 slot,
-- $2 attempt_no, $3 time. At most one row is touched.
UPDATE attempt SET next_poll_at = $3::timestamptz
 WHERE slot = $1::integer AND attempt_no = $2::text AND state NOT IN ('paid', 'late_paid')
   AND (state <> 'closed' OR notice IS NOT NULL)
