-- SPDX-License-Identifier: Apache-2.0
-- What a run made of its day, in the transaction of that run, whoever made it; a claim on the day ends with it. A blocked day is taken
-- up again: a better bill may come; so is one whose run lacks a bill that may come. $1 account, $2 kind, $3 day, $4 now, $5 codes (none: it is
-- complete), $6 next_at of one that is taken up again, a blocked one while it was taken up less than $7 times, $8 kind of the bill that the
-- run lacks (null: none), $9 whether it counts from now on; else what counts lacks what it lacked. No row.
INSERT INTO recon_day AS d (account, kind, bill_day, state, codes, lacks_kind, next_at, changed_at)
VALUES ($1::text, $2::text, $3::date, CASE WHEN cardinality($5::text[]) > 0 THEN 'blocked' ELSE 'done' END, $5,
        CASE WHEN $9::boolean THEN $8::text END,
        CASE WHEN cardinality($5) > 0 OR ($9 AND $8 IS NOT NULL) THEN $6::timestamptz END, $4::timestamptz)
ON CONFLICT (account, kind, bill_day) DO UPDATE
   SET state = excluded.state, codes = excluded.codes, lacks_kind = CASE WHEN $9 THEN $8 ELSE d.lacks_kind END,
       next_at = CASE WHEN excluded.state = 'done' THEN CASE WHEN $8 IS NOT NULL AND ($9 OR d.lacks_kind IS NOT NULL) THEN $6 END
                      WHEN d.tries < $7::integer THEN excluded.next_at END,
       lease_until = NULL, late_at = CASE WHEN d.lacks_kind IS NOT NULL AND ($8 IS NOT NULL OR NOT $9) THEN d.late_at END,
       tries = CASE WHEN excluded.state = 'done' THEN 0 ELSE d.tries END,
       changed_at = CASE WHEN d.state = excluded.state AND d.codes = excluded.codes THEN d.changed_at ELSE excluded.changed_at END
