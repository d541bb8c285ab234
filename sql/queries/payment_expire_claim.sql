-- SPDX-License-Identifier: Apache-2.0
-- Open payments whose time is over and whose closing nobody has asked for, taken by asking; and those that only wait for it to
-- be written down that they are closed, where whoever should have done it was stopped. $1 now, $2 most rows.
-- Any number of rows up to $2.
UPDATE payment p SET close_asked_at = coalesce(p.close_asked_at, $1::timestamptz)
  FROM (SELECT slot, payment_no FROM payment o
         WHERE state = 'open' AND expires_at <= $1
           AND (close_asked_at IS NULL
                OR NOT EXISTS (SELECT 1 FROM attempt a
                                WHERE a.slot = o.slot AND a.payment_no = o.payment_no AND a.state <> 'closed'))
         ORDER BY expires_at LIMIT $2::integer FOR UPDATE SKIP LOCKED) due
 WHERE p.slot = due.slot AND p.payment_no = due.payment_no
RETURNING p.slot, p.payment_no
