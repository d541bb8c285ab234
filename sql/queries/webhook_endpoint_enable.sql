-- SPDX-License-Identifier: Apache-2.0
-- Lets messages flow to an endpoint again. What was given up meanwhile stays so until it is replayed. $1 id, $2 owner. One row, or
-- none.
UPDATE webhook_endpoint SET enabled = true, disabled_reason = NULL
 WHERE id = $1::text AND owner = $2::text AND deleted_at IS NULL
RETURNING id
