-- SPDX-License-Identifier: Apache-2.0
-- Another person approves the bill that somebody brought, naming its hash and that of a header that is accepted with it, or a person rejects
-- it. Whoever comes second touches no row. The night takes its day up again, unless that waits for another bill still, and with a header
-- every day of the account that is blocked by one. $1 number, $2 state after (approved or rejected), $3 sha256 (null: rejected), $4 actor,
-- $5 now, $6 SHA-256 of the header (null: none).
-- One row: outcome decided (also when this person decided so before), unknown, over (decided otherwise), same_person, changed (it or
-- its header has another hash), lost_race.
WITH it AS (
    SELECT u.state, u.decided_by = $4::text AND u.state = $2::text AS so_before, u.uploaded_by = $4 AND $2 = 'approved' AS same_person,
           $2 = 'rejected' OR (f.sha256 = $3::text AND $6::text IS NOT DISTINCT FROM encode(sha256(convert_to(u.header_came, 'UTF8')), 'hex'))
               AS as_named,
           f.account, f.kind, f.bill_day, u.header_came IS NOT NULL AS has_header
      FROM bill_upload u JOIN bill_file f ON f.file_id = u.file_id
     WHERE u.upload_id = $1::bigint
)
, decided AS (
    UPDATE bill_upload u
       SET state = $2, decided_by = $4, decided_at = $5::timestamptz,
           after_fetch_id = CASE WHEN $2 = 'approved'
                                 THEN (SELECT coalesce(max(t.fetch_id), 0) FROM bill_fetch t
                                        WHERE t.account = it.account AND t.kind = it.kind AND t.bill_day = it.bill_day) END
      FROM it
     WHERE u.upload_id = $1 AND u.state = 'waiting' AND it.as_named AND NOT it.same_person
    RETURNING u.upload_id, u.state
)
, taken_up AS (
    UPDATE recon_day r
       SET state = CASE WHEN r.state = 'waiting' AND r.kind <> it.kind THEN r.state ELSE 'stale' END,
           codes = '{}', next_at = $5, tries = 0, late_at = NULL, changed_at = $5
      FROM it, decided d
     WHERE d.state = 'approved' AND r.account = it.account
       AND (r.bill_day = it.bill_day OR (it.has_header AND r.state = 'blocked' AND 'FILE_COLUMNS' = ANY (r.codes)))
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM decided) OR (SELECT so_before FROM it) THEN 'decided'
            WHEN NOT EXISTS (SELECT 1 FROM it) THEN 'unknown'
            WHEN (SELECT state FROM it) <> 'waiting' THEN 'over'
            WHEN (SELECT same_person FROM it) THEN 'same_person'
            WHEN NOT (SELECT as_named FROM it) THEN 'changed'
            ELSE 'lost_race' END AS outcome
