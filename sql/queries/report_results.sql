-- SPDX-License-Identifier: Apache-2.0
-- The results of a run in their order, for its report. $1 run_id. Any number of rows.
-- include: result_columns.part
 WHERE r.run_id = $1::bigint
 ORDER BY r.seq
