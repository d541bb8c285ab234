-- SPDX-License-Identifier: Apache-2.0
-- The newest day of an account whose bill is known, or known to be none, and the first day with a payment. $1 account. One row;
-- both are text as yyyy-MM-dd, null when there is no such day.
SELECT (SELECT max(bill_day) FROM (SELECT bill_day FROM bill_file WHERE account = $1::text
                                   UNION ALL
                                   SELECT bill_day FROM bill_fetch WHERE account = $1::text AND outcome = 'none') AS known
       )::text AS newest,
       (SELECT min(bill_day) FROM attempt WHERE account = $1::text AND bill_day IS NOT NULL)::text AS first_paid
