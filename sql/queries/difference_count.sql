-- SPDX-License-Identifier: Apache-2.0
-- How many differences have not ended, by severity. No parameters. One row.
SELECT count(*) FILTER (WHERE severity = 1) AS severity_1, count(*) FILTER (WHERE severity = 2) AS severity_2,
       count(*) FILTER (WHERE severity = 3) AS severity_3
  FROM difference
 WHERE state NOT IN ('closed', 'auto_closed', 'superseded')
