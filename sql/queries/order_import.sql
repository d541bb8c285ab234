-- SPDX-License-Identifier: Apache-2.0
-- Takes a batch of orders: adds those that are new, brings known ones to the status that the portal reports. An order that is here
-- with other data is not touched. $1 JSON array of {n, slot, order_no, kind, applicant, unit_name, uscc, quantity, unit_fee_fen,
-- amount_fen, currency, invoice_profile, content_hash, status, status_at, issued_quantity or null}; the hash in hexadecimal.
-- $2 owner, $3 now, $4 which status may become which, "from>to" blank-separated. One row a line, in the order of n: outcome
-- created, updated, unchanged, repeated (an earlier line of the batch has its number), order_changed, order_status or lost_race.
WITH input AS (
    SELECT r.*, row_number() OVER (PARTITION BY r.slot, r.order_no ORDER BY r.n) AS place
      FROM jsonb_to_recordset($1::jsonb) AS r (n integer, slot integer, order_no text, kind text, applicant text, unit_name text,
           uscc text, quantity bigint, unit_fee_fen bigint, amount_fen bigint, currency text, invoice_profile text,
           content_hash text, status text, status_at timestamptz, issued_quantity bigint)
)
, known AS (
    SELECT i.n, o.slot, o.order_no, o.status, o.issued_quantity, o.content_hash = decode(i.content_hash, 'hex') AS same,
           o.status || '>' || i.status = ANY (string_to_array($4::text, ' ')) AS allowed,
           o.status <> i.status OR o.issued_quantity <> coalesce(i.issued_quantity, o.issued_quantity) AS differs
      FROM input i JOIN ca_order o ON o.slot = i.slot AND o.owner = $2::text AND o.order_no = i.order_no
     WHERE i.place = 1
     ORDER BY o.slot, o.order_no
       FOR UPDATE OF o
)
, made AS (
    INSERT INTO ca_order (slot, owner, order_no, kind, applicant, unit_name, uscc, quantity, unit_fee_fen, amount_fen, currency,
                          invoice_profile, content_hash, status, status_at, issued_quantity, created_at)
    SELECT i.slot, $2, i.order_no, i.kind, i.applicant, i.unit_name, i.uscc, i.quantity, i.unit_fee_fen, i.amount_fen, i.currency,
           i.invoice_profile::jsonb, decode(i.content_hash, 'hex'), i.status, i.status_at, coalesce(i.issued_quantity, 0),
           $3::timestamptz
      FROM input i
     WHERE i.place = 1 AND NOT EXISTS (SELECT 1 FROM known k WHERE k.n = i.n)
     ORDER BY i.slot, i.order_no
    ON CONFLICT (slot, owner, order_no) DO NOTHING
    RETURNING slot, order_no
)
, moved AS (
    UPDATE ca_order o
       SET status = i.status, issued_quantity = coalesce(i.issued_quantity, o.issued_quantity),
           status_at = CASE WHEN o.status = i.status THEN o.status_at ELSE i.status_at END
      FROM known k JOIN input i ON i.n = k.n
     WHERE o.slot = k.slot AND o.owner = $2 AND o.order_no = k.order_no AND k.same AND k.allowed AND k.differs
    RETURNING o.slot, o.order_no
)
SELECT i.n,
       CASE WHEN i.place > 1 THEN 'repeated'
            WHEN m.order_no IS NOT NULL THEN 'created'
            WHEN v.order_no IS NOT NULL THEN 'updated'
            WHEN k.n IS NULL THEN 'lost_race'
            WHEN NOT k.same THEN 'order_changed'
            WHEN NOT k.allowed THEN 'order_status'
            ELSE 'unchanged' END AS outcome
  FROM input i
  LEFT JOIN known k ON k.n = i.n
  LEFT JOIN made m ON m.slot = i.slot AND m.order_no = i.order_no
  LEFT JOIN moved v ON v.slot = i.slot AND v.order_no = i.order_no
 ORDER BY i.n
