-- SPDX-License-Identifier: Apache-2.0
-- What there is to sign of a day, what hinders it, how far it is, who asks to open it again, and the signatures of it that two people took
-- back, oldest first, as a JSON array. A signed day is told as it was signed. $1 account, $2 kind, $3 day.
-- One row; `state` is open, prepared (the text is still what was prepared) or signed.
-- include: period_content.part
-- include: period_waiting.part
, state AS (
    SELECT CASE WHEN l.decision = 'signed' THEN 'signed'
                WHEN l.decision IS NULL AND l.content_hash = sha256(convert_to(s.content, 'UTF8')) THEN 'prepared'
                ELSE 'open' END AS word
      FROM latest l LEFT JOIN shown s ON true
)
SELECT coalesce((SELECT word FROM state), 'open') AS state, s.version,
       CASE WHEN (SELECT word FROM state) = 'signed' THEN l.content ELSE s.content END AS content,
       encode(CASE WHEN (SELECT word FROM state) = 'signed' THEN l.content_hash
                   ELSE sha256(convert_to(s.content, 'UTF8')) END, 'hex') AS content_hash,
       l.prepared_by, l.prepared_at, CASE WHEN l.decision = 'signed' THEN l.decided_by END AS signed_by,
       CASE WHEN l.decision = 'signed' THEN l.decided_at END AS signed_at,
       coalesce((SELECT string_agg(h.what || '/' || h.name, ' ' ORDER BY h.place, h.name) FROM hindered h
                  WHERE (SELECT word FROM state) IS DISTINCT FROM 'signed'), '') AS hindrances,
       w.reason AS reopening_reason, w.asked_by AS reopening_by, w.asked_at AS reopening_at,
       coalesce((SELECT json_agg(json_build_object('version', r.version, 'content_hash', encode(o.content_hash, 'hex'),
                                     'prepared_by', d.prepared_by, 'signed_by', d.decided_by,
                                     'signed_at', to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                                     'asked_by', a.asked_by, 'reason', a.reason, 'opened_by', e.ended_by,
                                     'opened_at', to_char(e.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                                 ORDER BY d.number)
                   FROM period_decision d
                   JOIN period_signoff o ON o.account = d.account AND o.kind = d.kind AND o.bill_day = d.bill_day AND o.number = d.number
                   JOIN recon_run r ON r.run_id = d.run_id
                   JOIN period_reopening_end e ON e.account = d.account AND e.kind = d.kind AND e.bill_day = d.bill_day
                    AND e.number = d.number AND e.request = d.reopened_request
                   JOIN period_reopening a ON a.account = e.account AND a.kind = e.kind AND a.bill_day = e.bill_day
                    AND a.number = e.number AND a.request = e.request
                  WHERE d.account = $1 AND d.kind = $2 AND d.bill_day = $3), '[]')::text AS reopened
  FROM (SELECT 1) AS one
  LEFT JOIN shown s ON true
  LEFT JOIN latest l ON (SELECT word FROM state) IN ('prepared', 'signed')
  LEFT JOIN waiting w ON true
