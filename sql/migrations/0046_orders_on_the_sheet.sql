-- SPDX-License-Identifier: Apache-2.0
-- The sheet of a run ties the orders (P) to the books (J) and the invoices (Q) to the orders' money. A run of before has none of these cells: it
-- was not asked, and nothing is made up for it; one of settlement has zeros, as it has no orders. J ties by number too, since each of its payments and refunds is one of P1, P6 and P7.
SET LOCAL search_path = tallygate;

ALTER TABLE recon_run
    ADD COLUMN paid_here_count      bigint,
    ADD COLUMN paid_here_fen        bigint,
    ADD COLUMN paid_apart_count     bigint,
    ADD COLUMN paid_apart_fen       bigint,
    ADD COLUMN transferred_count    bigint,
    ADD COLUMN transferred_fen      bigint,
    ADD COLUMN order_off_count      bigint,
    ADD COLUMN order_off_fen        bigint,
    ADD COLUMN off_apart_count      bigint,
    ADD COLUMN off_apart_fen        bigint,
    ADD COLUMN books_no_order_count bigint,
    ADD COLUMN books_no_order_fen   bigint,
    ADD COLUMN books_refund_count   bigint,
    ADD COLUMN books_refund_fen     bigint,
    ADD COLUMN orders_free_count    bigint,
    ADD COLUMN orders_free_fen      bigint,
    ADD COLUMN invoiced_due_count   bigint,
    ADD COLUMN invoiced_due_fen     bigint,
    ADD COLUMN invoice_off_count    bigint,
    ADD COLUMN invoice_off_fen      bigint,
    ADD CONSTRAINT recon_run_orders_asked
        CHECK (num_nulls(paid_here_count, paid_here_fen, paid_apart_count, paid_apart_fen, transferred_count, transferred_fen,
                         order_off_count, order_off_fen, off_apart_count, off_apart_fen, books_no_order_count, books_no_order_fen,
                         books_refund_count, books_refund_fen, orders_free_count, orders_free_fen, invoiced_due_count, invoiced_due_fen, invoice_off_count, invoice_off_fen) IN (0, 20)),
    ADD CONSTRAINT recon_run_population_count CHECK (kind = 'deposits' OR population_count = paid_here_count + books_no_order_count + books_refund_count),
    ADD CONSTRAINT recon_run_population CHECK (kind = 'deposits' OR population_fen = paid_here_fen + books_no_order_fen + books_refund_fen),
    ADD CONSTRAINT recon_run_orders CHECK (orders_paid_fen = paid_here_fen + paid_apart_fen + transferred_fen + order_off_fen + off_apart_fen),
    ADD CONSTRAINT recon_run_invoices CHECK (invoiced_fen = invoiced_due_fen + invoice_off_fen),
    ADD CONSTRAINT recon_run_order_numbers
        CHECK (least(paid_here_count, paid_apart_count, transferred_count, order_off_count, off_apart_count, books_no_order_count,
                     books_refund_count, orders_free_count, invoiced_due_count, invoice_off_count) >= 0),
    ADD CONSTRAINT recon_run_order_off CHECK (order_off_count > 0 OR order_off_fen = 0),
    ADD CONSTRAINT recon_run_off_apart CHECK (off_apart_fen <= 0 AND (off_apart_count = 0) = (off_apart_fen = 0)),
    ADD CONSTRAINT recon_run_invoice_off CHECK (invoice_off_count > 0 OR invoice_off_fen = 0),
    ADD CONSTRAINT recon_run_books_refund CHECK (books_refund_fen <= 0),
    ADD CONSTRAINT recon_run_orders_free CHECK (orders_free_fen = 0);
COMMENT ON COLUMN recon_run.paid_here_count IS 'P1: payments of the books that are for orders, how many';
COMMENT ON COLUMN recon_run.paid_here_fen IS 'P1: payments of the books that are for orders, in fen';
COMMENT ON COLUMN recon_run.paid_apart_count IS 'P2: those orders'' confirmed payments of other days and accounts, how many';
COMMENT ON COLUMN recon_run.paid_apart_fen IS 'P2: those orders'' confirmed payments of other days and accounts, in fen';
COMMENT ON COLUMN recon_run.transferred_count IS 'P3: those orders'' bank transfers, how many';
COMMENT ON COLUMN recon_run.transferred_fen IS 'P3: those orders'' bank transfers, in fen';
COMMENT ON COLUMN recon_run.order_off_count IS 'P4: payable less money of orders that a finding says it of, how many';
COMMENT ON COLUMN recon_run.order_off_fen IS 'P4: payable less money of orders that a finding says it of, in fen';
COMMENT ON COLUMN recon_run.off_apart_count IS 'P5: the same where what was paid twice is of another day or account and found there, how many';
COMMENT ON COLUMN recon_run.off_apart_fen IS 'P5: the same where what was paid twice is of another day or account and found there, in fen';
COMMENT ON COLUMN recon_run.books_no_order_count IS 'P6: payments of the books for no known order, how many';
COMMENT ON COLUMN recon_run.books_no_order_fen IS 'P6: payments of the books for no known order, in fen';
COMMENT ON COLUMN recon_run.books_refund_count IS 'P7: refunds of the books, how many';
COMMENT ON COLUMN recon_run.books_refund_fen IS 'P7: refunds of the books, in fen';
COMMENT ON COLUMN recon_run.orders_free_count IS 'P8: orders taken for paid that cost nothing, how many';
COMMENT ON COLUMN recon_run.orders_free_fen IS 'P8: orders taken for paid that cost nothing, in fen';
COMMENT ON COLUMN recon_run.invoiced_due_count IS 'Q1: what of the orders with invoices is to be invoiced, how many';
COMMENT ON COLUMN recon_run.invoiced_due_fen IS 'Q1: what of the orders with invoices is to be invoiced, in fen';
COMMENT ON COLUMN recon_run.invoice_off_count IS 'Q2: invoiced less that, of orders that a finding says it of, how many';
COMMENT ON COLUMN recon_run.invoice_off_fen IS 'Q2: invoiced less that, of orders that a finding says it of, in fen';
