-- SPDX-License-Identifier: Apache-2.0
-- A result of a run. $1 run_id, $2 owner (empty: any; what belongs to nobody is shown to all), $3 its number. One row or none.
-- include: result_columns.part
 WHERE r.run_id = $1::bigint AND ($2::text = '' OR r.owner IN ($2, '')) AND r.seq = $3::bigint
