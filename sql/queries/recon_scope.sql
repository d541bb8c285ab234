-- SPDX-License-Identifier: Apache-2.0
-- Tells the statements that stream books which account's day they are about, since COPY takes no parameters; and gives the joins of a whole
-- day their memory, and no compiler, which costs more than it saves them. For this transaction. $1 account, $2 kind of bill, $3 day, $4 its
-- first instant, $5 the next day's. One row.
SELECT set_config('tallygate.recon_account', $1::text, true), set_config('tallygate.recon_kind', $2::text, true),
       set_config('tallygate.recon_day', $3::date::text, true), set_config('tallygate.recon_from', $4::timestamptz::text, true),
       set_config('tallygate.recon_to', $5::timestamptz::text, true), set_config('work_mem', '64MB', true), set_config('jit', 'off', true)
