-- SPDX-License-Identifier: Apache-2.0
-- Differences, the gravest and oldest first. $1 owner (empty: any), $2 today; only those of $3 state (empty: any; waiting: that have not ended),
-- $4 severity (0: any), $5 bill day (null: any), $6 account (empty: any), $7 assignee (empty: any) and of an age from $8 to $9 days, behind the difference
-- $10 (empty: from the first). $11 most rows; $12 the kind of bill of the runs that show them (empty: any). Any number of rows up to $11.
-- include: difference_columns.part
   AND ($3::text IN ('', d.state) OR ($3 = 'waiting' AND d.state NOT IN ('closed', 'auto_closed', 'superseded')))
   AND ($4::integer = 0 OR d.severity = $4) AND ($5::date IS NULL OR d.bill_day = $5)
   AND ($6::text = '' OR d.account = $6) AND ($7::text = '' OR d.assignee = $7)
   AND ($12::text = '' OR d.kind = $12)
   AND $2::date - d.original_day BETWEEN $8::integer AND $9::integer
   AND ($10::text = '' OR (d.severity, d.original_day, d.difference_no)
                          > (SELECT b.severity, b.original_day, b.difference_no FROM difference b WHERE b.difference_no = $10))
 ORDER BY d.severity, d.original_day, d.difference_no
 LIMIT $11::integer
