-- SPDX-License-Identifier: Apache-2.0
-- Runs, the newest first. $1 account (empty: any), $2 day (null: any), $3 state (empty: any; counting: those that count for their day), behind
-- the run $4 (0: from the newest). $5 most rows. Any number of rows up to $5.
-- include: run_columns.part
 WHERE ($1::text = '' OR r.account = $1) AND ($2::date IS NULL OR r.bill_day = $2)
   AND ($3::text IN ('', r.state) OR ($3 = 'counting' AND EXISTS (SELECT 1 FROM recon_current c WHERE c.run_id = r.run_id)))
   AND ($4::bigint = 0 OR r.run_id < $4)
 ORDER BY r.run_id DESC
 LIMIT $5::integer
