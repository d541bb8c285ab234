-- SPDX-License-Identifier: Apache-2.0
-- What the orders of a run's differences went through: their attempts and refunds as the run's snapshot has them, by order and number in the
-- order of bytes. $1 run_id, $2 codes that make a result a difference. Any number of rows.
WITH concerned AS (
    SELECT DISTINCT owner, order_no
      FROM recon_result
     WHERE run_id = $1::bigint AND order_no <> '' AND (delta_fen <> 0 OR primary_code = ANY ($2::text[]) OR findings && $2)
)
SELECT owner, order_no, attempt_no, refund_no, provider_trade_no, state, amount_fen, at, counted, carried_in
  FROM (SELECT m.owner, m.order_no, m.attempt_no, '' AS refund_no, m.provider_trade_no, m.state, m.amount_fen, m.paid_at AS at, m.counted,
               m.carried_in
          FROM recon_population m JOIN concerned c ON c.owner = m.owner AND c.order_no = m.order_no
         WHERE m.run_id = $1
         UNION ALL
        SELECT f.owner, f.order_no, f.attempt_no, f.refund_no, '', f.state, -f.amount_fen, f.taken_at, f.counted, f.carried_in
          FROM recon_refund f JOIN concerned c ON c.owner = f.owner AND c.order_no = f.order_no
         WHERE f.run_id = $1) s
 ORDER BY owner COLLATE "C", order_no COLLATE "C", attempt_no COLLATE "C", refund_no COLLATE "C"
