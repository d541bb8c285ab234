-- SPDX-License-Identifier: Apache-2.0
-- A portal's own database, as a stranger would have made it, and the view that it shows us. 1201 orders can be taken, of the amounts
-- 1 to 1201 fen; one of them changed in 2026. Two cannot.
CREATE TABLE application (id integer PRIMARY KEY, company text, cents integer, stage integer, changed timestamp with time zone);
INSERT INTO application
    SELECT n, '示例公司' || n, n, n % 3, CASE WHEN n = 600 THEN timestamptz '2026-02-01' ELSE '2025-06-01' END FROM generate_series(1, 1201) n;
INSERT INTO application VALUES (9001, NULL, 5, 1, '2026-02-01'), (9002, '示例公司', 5, 7, '2026-02-01');
CREATE VIEW tallygate_order AS
    SELECT 'P-' || id AS order_no, 'renewal'::text AS kind, 'supplier'::text AS applicant, company AS unit_name,
           '91350100M000100Y43'::text AS uscc, 1::bigint AS quantity, cents::bigint AS unit_fee_fen, cents::bigint AS amount_fen,
           coalesce(company, '-') AS title, NULL::text AS tax_no, NULL::text AS address, NULL::text AS phone, NULL::text AS mobile,
           NULL::text AS bank, NULL::text AS bank_account,
           CASE stage WHEN 0 THEN 'draft' WHEN 1 THEN 'paid' WHEN 2 THEN 'issued' ELSE 'lost' END AS status,
           changed AS status_at, NULL::bigint AS issued_quantity, changed AS updated_at
      FROM application;
GRANT SELECT ON tallygate_order TO portal_reader;
