-- SPDX-License-Identifier: Apache-2.0
-- Gives a claimed day back that is not done, or lacks a bill still. $1 account, $2 kind, $3 day, $4 lease_no, $5 now, $6 next_at (null: given
-- up), $7 what the try ended with, $8 whether the give-up hour has passed without the bill; a day that is late stays so. One that somebody
-- had taken up again meanwhile (tries 0) is due when they said. One row, told (it has just become late), or none when it is not the caller's any more.
UPDATE recon_day
   SET lease_until = NULL, next_at = CASE WHEN tries = 0 THEN next_at ELSE $6::timestamptz END, outcome = $7::text,
       late_at = CASE WHEN state = 'waiting' OR lacks_kind IS NOT NULL
                      THEN coalesce(late_at, CASE WHEN $8::boolean AND state IN ('waiting', 'done') THEN $5::timestamptz END) END,
       changed_at = CASE WHEN state = 'waiting' AND $8 AND late_at IS NULL THEN $5 ELSE changed_at END
 WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND lease_no = $4::bigint AND lease_until IS NOT NULL
RETURNING late_at IS NOT DISTINCT FROM $5 AND $8 AND state IN ('waiting', 'done') AS told
