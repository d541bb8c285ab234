-- SPDX-License-Identifier: Apache-2.0
-- What the provider paid out of an account to the bank, by the runs that count; one that came back to the account is none. $1 account. Any
-- number of rows.
SELECT reference, min(bill_day)::text AS day, sum(fen)::bigint AS fen
  FROM (SELECT coalesce(nullif(f.provider_trade_no, ''), nullif(f.merchant_order_no, ''), r.bill_day || '/' || f.line_no)
                 AS reference, r.bill_day, -f.fen AS fen
          FROM recon_current c
          JOIN recon_run r ON r.run_id = c.run_id
          JOIN flow_line f ON f.run_id = c.run_id
         WHERE c.account = $1::text AND f.kind = 'withdraw') AS moved
 GROUP BY reference
HAVING sum(fen) > 0
 ORDER BY min(bill_day), reference
