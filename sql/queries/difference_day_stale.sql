-- SPDX-License-Identifier: Apache-2.0
-- Days about whose differences the provider's answers were news are made again, each once all of its differences have been asked about.
-- A day that is signed stays as it is. $1 now. One row: how many days.
WITH told AS (
    SELECT DISTINCT d.account, d.kind, d.bill_day
      FROM difference_ask k JOIN difference d ON d.difference_no = k.difference_no
     WHERE k.news
)
, ready AS (
    SELECT t.account, t.kind, t.bill_day,
           EXISTS (SELECT 1 FROM period_decision p
                    WHERE p.account = t.account AND p.kind = t.kind AND p.bill_day = t.bill_day AND p.signed_run_id IS NOT NULL) AS signed
      FROM told t
     WHERE NOT EXISTS (
           SELECT 1 FROM difference d LEFT JOIN difference_ask k ON k.difference_no = d.difference_no
            WHERE d.account = t.account AND d.kind = t.kind AND d.bill_day = t.bill_day AND d.state = 'checking'
              AND coalesce(nullif(d.refund_no, ''), d.attempt_no) ~ '^[0-9]{21}(R[0-9]{2})?$'
              AND k.run_id IS DISTINCT FROM (SELECT max(w.run_id) FROM difference_shown w WHERE w.difference_no = d.difference_no))
)
, stale AS (
    UPDATE recon_day r SET state = 'stale', next_at = $1::timestamptz, changed_at = $1, tries = 0
      FROM ready y
     WHERE r.account = y.account AND r.kind = y.kind AND r.bill_day = y.bill_day AND r.state = 'done' AND NOT y.signed
    RETURNING r.account, r.kind, r.bill_day
)
, heard AS (
    UPDATE difference_ask k SET news = false
      FROM difference d, (SELECT account, kind, bill_day FROM stale
                          UNION ALL SELECT account, kind, bill_day FROM ready WHERE signed) y
     WHERE k.news AND d.difference_no = k.difference_no AND d.account = y.account AND d.kind = y.kind AND d.bill_day = y.bill_day
)
SELECT count(*) AS days FROM stale
