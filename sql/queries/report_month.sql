-- SPDX-License-Identifier: Apache-2.0
-- The days of an account whose runs count, for the pack of a month, each with the signature that stands on it: who prepared and signed it and
-- when, the text that both were shown, and the certificate that says so, where one was made. $1 account, $2 first day, $3 the day behind
-- the last, $4 whether the runs of settlement are meant. Any number of rows, by day.
SELECT c.bill_day::text AS day, r.version, r.as_of, r.program, r.rules, encode(r.input_hash, 'hex') AS input_hash,
       'FILE_EDITED' = ANY (r.codes) AS edited, 'FILE_COLUMNS' = ANY (r.codes) AS by_form,
       s.prepared_by, s.prepared_at, d.decided_by AS signed_by, d.decided_at AS signed_at, s.content AS signoff,
       encode(s.content_hash, 'hex') AS signoff_sha256, t.content AS certificate, t.key_id, encode(t.signature, 'hex') AS signature
  FROM recon_current c
  JOIN recon_run r ON r.run_id = c.run_id
  LEFT JOIN period_decision d ON d.account = c.account AND d.kind = c.kind AND d.bill_day = c.bill_day AND d.signed_run_id = c.run_id
  LEFT JOIN period_signoff s ON s.account = d.account AND s.kind = d.kind AND s.bill_day = d.bill_day AND s.number = d.number
  LEFT JOIN LATERAL (SELECT k.content, k.key_id, k.signature FROM certificate k
                      WHERE k.run_id = c.run_id AND k.content::jsonb->>'signed_by' = d.decided_by
                        AND (k.content::jsonb->>'signed_at')::timestamptz = date_trunc('milliseconds', d.decided_at)
                        AND k.content::jsonb->>'signoff_sha256' = encode(s.content_hash, 'hex')
                      ORDER BY k.made_at LIMIT 1) t ON true
 WHERE c.account = $1::text AND (c.kind = 'deposits') = $4::boolean AND c.bill_day >= $2::date AND c.bill_day < $3::date
 ORDER BY c.bill_day
