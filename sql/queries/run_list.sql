-- SPDX-License-Identifier: Apache-2.0
-- Runs, the newest first. $1 account (empty: any), $2 kind of bill (empty: any), $3 first and $4 last day (null: any), $5 state (empty: any;
-- counting: those that count for their day), behind the run $6 (0: from the newest). $7 most rows. Any number of rows up to $7.
-- include: run_columns.part
 WHERE ($1::text = '' OR r.account = $1) AND ($2::text = '' OR r.kind = $2)
   AND ($3::date IS NULL OR r.bill_day >= $3) AND ($4::date IS NULL OR r.bill_day <= $4)
   AND ($5::text IN ('', r.state) OR ($5 = 'counting' AND EXISTS (SELECT 1 FROM recon_current c WHERE c.run_id = r.run_id)))
   AND ($6::bigint = 0 OR r.run_id < $6)
 ORDER BY r.run_id DESC
 LIMIT $7::integer
