-- SPDX-License-Identifier: Apache-2.0
-- A run with its sheet. $1 run_id. One row or none.
-- include: run_columns.part
 WHERE r.run_id = $1::bigint
