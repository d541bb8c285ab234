-- SPDX-License-Identifier: Apache-2.0
-- A bill that a person brings waits for another person. $1 account, $2 kind, $3 day, $4 sha256, $5 bytes, $6 the provider's signed hash
-- names it, $7 payments and $8 their fen, $9 refunds and $10 their fen, $11 reason, $12 client, $13 now, $14 a header to be accepted with it
-- and $15 what that is read as (both null: none).
-- One row: outcome made, waiting (the same wait already), other (the same bytes wait with another word about their header), lost_race;
-- number of the upload; proved.
WITH known AS (
    SELECT file_id FROM bill_file
     WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND sha256 = $4::text AND origin = 'upload'
)
, filed AS (
    INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)
    SELECT $1, $2, $3, $4, $5::bigint, 'upload', $13::timestamptz WHERE NOT EXISTS (SELECT 1 FROM known)
    ON CONFLICT DO NOTHING
    RETURNING file_id
)
, the_file AS (SELECT file_id FROM known UNION ALL SELECT file_id FROM filed)
, waiting AS (
    SELECT u.upload_id, u.proved, u.header_read_as IS NOT DISTINCT FROM $15::text AS alike
      FROM bill_upload u JOIN the_file f ON f.file_id = u.file_id WHERE u.state = 'waiting'
)
, made AS (
    INSERT INTO bill_upload (file_id, proved, pay_count, pay_fen, refund_count, refund_fen, header_came, header_read_as,
                             reason, state, uploaded_by, uploaded_at)
    SELECT f.file_id,
           $6::boolean OR EXISTS (SELECT 1 FROM bill_file d WHERE d.account = $1 AND d.kind = $2 AND d.bill_day = $3
                                                              AND d.sha256 = $4 AND d.origin = 'download'),
           $7::bigint, $8::bigint, $9::bigint, $10::bigint, $14::text, $15, $11::text, 'waiting', $12::text, $13
      FROM the_file f
     WHERE NOT EXISTS (SELECT 1 FROM waiting)
    ON CONFLICT DO NOTHING
    RETURNING upload_id, proved
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'made' WHEN EXISTS (SELECT 1 FROM waiting WHERE alike) THEN 'waiting'
            WHEN EXISTS (SELECT 1 FROM waiting) THEN 'other'
            ELSE 'lost_race' END AS outcome,
       coalesce((SELECT upload_id FROM made), (SELECT upload_id FROM waiting), 0) AS number,
       coalesce((SELECT proved FROM made), (SELECT proved FROM waiting), false) AS proved
