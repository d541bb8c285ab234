-- SPDX-License-Identifier: Apache-2.0
-- The differences of an account that waited when a day ended, as their events up to then have them: what comes later changes nothing of it.
-- One of a fee has what is off of the fee and no delta, any other the delta and no fee. $1 account, $2 the day, $3 its end.
-- Any number of rows, the gravest and oldest first.
SELECT 'difference' AS line, d.difference_no, s.to_state AS state, (w.said->>'severity')::integer AS severity, w.said->>'code' AS code,
       d.side AS about, CASE WHEN d.family <> 'fee' THEN (w.said->>'delta_fen')::bigint END AS delta_fen, (w.said->>'fee_fen')::bigint AS fee_fen,
       coalesce(p.assignee, '') AS assignee, d.original_day::text AS original_day,
       w.said->>'bill_day' AS bill_day, $2::date - d.original_day AS age_days, d.order_no, d.attempt_no, d.refund_no, d.provider_trade_no,
       d.merchant_order_no, d.invoice_id, d.opened_at, 1::bigint AS count
  FROM difference d
 CROSS JOIN LATERAL (SELECT e.to_state FROM difference_event e
                      WHERE e.difference_no = d.difference_no AND e.at < $3::timestamptz ORDER BY e.seq DESC LIMIT 1) s
 CROSS JOIN LATERAL (SELECT e.detail::jsonb AS said FROM difference_event e
                      WHERE e.difference_no = d.difference_no AND e.at < $3 AND e.event IN ('find', 'check', 'change', 'return', 'unsettle')
                      ORDER BY e.seq DESC LIMIT 1) w
  LEFT JOIN LATERAL (SELECT e.detail::jsonb->>'assignee' AS assignee FROM difference_event e
                      WHERE e.difference_no = d.difference_no AND e.at < $3 AND e.event = 'assign'
                      ORDER BY e.seq DESC LIMIT 1) p ON true
 WHERE d.account = $1::text AND d.opened_at < $3 AND s.to_state NOT IN ('closed', 'auto_closed', 'superseded')
 ORDER BY 4, d.original_day, d.difference_no COLLATE "C"
