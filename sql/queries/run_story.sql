-- SPDX-License-Identifier: Apache-2.0
-- What one order went through. $1 run_id, $2 owner and $3 number of the order. Any number of rows up to $4.
WITH concerned AS (
    SELECT $2::text AS owner, $3::text AS order_no WHERE $1::bigint > 0
)
-- include: story_rows.part
 LIMIT $4::integer
