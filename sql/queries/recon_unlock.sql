-- SPDX-License-Identifier: Apache-2.0
-- Lets the next run of the same account, kind and day, and of the day after, begin. $1 account, $2 kind, $3 day. One row.
SELECT pg_advisory_unlock(hashtextextended('recon/' || $1::text || '/' || $2::text || '/' || $3::date, 0)) AS held,
       pg_advisory_unlock(hashtextextended('recon/' || $1 || '/' || $2 || '/' || ($3 + 1), 0)) AS held_after
