-- SPDX-License-Identifier: Apache-2.0
-- One asker for a wanted serial, over all nodes. $1 account, $2 whether the regular download, $3 now, $4 only what was not asked
-- since. At most one row.
UPDATE provider_key_want w SET asked_at = $3::timestamptz
  FROM (SELECT account, serial FROM provider_key_want
         WHERE account = $1::text AND (serial = '') = $2::boolean AND (asked_at IS NULL OR asked_at < $4::timestamptz)
         ORDER BY asked_at NULLS FIRST, serial LIMIT 1 FOR UPDATE SKIP LOCKED) due
 WHERE w.account = due.account AND w.serial = due.serial
RETURNING w.serial
