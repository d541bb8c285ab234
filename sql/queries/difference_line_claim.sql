-- SPDX-License-Identifier: Apache-2.0
-- Lines of bills that our books have no row of, and whose number the provider is to be asked about: once for each run that shows them, and by the
-- schedule until it has answered. Taking one says when it is due again, so that whoever dies keeps nobody from it. $1 now, $2 seconds to wait
-- after the first time, the second and so on, the last one for all further times; $3 most rows. Any number of rows up to $3.
WITH due AS (
    SELECT d.difference_no, d.account, d.merchant_order_no, s.run_id, s.seq,
           CASE WHEN k.run_id = s.run_id THEN k.asked + 1 ELSE 1 END AS asked
      FROM difference d
     CROSS JOIN LATERAL (SELECT w.run_id, w.seq FROM difference_shown w
                          WHERE w.difference_no = d.difference_no ORDER BY w.run_id DESC LIMIT 1) s
      LEFT JOIN difference_ask k ON k.difference_no = d.difference_no
     WHERE d.state IN ('open', 'assigned') AND d.side = 'payment' AND d.attempt_no = '' AND d.refund_no = '' AND d.merchant_order_no <> ''
       AND d.code LIKE 'LONG\_%' AND (k.run_id IS DISTINCT FROM s.run_id OR k.due_at <= $1::timestamptz)
     ORDER BY k.due_at NULLS FIRST, d.severity, d.difference_no
     LIMIT $3::integer
)
, taken AS (
    INSERT INTO difference_ask AS k (difference_no, run_id, asked, due_at)
    SELECT difference_no, run_id, asked, $1 + make_interval(secs => ($2::integer[])[least(asked, cardinality($2))])
      FROM due
     ORDER BY difference_no
    ON CONFLICT (difference_no) DO UPDATE
       SET run_id = excluded.run_id, asked = excluded.asked, due_at = excluded.due_at
     WHERE k.run_id <> excluded.run_id OR k.due_at <= $1
    RETURNING difference_no, run_id
)
SELECT t.difference_no, t.run_id, d.account, d.merchant_order_no, l.provider_trade_no, l.at AS billed_at
  FROM taken t
  JOIN due d ON d.difference_no = t.difference_no
  JOIN recon_result r ON r.run_id = d.run_id AND r.seq = d.seq
  JOIN bill_line l ON l.run_id = r.run_id AND l.line_no = r.line_no
