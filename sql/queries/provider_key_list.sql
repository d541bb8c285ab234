-- SPDX-License-Identifier: Apache-2.0
-- Every key that was ever accepted; they are judged again by who reads them. Any number of rows.
SELECT account, serial, pem FROM provider_key ORDER BY account, serial
