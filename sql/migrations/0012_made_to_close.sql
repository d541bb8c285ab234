-- SPDX-License-Identifier: Apache-2.0
-- A trade that never arrived is sent once more so that it can be closed: what the provider says to that is kept.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('attempt', 'closing', 'sent', 'closing', 'keep');
