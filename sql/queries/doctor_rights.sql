-- SPDX-License-Identifier: Apache-2.0
-- Whether this role could change what must only be added to: evidence and events. No parameters. One row.
SELECT current_user::text AS role,
       bool_or(has_any_column_privilege(name, 'UPDATE') OR has_table_privilege(name, 'DELETE')
               OR has_table_privilege(name, 'TRUNCATE')) AS may_change
  FROM unnest(ARRAY['tallygate.evidence', 'tallygate.event']) AS name
