-- SPDX-License-Identifier: Apache-2.0
-- What the nightly run looks for among all attempts and events of all years, each a few rows of them.

SET LOCAL search_path = tallygate;

CREATE INDEX event_denied ON event (slot, attempt_no)
    WHERE machine = 'attempt' AND event IN ('unpaid', 'unpaid_final', 'closed') AND from_state IN ('paid', 'late_paid');
CREATE INDEX attempt_unpaid ON attempt (account, created_at) WHERE paid_at IS NULL;
COMMENT ON INDEX event_denied IS 'what a provider said of an attempt that it had called paid';
COMMENT ON INDEX attempt_unpaid IS 'attempts that a line of a bill may yet be about';
