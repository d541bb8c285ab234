-- SPDX-License-Identifier: Apache-2.0
-- Another person confirms what was recorded, by what our bank's statement has of it, or a person rejects it. Whoever comes second touches no row.
-- $1 slot, $2 owner, $3 order_no, $4 number, $5 state after (confirmed or rejected), $6 amount recorded and $7 amount on the bank's
-- statement, in fen (null: rejected), $8 its day there (null: rejected), $9 actor, $10 now. One row: outcome decided (also when this
-- person decided so before), unknown, over (decided otherwise), same_person, changed (another amount was recorded), lost_race.
WITH it AS (
    SELECT m.state, m.decided_by = $9::text AND m.state = $5::text AS so_before,
           m.recorded_by = $9 AND $5 = 'confirmed' AS same_person, $5 = 'rejected' OR m.amount_fen = $6::bigint AS as_named
      FROM manual_payment m
     WHERE m.slot = $1::integer AND m.owner = $2::text AND m.order_no = $3::text AND m.number = $4::integer
)
, decided AS (
    UPDATE manual_payment m
       SET state = $5, decided_by = $9, decided_at = $10::timestamptz, deposit_fen = $7::bigint, deposited_on = $8::date
      FROM it
     WHERE m.slot = $1 AND m.owner = $2 AND m.order_no = $3 AND m.number = $4 AND m.state = 'recorded'
       AND it.as_named AND NOT it.same_person
    RETURNING m.number
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM decided) OR (SELECT so_before FROM it) THEN 'decided'
            WHEN NOT EXISTS (SELECT 1 FROM it) THEN 'unknown'
            WHEN (SELECT state FROM it) <> 'recorded' THEN 'over'
            WHEN (SELECT same_person FROM it) THEN 'same_person'
            WHEN NOT (SELECT as_named FROM it) THEN 'changed'
            ELSE 'lost_race' END AS outcome
