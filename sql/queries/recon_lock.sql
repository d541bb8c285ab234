-- SPDX-License-Identifier: Apache-2.0
-- Waits until no other run of the same account, kind and day is under way; held until the session ends or unlocks.
-- $1 account, $2 kind, $3 day. One row.
SELECT pg_advisory_lock(hashtextextended('recon/' || $1::text || '/' || $2::text || '/' || $3::date, 0))::text AS held
