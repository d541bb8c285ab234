-- SPDX-License-Identifier: Apache-2.0
-- Takes reports of invoices, one or a batch: adds those that are new and brings known ones to what the portal says of them, with the
-- orders that they are for. $1 JSON array of {n, slot, invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no,
-- net_fen, tax_fen, total_fen, asked_at or null, issued_at or null, kind, red_reason, confirmation_no, confirmation,
-- confirmation_asked_at or null, parts: [{order_no, slot, fen}], items: null or [{name, quantity, taxed, rate_ppm or null, net_fen,
-- tax_fen, total_fen}]}. $2 owner, $3 now, $4 which status may become which, "from>to"
-- blank-separated. One row a report, in the order of n: outcome created, updated, unchanged, repeated (an earlier one has its id),
-- invoice_parts (they do not sum to the total), invoice_changed (it stands under another order or with the other sign), invoice_status,
-- invoice_number (another document has its number) or lost_race (somebody wrote it meanwhile).
WITH input AS (
    SELECT r.*, row_number() OVER (PARTITION BY r.slot, r.invoice_id ORDER BY r.n) AS place
      FROM jsonb_to_recordset($1::jsonb) AS r (n integer, slot integer, invoice_id text, order_no text, status text, red boolean,
           blue_invoice_id text, number text, code text, title text, tax_no text, net_fen bigint, tax_fen bigint, total_fen bigint,
           asked_at timestamptz, issued_at timestamptz, kind text, red_reason text, confirmation_no text, confirmation text,
           confirmation_asked_at timestamptz, parts jsonb, items jsonb)
)
, part AS (
    SELECT i.n, i.slot, i.invoice_id, p.order_no, p.slot AS order_slot, p.fen
      FROM input i, jsonb_to_recordset(i.parts) AS p (order_no text, slot integer, fen bigint)
     WHERE i.place = 1
)
, told AS (
    SELECT p.n, sum(p.fen) AS fen, jsonb_object_agg(p.order_no, p.fen) AS parts FROM part p GROUP BY p.n
)
-- The parts are those of the snapshot, so a document that somebody wrote since then is not judged by them.
, known AS (
    SELECT i.n, v.xmin <> seen.xmin AS raced, v.order_no = i.order_no AND v.red = i.red AS same,
           v.status || '>' || i.status = ANY (string_to_array($4::text, ' ')) AS allowed,
           (v.status, v.blue_invoice_id, v.number, v.code, v.title, v.tax_no, v.net_fen, v.tax_fen, v.total_fen, v.asked_at,
            v.issued_at, v.kind, v.red_reason, v.confirmation_no, v.confirmation, v.confirmation_asked_at)
           IS DISTINCT FROM
           (i.status, i.blue_invoice_id, i.number, i.code, i.title, i.tax_no, i.net_fen, i.tax_fen, i.total_fen,
            coalesce(i.asked_at, v.asked_at), coalesce(i.issued_at, v.issued_at), i.kind, i.red_reason, i.confirmation_no,
            i.confirmation, i.confirmation_asked_at)
           OR (SELECT jsonb_object_agg(a.order_no, a.amount_fen) FROM invoice_allocation a
                WHERE a.slot = i.slot AND a.owner = $2::text AND a.invoice_id = i.invoice_id) IS DISTINCT FROM t.parts
           OR (SELECT jsonb_agg(jsonb_build_object('name', m.name, 'quantity', m.quantity, 'taxed', m.taxed, 'rate_ppm', m.rate_ppm,
                                                   'net_fen', m.net_fen, 'tax_fen', m.tax_fen, 'total_fen', m.total_fen)
                                ORDER BY m.number)
                 FROM invoice_item m
                WHERE m.slot = i.slot AND m.owner = $2 AND m.invoice_id = i.invoice_id) IS DISTINCT FROM i.items AS differs
      FROM input i
      JOIN told t ON t.n = i.n
      JOIN invoice seen ON seen.slot = i.slot AND seen.owner = $2 AND seen.invoice_id = i.invoice_id
      JOIN invoice v ON v.slot = i.slot AND v.owner = $2 AND v.invoice_id = i.invoice_id
     ORDER BY v.slot, v.invoice_id
       FOR UPDATE OF v
)
, refused AS (
    SELECT i.n, i.slot, i.code, i.number,
           CASE WHEN i.place > 1 THEN 'repeated'
                WHEN t.fen IS DISTINCT FROM i.total_fen THEN 'invoice_parts'
                WHEN k.raced THEN 'lost_race'
                WHEN NOT k.same THEN 'invoice_changed'
                WHEN NOT k.allowed THEN 'invoice_status'
                WHEN i.number <> '' AND EXISTS (SELECT FROM invoice o
                                                 WHERE o.slot = i.slot AND o.code = i.code AND o.number = i.number AND o.number <> ''
                                                   AND (o.owner, o.invoice_id) <> ($2, i.invoice_id)) THEN 'invoice_number' END AS why
      FROM input i LEFT JOIN told t ON t.n = i.n LEFT JOIN known k ON k.n = i.n
)
, judged AS (
    SELECT r.n, CASE WHEN r.why IS NULL AND r.number <> ''
                          AND row_number() OVER (PARTITION BY r.why, r.slot, r.code, r.number ORDER BY r.n) > 1 THEN 'invoice_number'
                     ELSE r.why END AS why
      FROM refused r
)
, made AS (
    INSERT INTO invoice (slot, owner, invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen,
                         tax_fen, total_fen, asked_at, issued_at, updated_at, kind, red_reason, confirmation_no, confirmation,
                         confirmation_asked_at)
    SELECT i.slot, $2, i.invoice_id, i.order_no, i.status, i.red, i.blue_invoice_id, i.number, i.code, i.title, i.tax_no, i.net_fen,
           i.tax_fen, i.total_fen, i.asked_at, i.issued_at, $3::timestamptz, i.kind, i.red_reason, i.confirmation_no,
           i.confirmation, i.confirmation_asked_at
      FROM input i JOIN judged j ON j.n = i.n
     WHERE j.why IS NULL AND NOT EXISTS (SELECT FROM known k WHERE k.n = i.n)
     ORDER BY i.slot, i.invoice_id
    ON CONFLICT DO NOTHING
    RETURNING slot, invoice_id
)
, moved AS (
    UPDATE invoice v
       SET status = i.status, blue_invoice_id = i.blue_invoice_id, number = i.number, code = i.code, title = i.title,
           tax_no = i.tax_no, net_fen = i.net_fen, tax_fen = i.tax_fen, total_fen = i.total_fen,
           asked_at = coalesce(i.asked_at, v.asked_at), issued_at = coalesce(i.issued_at, v.issued_at), updated_at = $3,
           kind = i.kind, red_reason = i.red_reason, confirmation_no = i.confirmation_no, confirmation = i.confirmation,
           confirmation_asked_at = i.confirmation_asked_at
      FROM known k JOIN input i ON i.n = k.n JOIN judged j ON j.n = k.n
     WHERE v.slot = i.slot AND v.owner = $2 AND v.invoice_id = i.invoice_id AND j.why IS NULL AND k.differs
    RETURNING v.slot, v.invoice_id
)
, gone AS (
    DELETE FROM invoice_allocation a USING moved m
     WHERE a.slot = m.slot AND a.owner = $2 AND a.invoice_id = m.invoice_id
       AND NOT EXISTS (SELECT FROM part p WHERE p.slot = a.slot AND p.invoice_id = a.invoice_id AND p.order_no = a.order_no)
)
, written AS (
    SELECT slot, invoice_id FROM made UNION ALL SELECT slot, invoice_id FROM moved
)
, placed AS (
    INSERT INTO invoice_allocation (slot, owner, invoice_id, order_no, order_slot, amount_fen)
    SELECT p.slot, $2, p.invoice_id, p.order_no, p.order_slot, p.fen
      FROM part p JOIN written w ON w.slot = p.slot AND w.invoice_id = p.invoice_id
    ON CONFLICT (slot, owner, invoice_id, order_no) DO UPDATE SET amount_fen = excluded.amount_fen
)
, sold AS (
    SELECT w.slot, w.invoice_id, t.number, t.name, t.quantity, t.taxed, t.rate_ppm, t.net_fen, t.tax_fen, t.total_fen
      FROM written w
      JOIN input i ON i.slot = w.slot AND i.invoice_id = w.invoice_id AND i.place = 1,
           ROWS FROM (jsonb_to_recordset(i.items) AS (name text, quantity text, taxed text, rate_ppm bigint, net_fen bigint,
                                                      tax_fen bigint, total_fen bigint))
           WITH ORDINALITY AS t (name, quantity, taxed, rate_ppm, net_fen, tax_fen, total_fen, number)
)
, unsold AS (
    DELETE FROM invoice_item m USING moved v
     WHERE m.slot = v.slot AND m.owner = $2 AND m.invoice_id = v.invoice_id
       AND NOT EXISTS (SELECT FROM sold s WHERE s.slot = m.slot AND s.invoice_id = m.invoice_id AND s.number = m.number)
)
, listed AS (
    INSERT INTO invoice_item (slot, owner, invoice_id, number, name, quantity, taxed, rate_ppm, net_fen, tax_fen, total_fen)
    SELECT s.slot, $2, s.invoice_id, s.number, s.name, s.quantity, s.taxed, s.rate_ppm, s.net_fen, s.tax_fen, s.total_fen FROM sold s
    ON CONFLICT (slot, owner, invoice_id, number) DO UPDATE
       SET name = excluded.name, quantity = excluded.quantity, taxed = excluded.taxed, rate_ppm = excluded.rate_ppm,
           net_fen = excluded.net_fen, tax_fen = excluded.tax_fen, total_fen = excluded.total_fen
)
SELECT i.n,
       CASE WHEN j.why IS NOT NULL THEN j.why
            WHEN m.invoice_id IS NOT NULL THEN 'created'
            WHEN v.invoice_id IS NOT NULL THEN 'updated'
            WHEN k.n IS NULL THEN 'lost_race'
            ELSE 'unchanged' END AS outcome
  FROM input i
  JOIN judged j ON j.n = i.n
  LEFT JOIN known k ON k.n = i.n
  LEFT JOIN made m ON m.slot = i.slot AND m.invoice_id = i.invoice_id
  LEFT JOIN moved v ON v.slot = i.slot AND v.invoice_id = i.invoice_id
 ORDER BY i.n
