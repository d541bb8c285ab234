-- SPDX-License-Identifier: Apache-2.0
-- A portal's own database, as a stranger would have made it, and the view that it shows us. 1201 orders can be taken, of the amounts
-- 1 to 1201 fen; one of them changed in 2026. Two cannot. Of the invoices 401 are for one order each, of 1 to 401 fen, one of 600 fen is
-- for three orders, one is red, two have an item, and two cannot be taken: the parts of one do not sum, and one that is called red is not negative.
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
CREATE TABLE bill (id integer PRIMARY KEY, application integer, cents integer, red boolean, parts jsonb);
INSERT INTO bill SELECT n, n, n, false, NULL FROM generate_series(1, 401) n;
INSERT INTO bill VALUES
    (9001, 1, 600, false, '[{"order_no": "P-1", "amount": 200}, {"order_no": "P-2", "amount": 200}, {"order_no": "P-3", "amount": 200}]'),
    (9002, 5, -100, true, NULL),
    (9003, 1, 600, false, '[{"order_no": "P-1", "amount": 200}, {"order_no": "P-2", "amount": 201}]'),
    (9004, 1, 100, true, NULL);
CREATE VIEW tallygate_invoice AS
    SELECT 'PI-' || id AS invoice_id, 'P-' || application AS order_no, 'issued'::text AS status, red,
           CASE WHEN red THEN 'PI-5' END AS blue_invoice_id, '26352' || lpad(id::text, 15, '0') AS number, NULL::text AS code,
           '示例公司'::text AS title, NULL::text AS tax_no, cents::bigint AS net_fen, 0::bigint AS tax_fen, cents::bigint AS total_fen,
           NULL::timestamptz AS asked_at, timestamptz '2025-06-01' AS issued_at, 'ordinary'::text AS kind,
           CASE WHEN red THEN 'goods_returned' END AS red_reason, CASE WHEN red THEN 'in_request' END AS confirmation,
           CASE WHEN red THEN 'C1' END AS confirmation_no, CASE WHEN red THEN timestamptz '2025-06-01' END AS confirmation_asked_at,
           parts AS allocations, timestamptz '2025-06-01' AS updated_at,
           CASE WHEN id <= 2 THEN jsonb_build_array(jsonb_build_object('name', '数字证书', 'quantity', '1', 'taxed', 'exempt', 'rate_ppm', NULL,
                                                                        'net', cents, 'tax', 0, 'total', cents)) END AS items
      FROM bill;
GRANT SELECT ON tallygate_order, tallygate_invoice TO portal_reader;
