-- SPDX-License-Identifier: Apache-2.0
-- Notes how a reading of the portal's database went. $1 owner, $2 kind, $3 newest change that was taken (null: none), $4 now, $5 what
-- stood in the way (empty: nothing). No row. A mark never goes back.
INSERT INTO portal_mark (owner, kind, changed_at, read_at, failing_since, trouble)
VALUES ($1::text, $2::text, $3::timestamptz, CASE WHEN $5::text = '' THEN $4::timestamptz END,
        CASE WHEN $5 <> '' THEN $4 END, $5)
ON CONFLICT (owner, kind) DO UPDATE
   SET changed_at = greatest(portal_mark.changed_at, excluded.changed_at),
       read_at = coalesce(excluded.read_at, portal_mark.read_at),
       failing_since = CASE WHEN excluded.failing_since IS NOT NULL
                            THEN coalesce(portal_mark.failing_since, excluded.failing_since) END,
       trouble = excluded.trouble
