-- SPDX-License-Identifier: Apache-2.0
-- The payouts that a run of settlement judges: those that moved on its day, those that the day before carries out, and those that the lines of the
-- day name. $1 account, $2 day. What the bank had of a payout before is what left the account before, less what the day before says is still
-- to come. Any number of rows.
-- include: payout_moved.part
-- include: settlement_line.part
, carried AS (
    SELECT r.payout_no, -r.delta_fen AS open_fen, r.primary_code = 'DEP_RETURNED' AS returned
      FROM recon_current c JOIN recon_result r ON r.run_id = c.run_id AND r.carry_out
     WHERE c.account = $1 AND c.kind = 'deposits' AND c.bill_day = $2::date - 1 AND r.payout_no IS NOT NULL
)
, total AS (
    SELECT payout_no, min(day) AS day, sum(fen)::bigint AS fen, (sum(fen) FILTER (WHERE day = $2::date))::bigint AS moved_fen
      FROM moved
     WHERE day <= $2::date
     GROUP BY payout_no
)
SELECT t.payout_no, t.day::text AS day, t.fen, t.fen - coalesce(t.moved_fen, 0) - coalesce(c.open_fen, 0) AS banked_fen,
       t.moved_fen IS NOT NULL AS moved, t.moved_fen, coalesce(c.returned, false) AS returned
  FROM total t
  LEFT JOIN carried c ON c.payout_no = t.payout_no
 WHERE t.moved_fen IS NOT NULL
    OR c.payout_no IS NOT NULL
    OR EXISTS (SELECT 1 FROM line l WHERE t.payout_no = ANY (string_to_array(l.payouts, ' ')))
 ORDER BY t.day, t.payout_no COLLATE "C"
