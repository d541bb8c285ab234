-- SPDX-License-Identifier: Apache-2.0
-- What there is to sign of a day, what hinders it, and how far it is. A signed day is told as it was signed. $1 account, $2 kind, $3 day.
-- One row; `state` is open, prepared (the text is still what was prepared) or signed.
-- include: period_content.part
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
                  WHERE (SELECT word FROM state) IS DISTINCT FROM 'signed'), '') AS hindrances
  FROM (SELECT 1) AS one
  LEFT JOIN shown s ON true
  LEFT JOIN latest l ON (SELECT word FROM state) IN ('prepared', 'signed')
