-- SPDX-License-Identifier: Apache-2.0
-- The portal reports a status; refused when the order moved meanwhile. $1 slot, $2 owner, $3 order_no, $4 status before,
-- $5 status after, $6 issued quantity, $7 time. One row is touched, none after a lost race.
UPDATE ca_order SET status = $5::text, issued_quantity = $6::bigint,
       status_at = CASE WHEN status = $5 THEN status_at ELSE $7::timestamptz END
 WHERE slot = $1::integer AND owner = $2::text AND order_no = $3::text AND status = $4::text
