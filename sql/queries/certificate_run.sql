-- SPDX-License-Identifier: Apache-2.0
-- What the tie-out certificate of a published run says, from the rows of the run alone, and who signed the day with it last; reopened_at: when
-- two people took that signature back. Each hash is SHA-256
-- over the SHA-256 of every row as a JSON array, in the order of the rows. $1 account, $2 kind, $3 day, $4 version (0: the one that counts).
-- At most one row; cells as [count,fen].
SELECT r.run_id, r.account, r.provider, r.kind, r.bill_day::text AS day, r.version, r.as_of, r.cutoff_east_min AS zone_east_min,
       r.program, r.rules, f.sha256 AS bill_sha256, f.bytes AS bill_bytes,
       CASE WHEN 'FILE_EDITED' = ANY (r.codes) THEN 'FILE_EDITED' ELSE f.origin END AS bill_origin,
       (SELECT b.sha256 FROM recon_flow w JOIN bill_file b ON b.file_id = w.file_id WHERE w.run_id = r.run_id) AS flow_sha256,
       encode(sha256(coalesce((SELECT string_agg(sha256(convert_to(json_build_array(x.line_no, x.kind, x.provider_trade_no, x.merchant_order_no, x.refund_no, x.face_fen, x.effective_fen, x.fee_fen, (extract(epoch FROM x.at) * 1000000)::bigint, x.raw)::text, 'UTF8')), ''::bytea
                                                 ORDER BY x.carried, x.line_no)
                                 FROM (SELECT line_no, kind, provider_trade_no, merchant_order_no, refund_no, face_fen, effective_fen, fee_fen, at,
                                              bill_line_raw(run_id, line_no) AS raw, false AS carried FROM bill_line WHERE run_id = r.run_id
                                       UNION ALL
                                       SELECT line_no, CASE WHEN refund THEN 'refund' ELSE 'pay' END, provider_trade_no, merchant_order_no, refund_no,
                                              0, fen, 0, at, raw, true FROM recon_early WHERE run_id = r.run_id) x), ''::bytea)), 'hex') AS lines_sha256,
       encode(sha256(coalesce((SELECT string_agg(sha256(convert_to(json_build_array(x.attempt_no, x.provider_trade_no, x.owner, x.order_no, x.state, x.amount_fen, (extract(epoch FROM x.paid_at) * 1000000)::bigint, x.counted, x.carried_in)::text, 'UTF8')), ''::bytea
                                                 ORDER BY x.attempt_no COLLATE "C")
                                 FROM recon_population x WHERE x.run_id = r.run_id), ''::bytea)), 'hex') AS population_sha256,
       encode(sha256(coalesce((SELECT string_agg(sha256(convert_to(json_build_array(x.refund_no, x.attempt_no, x.owner, x.order_no, x.state, x.amount_fen, (extract(epoch FROM x.taken_at) * 1000000)::bigint, x.counted, x.carried_in)::text, 'UTF8')), ''::bytea
                                                 ORDER BY x.refund_no COLLATE "C")
                                 FROM recon_refund x WHERE x.run_id = r.run_id), ''::bytea)), 'hex') AS refunds_sha256,
       encode(sha256(coalesce((SELECT string_agg(sha256(convert_to(json_build_array(x.seq, x.line_no, x.attempt_no, x.refund_no, x.provider_trade_no, x.merchant_order_no, x.owner, x.order_no, x.order_kind, x.order_status, x.order_fen, x.title, x.invoice_id, x.invoiced_fen, x.primary_code, x.findings, x.bucket, x.face_fen, x.b_fen, x.p_fen, x.delta_fen, x.fee_fen, (extract(epoch FROM x.billed_at) * 1000000)::bigint, (extract(epoch FROM x.paid_at) * 1000000)::bigint, x.carry_out, x.flow_no, x.flow_fen)::text, 'UTF8')), ''::bytea
                                                 ORDER BY x.seq)
                                 FROM recon_result x WHERE x.run_id = r.run_id), ''::bytea)), 'hex') AS results_sha256,
       encode(r.input_hash, 'hex') AS input_hash,
       '[' || r.trailer_count || ',' || r.trailer_fen || ']' AS trailer,
       '[' || r.parsed_count || ',' || r.parsed_fen || ']' AS parsed,
       '[' || r.in_scope_count || ',' || r.in_scope_fen || ']' AS in_scope,
       '[' || r.ineffective_count || ',' || r.ineffective_fen || ']' AS ineffective,
       '[' || r.out_of_scope_count || ',' || r.out_of_scope_fen || ']' AS out_of_scope,
       '[' || r.matched_count || ',' || r.matched_fen || ']' AS matched,
       '[' || r.amount_bill_count || ',' || r.amount_bill_fen || ']' AS amount_bill,
       '[' || r.bill_only_count || ',' || r.bill_only_fen || ']' AS bill_only,
       '[' || r.repeated_count || ',' || r.repeated_fen || ']' AS repeated,
       '[' || r.population_count || ',' || r.population_fen || ']' AS population,
       '[' || r.amount_books_count || ',' || r.amount_books_fen || ']' AS amount_books,
       '[' || r.book_only_count || ',' || r.book_only_fen || ']' AS book_only,
       '[' || r.in_transit_count || ',' || r.in_transit_fen || ']' AS in_transit,
       '[' || r.carried_in_count || ',' || r.carried_in_fen || ']' AS carried_in,
       '[' || r.early_out_count || ',' || r.early_out_fen || ']' AS early_out,
       '[' || r.early_in_count || ',' || r.early_in_fen || ']' AS early_in,
       '[' || r.delta_long_count || ',' || r.delta_long_fen || ']' AS delta_long,
       '[' || r.delta_short_count || ',' || r.delta_short_fen || ']' AS delta_short,
       '[' || r.pay_count || ',' || r.pay_fen || ']' AS pay,
       '[' || r.refund_count || ',' || r.refund_fen || ']' AS refund,
       '[' || r.fee_count || ',' || r.fee_fen || ']' AS fee,
       r.unexplained_fen AS unexplained, d.prepared_by, s.prepared_at, d.decided_by AS signed_by, d.decided_at AS signed_at,
       encode(s.content_hash, 'hex') AS signoff_sha256, d.reopened_at
  FROM recon_run r
  LEFT JOIN bill_file f ON f.file_id = r.file_id
  LEFT JOIN LATERAL (SELECT p.account, p.kind, p.bill_day, p.number, p.prepared_by, p.decided_by, p.decided_at, e.ended_at AS reopened_at
                       FROM period_decision p
                       LEFT JOIN period_reopening_end e ON e.account = p.account AND e.kind = p.kind AND e.bill_day = p.bill_day
                        AND e.number = p.number AND e.opened_request = p.reopened_request
                      WHERE p.account = r.account AND p.kind = r.kind AND p.bill_day = r.bill_day AND p.run_id = r.run_id
                        AND p.decision = 'signed'
                      ORDER BY p.number DESC LIMIT 1) d ON true
  LEFT JOIN period_signoff s ON s.account = d.account AND s.kind = d.kind AND s.bill_day = d.bill_day AND s.number = d.number
 WHERE r.account = $1::text AND r.kind = $2::text AND r.bill_day = $3::date AND r.state = 'complete'
   AND (r.version = $4::integer
        OR ($4 = 0 AND r.run_id = (SELECT c.run_id FROM recon_current c
                                    WHERE c.account = $1 AND c.kind = $2 AND c.bill_day = $3)))
