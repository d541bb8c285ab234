-- SPDX-License-Identifier: Apache-2.0
-- A difference about which this client has said or done these words since then. $1 owner (empty: any), $2 today, $3 difference_no,
-- $4 word of the call, $5 actor, $6 SHA-256 of the detail, $7 since. The event has the call's word, but for an execution: what is not a
-- refund is settled or reversed by it. One row, as of difference_find, or none.
-- include: difference_columns.part
   AND d.difference_no = $3::text
   AND EXISTS (SELECT 1 FROM difference_event e
                WHERE e.difference_no = d.difference_no AND e.actor = $5::text
                  AND (e.event = $4::text OR (e.event IN ('settle', 'reverse', 'lapse') AND $4 = 'execute'))
                  AND sha256(convert_to(e.detail, 'UTF8')) = $6::bytea AND e.at >= $7::timestamptz)
