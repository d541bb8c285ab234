-- SPDX-License-Identifier: Apache-2.0
-- Lets the gateway's database read the portal's own, by postgres_fdw. Run once by a superuser in the gateway's database:
--   psql -v host=… -v port=… -v dbname=… -v user=… -v password=… -v schema=… -f sql/portal/link.sql
-- The portal's side makes, in that schema, the views tallygate_order and tallygate_invoice with the columns of tallygate.portal_order and
-- tallygate.portal_invoice (see their comments; text, bigint, boolean, jsonb and timestamptz), and a user who may read them and nothing
-- else. One that knows nothing of a column has it all the same, as NULL (NULL::jsonb AS items). A portal without one of the views is linked all the same; reading that one fails then. The password stays in the user mapping of
-- whoever owns the schema tallygate: the service reads through views of that owner, and has no password.
\set ON_ERROR_STOP on
SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = 'tallygate' \gset
BEGIN;
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
DROP SERVER IF EXISTS portal CASCADE;
CREATE SERVER portal FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host :'host', port :'port', dbname :'dbname', fetch_size '500', extensions '', connect_timeout '10',
             tcp_user_timeout '30000', application_name 'tallygate');
CREATE USER MAPPING FOR :"owner" SERVER portal OPTIONS (user :'user', password :'password');
GRANT USAGE ON FOREIGN SERVER portal TO :"owner";
SET LOCAL ROLE :"owner";
SET LOCAL search_path = tallygate;
CREATE FOREIGN TABLE portal_order_remote (
    order_no text, kind text, applicant text, unit_name text, uscc text, quantity bigint, unit_fee_fen bigint, amount_fen bigint,
    title text, tax_no text, address text, phone text, mobile text, bank text, bank_account text, status text,
    status_at timestamptz, issued_quantity bigint, updated_at timestamptz
) SERVER portal OPTIONS (schema_name :'schema', table_name 'tallygate_order');
COMMENT ON FOREIGN TABLE portal_order_remote IS 'the portal''s view tallygate_order, read over postgres_fdw';
CREATE OR REPLACE VIEW portal_order AS
    SELECT order_no, kind, applicant, unit_name, uscc, quantity, unit_fee_fen, amount_fen, title, tax_no, address, phone, mobile,
           bank, bank_account, status, status_at, issued_quantity, updated_at
      FROM portal_order_remote;
CREATE FOREIGN TABLE portal_invoice_remote (
    invoice_id text, order_no text, status text, red boolean, blue_invoice_id text, number text, code text, title text, tax_no text,
    net_fen bigint, tax_fen bigint, total_fen bigint, asked_at timestamptz, issued_at timestamptz, kind text, red_reason text,
    confirmation text, confirmation_no text, confirmation_asked_at timestamptz, allocations jsonb, updated_at timestamptz, items jsonb
) SERVER portal OPTIONS (schema_name :'schema', table_name 'tallygate_invoice');
COMMENT ON FOREIGN TABLE portal_invoice_remote IS 'the portal''s view tallygate_invoice, read over postgres_fdw';
CREATE OR REPLACE VIEW portal_invoice AS
    SELECT invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen, tax_fen, total_fen, asked_at,
           issued_at, kind, red_reason, confirmation, confirmation_no, confirmation_asked_at, allocations, updated_at, items
      FROM portal_invoice_remote;
-- A server that was there before took the views with it.
SELECT count(*) = 3 AS has_roles FROM pg_roles WHERE rolname IN ('tallygate_app', 'tallygate_recon', 'tallygate_audit') \gset
\if :has_roles
GRANT SELECT ON portal_order, portal_invoice TO tallygate_app, tallygate_recon, tallygate_audit;
\endif
COMMIT;
