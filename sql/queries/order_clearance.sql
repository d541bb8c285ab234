-- SPDX-License-Identifier: Apache-2.0
-- What the books know of an order's money, over all its payments and attempts, in one snapshot. An attempt counts as proved
-- when the statement that paid it says the amount of the order, nothing of it has gone back or is to, and no policy has yet to say
-- whether it stays. $1 slot, $2 owner, $3 order_no. At most one row.
WITH the_order AS (
    SELECT slot, owner, order_no, status, quantity, issued_quantity, amount_fen, currency
      FROM ca_order WHERE slot = $1::integer AND owner = $2::text AND order_no = $3::text
)
, payments AS (
    SELECT p.slot, p.payment_no, p.state, p.duplicate, p.late, p.mismatch, p.created_at
      FROM payment p JOIN the_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no
)
, attempts AS (
    SELECT a.state, a.paid_at, a.amount_fen, v.digest,
           a.state IN ('paid', 'late_paid') AS paid,
           a.refunded_fen > 0 AS refunded, a.refund_reserved_fen > 0 AND a.refunded_fen = 0 AS asked_back,
           EXISTS (SELECT 1 FROM surplus u WHERE u.slot = a.slot AND u.attempt_no = a.attempt_no
                      AND u.cause IN ('late', 'duplicate') AND u.decision IS NULL) AS undecided,
           coalesce(v.amount_fen = o.amount_fen AND v.amount_fen = a.amount_fen AND a.currency = o.currency, false) AS proved
      FROM payments p
     CROSS JOIN the_order o
      JOIN attempt a ON a.slot = p.slot AND a.payment_no = p.payment_no
      LEFT JOIN event e ON e.slot = p.slot AND e.payment_no = p.payment_no AND e.attempt_no = a.attempt_no
                       AND e.machine = 'attempt' AND e.event = 'paid' AND e.effect = 'move'
      LEFT JOIN evidence v ON v.slot = e.slot AND v.attempt_no = e.attempt_no AND v.digest = e.evidence_digest
                          AND v.mismatch IS NULL
)
SELECT o.status, o.quantity, o.issued_quantity, o.amount_fen, o.currency,
       s.payment_no, s.state,
       coalesce(f.duplicate, false) AS duplicate, coalesce(f.late, false) AS late, coalesce(f.mismatch, false) AS mismatch,
       c.proved_whole, c.undecided, c.refund_open, c.refunded, c.unproved, c.pending, c.unknown, c.paid_fen, c.evidence_digest
  FROM the_order o
  LEFT JOIN LATERAL (SELECT payment_no, state FROM payments ORDER BY (state = 'paid') DESC, created_at DESC LIMIT 1) s ON true
 CROSS JOIN (SELECT bool_or(duplicate) AS duplicate, bool_or(late) AS late, bool_or(mismatch) AS mismatch FROM payments) f
 CROSS JOIN (SELECT count(*) FILTER (WHERE paid AND proved AND NOT refunded AND NOT asked_back AND NOT undecided) AS proved_whole,
                    count(*) FILTER (WHERE paid AND proved AND NOT refunded AND NOT asked_back AND undecided) AS undecided,
                    count(*) FILTER (WHERE paid AND asked_back) AS refund_open,
                    count(*) FILTER (WHERE paid AND refunded) AS refunded,
                    count(*) FILTER (WHERE paid AND NOT proved AND NOT refunded AND NOT asked_back) AS unproved,
                    count(*) FILTER (WHERE state IN ('created', 'pending', 'closing')) AS pending,
                    count(*) FILTER (WHERE state = 'unknown') AS unknown,
                    coalesce(sum(amount_fen) FILTER (WHERE paid AND proved), 0)::bigint AS paid_fen,
                    (array_agg(digest ORDER BY paid_at)
                        FILTER (WHERE paid AND proved AND NOT refunded AND NOT asked_back AND NOT undecided))[1] AS evidence_digest
               FROM attempts) c
