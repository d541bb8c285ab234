-- SPDX-License-Identifier: Apache-2.0
-- An invoice by the portal's number, with the orders that it is for and its items as JSON. $1 slot of its order, $2 owner, $3 invoice_id. At most one row.
SELECT i.invoice_id, i.order_no, i.status, i.red, i.blue_invoice_id, i.number, i.code, i.title, i.tax_no, i.net_fen, i.tax_fen,
       i.total_fen, i.asked_at, i.issued_at, i.updated_at, i.kind, i.red_reason, i.confirmation_no, i.confirmation,
       i.confirmation_asked_at,
       (SELECT jsonb_agg(jsonb_build_object('order_no', a.order_no, 'amount', a.amount_fen) ORDER BY a.order_no)
          FROM invoice_allocation a
         WHERE a.slot = i.slot AND a.owner = i.owner AND a.invoice_id = i.invoice_id) AS allocations,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'quantity', t.quantity, 'taxed', t.taxed, 'rate_ppm', t.rate_ppm,
                                                     'net', t.net_fen, 'tax', t.tax_fen, 'total', t.total_fen) ORDER BY t.number), '[]')
          FROM invoice_item t
         WHERE t.slot = i.slot AND t.owner = i.owner AND t.invoice_id = i.invoice_id) AS items
  FROM invoice i WHERE i.slot = $1::integer AND i.owner = $2::text AND i.invoice_id = $3::text
