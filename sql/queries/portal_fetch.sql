-- SPDX-License-Identifier: Apache-2.0
-- The next lines of portal_order_open or portal_invoice_open; none after the last.
FETCH FORWARD 500 FROM portal_lines
