-- SPDX-License-Identifier: Apache-2.0
-- The next sequence part of a payment number. No parameters. One row.
SELECT nextval('payment_seq') AS sequence
