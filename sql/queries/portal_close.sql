-- SPDX-License-Identifier: Apache-2.0
-- Ends portal_order_open or portal_invoice_open, so that the session can open the other. No row.
CLOSE portal_lines
