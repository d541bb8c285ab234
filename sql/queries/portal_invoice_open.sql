-- SPDX-License-Identifier: Apache-2.0
-- Opens the portal's invoices that changed since $1, or nobody knows when, as lines of a batch (import_invoices.c), for portal_fetch. The cursor
-- is filled at once, so that the portal's database holds nothing open while the lines are taken; it ends with portal_close. No row.
DECLARE portal_lines CURSOR WITH HOLD FOR
SELECT jsonb_strip_nulls(jsonb_build_object(
           'invoice_id', i.invoice_id, 'order_no', i.order_no, 'status', i.status, 'red', i.red, 'blue_invoice_id', i.blue_invoice_id,
           'number', i.number, 'code', i.code, 'title', i.title, 'tax_no', i.tax_no, 'net', i.net_fen, 'tax', i.tax_fen,
           'total', i.total_fen, 'asked_at', to_jsonb(i.asked_at), 'issued_at', to_jsonb(i.issued_at), 'kind', i.kind,
           'red_reason', i.red_reason,
           'confirmation', CASE WHEN i.confirmation IS NOT NULL OR i.confirmation_no IS NOT NULL OR i.confirmation_asked_at IS NOT NULL
                                THEN jsonb_build_object('state', i.confirmation, 'number', i.confirmation_no,
                                                        'asked_at', to_jsonb(i.confirmation_asked_at)) END,
           'allocations', i.allocations, 'items', i.items))::text AS line,
       i.updated_at
  FROM portal_invoice i WHERE i.updated_at >= $1::timestamptz OR i.updated_at IS NULL
 ORDER BY i.updated_at NULLS FIRST, i.invoice_id
