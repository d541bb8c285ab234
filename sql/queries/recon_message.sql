-- SPDX-License-Identifier: Apache-2.0
-- Tells everybody what became of a run, once, in the transaction of the run. $1 run_id, $2 kind, $3 now. No row.
INSERT INTO outbox (slot, payment_no, seq, kind, at) VALUES (-1, 'recon', $1::bigint, $2::text, $3::timestamptz)
ON CONFLICT (slot, payment_no, seq, kind) DO NOTHING
