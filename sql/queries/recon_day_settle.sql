-- SPDX-License-Identifier: Apache-2.0
-- What a run made of its day, in the transaction of that run, whoever made it; a claim on the day ends with it. A blocked day is taken
-- up again: a better bill may come. $1 account, $2 kind, $3 day, $4 now, $5 codes (none: it is complete), $6 next_at of a blocked one
-- while it was taken up less than $7 times. No row.
INSERT INTO recon_day AS d (account, kind, bill_day, state, codes, next_at, changed_at)
VALUES ($1::text, $2::text, $3::date, CASE WHEN cardinality($5::text[]) > 0 THEN 'blocked' ELSE 'done' END, $5,
        CASE WHEN cardinality($5) > 0 THEN $6::timestamptz END, $4::timestamptz)
ON CONFLICT (account, kind, bill_day) DO UPDATE
   SET state = excluded.state, codes = excluded.codes,
       next_at = CASE WHEN d.tries < $7::integer THEN excluded.next_at END, lease_until = NULL, late_at = NULL,
       tries = CASE WHEN excluded.state = 'done' THEN 0 ELSE d.tries END,
       changed_at = CASE WHEN d.state = excluded.state AND d.codes = excluded.codes THEN d.changed_at ELSE excluded.changed_at END
