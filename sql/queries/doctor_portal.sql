-- SPDX-License-Identifier: Apache-2.0
-- Which kinds of lines the night could not read out of the portal's database, and since when. $1 owner. One row.
SELECT count(*) FILTER (WHERE failing_since IS NOT NULL) AS failing, min(failing_since) AS failing_since
  FROM portal_mark WHERE owner = $1::text
