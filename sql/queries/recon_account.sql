-- SPDX-License-Identifier: Apache-2.0
-- Whether anything was ever reconciled of an account, also of one that is configured no more. $1 account. One row.
SELECT EXISTS (SELECT 1 FROM recon_run WHERE account = $1::text) AS known
