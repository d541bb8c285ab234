-- SPDX-License-Identifier: Apache-2.0
-- From when on the portal's database is to be read: an hour before the newest change that was taken, since what is committed late carries
-- the time of its beginning. $1 owner, $2 kind. At most one row, its time null before the first reading.
SELECT changed_at - interval '1 hour' AS since FROM portal_mark WHERE owner = $1::text AND kind = $2::text
