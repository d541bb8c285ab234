-- SPDX-License-Identifier: Apache-2.0
-- A run, with the next version of its day when it is complete. $1 account, $2 provider, $3 kind, $4 day, $5 input hash, $6 file_id, $7 state,
-- $8 codes, $9 as_of, $10 zone, $11 program, $12 the cells of the sheet in the order of the columns, $13 unexplained,
-- $14 version of the rules, $15 bills that came late for signed days, parted by commas.
-- One row, or none when these inputs had a run.
INSERT INTO recon_run (account, provider, kind, bill_day, version, input_hash, file_id, state, codes, as_of, cutoff_east_min,
                       program,
                       trailer_count, trailer_fen, parsed_count, parsed_fen, in_scope_count, in_scope_fen,
                       ineffective_count, ineffective_fen, out_of_scope_count, out_of_scope_fen, matched_count,
                       matched_fen, amount_bill_count, amount_bill_fen, amount_books_count, amount_books_fen,
                       bill_only_count, bill_only_fen, repeated_count, repeated_fen, population_count, population_fen,
                       book_only_count, book_only_fen, in_transit_count, in_transit_fen, carried_in_count,
                       carried_in_fen, delta_long_count, delta_long_fen, delta_short_count, delta_short_fen,
                       pay_count, pay_fen, refund_count, refund_fen, fee_count, fee_fen, orders_paid_count,
                       orders_paid_fen, invoiced_count, invoiced_fen, early_out_count, early_out_fen, early_in_count,
                       early_in_fen, paid_here_count, paid_here_fen, paid_apart_count, paid_apart_fen, transferred_count, transferred_fen, order_off_count, order_off_fen, off_apart_count, off_apart_fen, books_no_order_count, books_no_order_fen, books_refund_count, books_refund_fen, orders_free_count, orders_free_fen, invoiced_due_count, invoiced_due_fen, invoice_off_count, invoice_off_fen, unexplained_fen, rules, late_bills)
SELECT $1::text, $2::text, $3::text, $4::date,
       CASE WHEN $7::text = 'complete' THEN (SELECT coalesce(max(version), 0) + 1 FROM recon_run
                                              WHERE account = $1::text AND kind = $3::text AND bill_day = $4::date) END,
       $5::bytea, $6::bigint, $7::text, $8::text[], $9::timestamptz, $10::integer, $11::text,
       c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15], c[16], c[17],
       c[18], c[19], c[20], c[21], c[22], c[23], c[24], c[25], c[26], c[27], c[28], c[29], c[30], c[31], c[32], c[33],
       c[34], c[35], c[36], c[37], c[38], c[39], c[40], c[41], c[42], c[43], c[44], c[45], c[46], c[47], c[48], c[49], c[50], c[51], c[52], c[53], c[54], c[55], c[56], c[57], c[58], c[59], c[60], c[61], c[62], c[63], c[64], c[65], c[66], $13::bigint, $14::integer,
       string_to_array($15::text, ',')
  FROM (SELECT $12::bigint[] AS c) AS cells
ON CONFLICT (account, kind, bill_day, input_hash) DO NOTHING
RETURNING run_id, version
