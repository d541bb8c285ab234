-- SPDX-License-Identifier: Apache-2.0
-- Opens the portal's orders that changed since $1, or nobody knows when, as lines of a batch (import_orders.c), for portal_fetch. The cursor
-- is filled at once, so that the portal's database holds nothing open while the lines are taken; it ends with portal_close. No row.
DECLARE portal_lines CURSOR WITH HOLD FOR
SELECT jsonb_strip_nulls(jsonb_build_object(
           'order', jsonb_build_object(
               'order_no', o.order_no, 'kind', o.kind, 'applicant', o.applicant, 'unit_name', o.unit_name, 'uscc', o.uscc,
               'quantity', o.quantity, 'unit_fee', o.unit_fee_fen, 'amount', o.amount_fen,
               'invoice', jsonb_build_object('title', o.title, 'tax_no', o.tax_no, 'address', o.address, 'phone', o.phone,
                                             'mobile', o.mobile, 'bank', o.bank, 'bank_account', o.bank_account)),
           'status', o.status, 'status_at', to_jsonb(o.status_at), 'issued_quantity', o.issued_quantity))::text AS line,
       o.updated_at
  FROM portal_order o WHERE o.updated_at >= $1::timestamptz OR o.updated_at IS NULL
 ORDER BY o.updated_at NULLS FIRST, o.order_no
