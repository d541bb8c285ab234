-- SPDX-License-Identifier: Apache-2.0
-- Results of a run in their order. $1 run_id, $2 owner (empty: any; what belongs to nobody is shown to all), behind the result $3, of those
-- $4 only what differs: delta is not 0, or its class or a finding is one of $5. $6 most rows. Any number of rows up to $6.
-- include: result_columns.part
 WHERE r.run_id = $1::bigint AND ($2::text = '' OR r.owner IN ($2, '')) AND r.seq > $3::bigint
   AND (NOT $4::boolean OR r.delta_fen <> 0 OR r.primary_code = ANY ($5::text[]) OR r.findings && $5)
 ORDER BY r.seq
 LIMIT $6::integer
