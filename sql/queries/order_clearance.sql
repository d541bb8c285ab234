-- SPDX-License-Identifier: Apache-2.0
-- What the books know of an order's money, over all its payments and attempts, in one snapshot. An attempt counts as proved
-- when the statement that paid it says the amount of the order, nothing of it has gone back or is to, and no policy has yet to say
-- whether it stays; as accepted, when two people took the amount that a statement says instead;
-- bank transfers count by what two people confirmed, less what they gave back. $1 slot, $2 owner, $3 order_no. At most one row.
WITH the_order AS (
    SELECT slot, owner, order_no, status, quantity, issued_quantity, amount_fen, currency
      FROM ca_order WHERE slot = $1::integer AND owner = $2::text AND order_no = $3::text
)
, payments AS (
    SELECT p.slot, p.payment_no, p.state, p.duplicate, p.late, p.created_at
      FROM payment p JOIN the_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no
)
, concerned AS (
    SELECT a.slot, a.payment_no, a.attempt_no, a.state, a.paid_at, a.amount_fen, a.currency, a.refunded_fen, a.refund_reserved_fen,
           a.state IN ('paid', 'late_paid') AS paid
      FROM payments p JOIN attempt a ON a.slot = p.slot AND a.payment_no = p.payment_no
)
-- include: mismatch_open.part
, taken AS (
    SELECT DISTINCT ON (c.attempt_no) c.attempt_no, d.digest, d.amount_fen, v.paid_at
      FROM concerned c
      JOIN acceptance d ON d.slot = c.slot AND d.attempt_no = c.attempt_no AND d.state = 'accepted' AND d.difference = 'amount'
      JOIN evidence v ON v.slot = d.slot AND v.attempt_no = d.attempt_no AND v.digest = d.digest AND v.paid_at IS NOT NULL
     WHERE NOT c.paid
     ORDER BY c.attempt_no, d.number DESC
)
, attempts AS (
    SELECT a.state, coalesce(t.paid_at, a.paid_at) AS paid_at, coalesce(t.amount_fen, a.amount_fen) AS amount_fen,
           coalesce(t.digest, v.digest) AS digest, t.digest IS NOT NULL AS accepted, a.paid,
           a.refunded_fen > 0 AS refunded, a.refund_reserved_fen > 0 AND a.refunded_fen = 0 AS asked_back,
           EXISTS (SELECT 1 FROM surplus u WHERE u.slot = a.slot AND u.attempt_no = a.attempt_no
                      AND u.cause IN ('late', 'duplicate') AND u.decision IS NULL) AS undecided,
           coalesce(v.amount_fen = o.amount_fen AND v.amount_fen = a.amount_fen AND a.currency = o.currency, false) AS proved
      FROM concerned a
     CROSS JOIN the_order o
      LEFT JOIN taken t ON t.attempt_no = a.attempt_no
      LEFT JOIN event e ON e.slot = a.slot AND e.payment_no = a.payment_no AND e.attempt_no = a.attempt_no
                       AND e.machine = 'attempt' AND e.event = 'paid' AND e.effect = 'move'
      LEFT JOIN evidence v ON v.slot = e.slot AND v.attempt_no = e.attempt_no AND v.digest = e.evidence_digest
                          AND v.mismatch IS NULL
)
, by_hand AS (
    SELECT coalesce(sum(CASE m.direction WHEN 'in' THEN m.amount_fen ELSE -m.amount_fen END) FILTER (WHERE m.state = 'confirmed'),
                    0)::bigint AS fen,
           count(*) FILTER (WHERE m.state = 'recorded') AS waiting
      FROM manual_payment m JOIN the_order o ON o.slot = m.slot AND o.owner = m.owner AND o.order_no = m.order_no
)
SELECT o.status, o.quantity, o.issued_quantity, o.amount_fen, o.currency,
       s.payment_no, s.state,
       coalesce(f.duplicate, false) AS duplicate, coalesce(f.late, false) AS late,
       EXISTS (SELECT 1 FROM doubted) AS mismatch, c.proved_whole, c.accepted, c.undecided, c.refund_open, c.refunded, c.unproved, c.pending, c.unknown, c.paid_fen, c.evidence_digest,
       (h.fen >= o.amount_fen)::integer AS manual, h.fen > 0 AND h.fen < o.amount_fen AS manual_part, h.fen < 0 AS manual_back,
       h.waiting AS manual_waiting, h.fen AS manual_fen
  FROM the_order o
  LEFT JOIN LATERAL (SELECT payment_no, state FROM payments ORDER BY (state = 'paid') DESC, created_at DESC LIMIT 1) s ON true
 CROSS JOIN by_hand h
 CROSS JOIN (SELECT bool_or(duplicate) AS duplicate, bool_or(late) AS late FROM payments) f
 CROSS JOIN (SELECT count(*) FILTER (WHERE paid AND proved AND NOT refunded AND NOT asked_back AND NOT undecided) AS proved_whole,
                    count(*) FILTER (WHERE paid AND proved AND NOT refunded AND NOT asked_back AND undecided) AS undecided,
                    count(*) FILTER (WHERE accepted AND NOT refunded AND NOT asked_back) AS accepted,
                    count(*) FILTER (WHERE (paid OR accepted) AND asked_back) AS refund_open,
                    count(*) FILTER (WHERE (paid OR accepted) AND refunded) AS refunded,
                    count(*) FILTER (WHERE paid AND NOT proved AND NOT refunded AND NOT asked_back) AS unproved,
                    count(*) FILTER (WHERE state IN ('created', 'pending', 'closing') AND NOT accepted) AS pending,
                    count(*) FILTER (WHERE state = 'unknown' AND NOT accepted) AS unknown,
                    coalesce(sum(amount_fen) FILTER (WHERE paid AND proved OR accepted), 0)::bigint AS paid_fen,
                    (array_agg(digest ORDER BY paid DESC, paid_at)
                        FILTER (WHERE (paid AND proved AND NOT undecided OR accepted) AND NOT refunded AND NOT asked_back))[1] AS evidence_digest
               FROM attempts) c
