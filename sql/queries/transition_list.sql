-- SPDX-License-Identifier: Apache-2.0
-- Every edge of every machine. No parameters. Any number of rows.
SELECT machine, from_state, event, to_state, effect FROM transition ORDER BY machine, from_state, event
