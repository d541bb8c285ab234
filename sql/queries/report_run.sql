-- SPDX-License-Identifier: Apache-2.0
-- A run of a day with its sheet, for its report; an account has one kind of bill that is reconciled. $1 account, $2 day,
-- $3 version (0: the one that counts), $4 whether it is the run of settlement. At most one row.
SELECT r.run_id, r.provider, r.version, r.as_of, r.cutoff_east_min, f.sha256, 'FILE_EDITED' = ANY (r.codes) AS edited,
       coalesce(array_to_string(r.late_bills, ','), '') AS late_bills,
       'FILE_COLUMNS' = ANY (r.codes) AS by_form,
       r.trailer_count, r.trailer_fen, r.parsed_count, r.parsed_fen, r.in_scope_count, r.in_scope_fen,
       r.ineffective_count, r.ineffective_fen, r.out_of_scope_count, r.out_of_scope_fen, r.matched_count, r.matched_fen,
       r.amount_bill_count, r.amount_bill_fen, r.amount_books_count, r.amount_books_fen, r.bill_only_count,
       r.bill_only_fen, r.repeated_count, r.repeated_fen, r.population_count, r.population_fen, r.book_only_count,
       r.book_only_fen, r.in_transit_count, r.in_transit_fen, r.carried_in_count, r.carried_in_fen,
       r.delta_long_count, r.delta_long_fen, r.delta_short_count, r.delta_short_fen, r.pay_count, r.pay_fen,
       r.refund_count, r.refund_fen, r.fee_count, r.fee_fen, r.orders_paid_count, r.orders_paid_fen,
       r.invoiced_count, r.invoiced_fen, r.early_out_count, r.early_out_fen, r.early_in_count, r.early_in_fen,
       coalesce(r.paid_here_count, 0) AS paid_here_count, coalesce(r.paid_here_fen, 0) AS paid_here_fen,
       coalesce(r.paid_apart_count, 0) AS paid_apart_count, coalesce(r.paid_apart_fen, 0) AS paid_apart_fen,
       coalesce(r.transferred_count, 0) AS transferred_count, coalesce(r.transferred_fen, 0) AS transferred_fen,
       coalesce(r.order_off_count, 0) AS order_off_count, coalesce(r.order_off_fen, 0) AS order_off_fen,
       coalesce(r.off_apart_count, 0) AS off_apart_count, coalesce(r.off_apart_fen, 0) AS off_apart_fen,
       coalesce(r.books_no_order_count, 0) AS books_no_order_count, coalesce(r.books_no_order_fen, 0) AS books_no_order_fen,
       coalesce(r.books_refund_count, 0) AS books_refund_count, coalesce(r.books_refund_fen, 0) AS books_refund_fen,
       coalesce(r.orders_free_count, 0) AS orders_free_count, coalesce(r.orders_free_fen, 0) AS orders_free_fen,
       coalesce(r.invoiced_due_count, 0) AS invoiced_due_count, coalesce(r.invoiced_due_fen, 0) AS invoiced_due_fen,
       coalesce(r.invoice_off_count, 0) AS invoice_off_count, coalesce(r.invoice_off_fen, 0) AS invoice_off_fen,
       r.unexplained_fen
  FROM recon_run r LEFT JOIN bill_file f ON f.file_id = r.file_id
 WHERE r.account = $1::text AND r.bill_day = $2::date AND (r.kind = 'deposits') = $4::boolean
   AND (r.version = $3::integer
        OR ($3 = 0 AND r.run_id = (SELECT c.run_id
                                     FROM recon_current c
                                    WHERE c.account = $1 AND c.kind = r.kind AND c.bill_day = $2)))
