-- SPDX-License-Identifier: Apache-2.0
-- Gives the lease back and says when the schedule comes again; null ends it. A lease that is over, and somebody else's by now, is left
-- alone. $1 slot, $2 refund_no, $3 until when the lease was taken, $4 next_poll_at. At most one row is touched.
UPDATE refund
   SET lease_until = NULL,
       next_poll_at = CASE WHEN state IN ('approved', 'sent', 'unknown', 'accepted', 'abnormal') THEN $4::timestamptz END
 WHERE slot = $1::integer AND refund_no = $2::text AND lease_until = $3::timestamptz
