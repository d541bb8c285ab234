-- SPDX-License-Identifier: Apache-2.0
-- The sheet of a run ties by number as well as by money, wherever its equations are of lines: a row whose sums agree by accident
-- is refused too. The equation of our books is of money alone: a matched line may have no counted attempt (a reversal that both
-- sides know), so its numbers need not agree.

SET LOCAL search_path = tallygate;

ALTER TABLE recon_run
    ADD CONSTRAINT recon_run_face_count CHECK (parsed_count = in_scope_count + ineffective_count + out_of_scope_count),
    ADD CONSTRAINT recon_run_bill_count
        CHECK (in_scope_count = matched_count + amount_bill_count + bill_only_count + repeated_count),
    ADD CONSTRAINT recon_run_kinds CHECK (in_scope_fen = pay_fen + refund_fen),
    ADD CONSTRAINT recon_run_kinds_count CHECK (in_scope_count = pay_count + refund_count),
    ADD CONSTRAINT recon_run_books CHECK (population_fen = matched_fen + amount_books_fen + book_only_fen + in_transit_fen),
    ADD CONSTRAINT recon_run_numbers
        CHECK (least(parsed_count, in_scope_count, ineffective_count, out_of_scope_count, matched_count, amount_bill_count,
                     amount_books_count, bill_only_count, repeated_count, population_count, book_only_count, in_transit_count,
                     carried_in_count, delta_long_count, delta_short_count, pay_count, refund_count, fee_count,
                     orders_paid_count, invoiced_count) >= 0),
    ADD CONSTRAINT recon_run_delta_count
        CHECK ((delta_long_count = 0) = (delta_long_fen = 0) AND (delta_short_count = 0) = (delta_short_fen = 0));
