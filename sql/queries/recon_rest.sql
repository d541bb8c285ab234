-- SPDX-License-Identifier: Apache-2.0
-- The orders a day is about beside those of its own attempts, for this transaction: those named, and those dated but the ones that were
-- tried at other accounts alone, which stand in their runs; one that was never tried stands in every run. $1 slots, $2 owners, $3 order numbers of the named; $4, $5, $6 the same of the dated; $7 the account. No rows.
CREATE TEMPORARY TABLE recon_rest ON COMMIT DROP AS
WITH dated AS (
    SELECT slot, owner, order_no FROM unnest($4::integer[], $5::text[], $6::text[]) AS n (slot, owner, order_no)
), tried AS (
    SELECT d.slot, d.owner, d.order_no, bool_or(a.account = $7::text) AS here
      FROM dated d
      JOIN payment p ON p.slot = d.slot AND p.owner = d.owner AND p.order_no = d.order_no
      JOIN attempt a ON a.slot = p.slot AND a.payment_no = p.payment_no
     GROUP BY d.slot, d.owner, d.order_no
)
SELECT slot, owner, order_no FROM unnest($1::integer[], $2::text[], $3::text[]) AS n (slot, owner, order_no)
UNION
(SELECT slot, owner, order_no FROM dated EXCEPT SELECT slot, owner, order_no FROM tried WHERE NOT here)
