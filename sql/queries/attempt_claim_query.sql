-- SPDX-License-Identifier: Apache-2.0
-- One asker for any number of callers, over all workers and nodes. $1 slot, $2 attempt_no, $3 now, $4 lease until, $5 whether it
-- is a query, which a notice heard before it waits for.
-- One row touched: the lease is ours. None: somebody else is asking.
UPDATE attempt
   SET query_lease_until = $4::timestamptz,
       notice = CASE WHEN notice IS NULL THEN NULL WHEN $5::boolean THEN 'asked' ELSE 'heard' END
 WHERE slot = $1::integer AND attempt_no = $2::text AND (query_lease_until IS NULL OR query_lease_until <= $3::timestamptz)
