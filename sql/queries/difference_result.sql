-- SPDX-License-Identifier: Apache-2.0
-- Where the newest run that shows a difference has it. $1 difference_no, $2 owner (empty: any; what belongs to nobody is shown to all). One row
-- or none.
SELECT s.run_id, s.seq
  FROM difference d JOIN difference_shown s ON s.difference_no = d.difference_no
 WHERE d.difference_no = $1::text AND ($2::text = '' OR d.owner IN ($2, ''))
 ORDER BY s.run_id DESC
 LIMIT 1
