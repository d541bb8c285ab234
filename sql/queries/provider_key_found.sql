-- SPDX-License-Identifier: Apache-2.0
-- A wanted serial that has come, or is too old to be looked for. $1 account, $2 seen before. Any number of rows are touched.
DELETE FROM provider_key_want w
 WHERE w.account = $1::text AND w.serial <> ''
   AND (w.seen_at < $2::timestamptz
        OR EXISTS (SELECT 1 FROM provider_key k WHERE k.account = w.account AND k.serial = w.serial))
