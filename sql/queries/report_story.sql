-- SPDX-License-Identifier: Apache-2.0
-- What the orders of a run's differences went through. $1 run_id, $2 codes that make a result a difference. Any number of rows.
WITH concerned AS (
    SELECT DISTINCT owner, order_no
      FROM recon_result
     WHERE run_id = $1::bigint AND order_no <> '' AND (delta_fen <> 0 OR primary_code = ANY ($2::text[]) OR findings && $2)
)
-- include: story_rows.part
