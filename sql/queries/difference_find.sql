-- SPDX-License-Identifier: Apache-2.0
-- A difference with the newest proposal about it. $1 owner (empty: any), $2 today, $3 difference_no. One row or none.
-- include: difference_columns.part
   AND d.difference_no = $3::text
