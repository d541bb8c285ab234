-- SPDX-License-Identifier: Apache-2.0
-- The bytes of an attachment of a difference that this owner may see. $1 owner (empty: any), $2 digest. One row or none.
SELECT bytes FROM difference_attachment a
 WHERE a.digest = $2::bytea
   AND EXISTS (SELECT 1 FROM difference_event e JOIN difference d ON d.difference_no = e.difference_no
                WHERE e.event = 'attach' AND e.detail::jsonb->>'digest' = encode($2, 'hex') AND ($1::text = '' OR d.owner IN ($1, '')))
