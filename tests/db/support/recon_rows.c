/* SPDX-License-Identifier: Apache-2.0 */
#include "recon_rows.h"

#include <stdio.h>

#include <criterion/criterion.h>

int64_t
recon_rows_money(struct database *database)
{
    return database_number(
        database,
        "SELECT sum(hashtext(t)::bigint) FROM (SELECT a::text AS t FROM tallygate.attempt a"
        " UNION ALL SELECT p::text FROM tallygate.payment p UNION ALL SELECT r::text FROM tallygate.refund r"
        " UNION ALL SELECT m::text FROM tallygate.manual_payment m"
        " UNION ALL SELECT o::text FROM tallygate.ca_order o UNION ALL SELECT i::text FROM tallygate.invoice i"
        " UNION ALL SELECT s::text FROM tallygate.surplus s UNION ALL SELECT e::text FROM tallygate.event e"
        " UNION ALL SELECT q::text FROM tallygate.action_request q) AS rows");
}

void
recon_rows_check_days(struct database *database)
{
    cr_expect_eq(
        database_number(
            database,
            "WITH gone AS (SELECT c.bill_day + 1 AS day, coalesce(r.refund_no, r.attempt_no) AS number"
            "  FROM tallygate.recon_current c JOIN tallygate.recon_result r USING (run_id) WHERE r.carry_out AND r.line_no IS NULL"
            "   AND c.bill_day < (SELECT max(bill_day) FROM tallygate.recon_current)),"
            " come AS (SELECT c.bill_day AS day, p.attempt_no AS number FROM tallygate.recon_current c"
            "  JOIN tallygate.recon_population p USING (run_id) WHERE p.carried_in"
            "  UNION ALL SELECT c.bill_day, p.refund_no FROM tallygate.recon_current c"
            "  JOIN tallygate.recon_refund p USING (run_id) WHERE p.carried_in)"
            " SELECT (SELECT count(*) FROM (TABLE gone EXCEPT ALL TABLE come) AS lost)"
            " + (SELECT count(*) FROM (TABLE come EXCEPT ALL TABLE gone) AS made)"),
        0);
    cr_expect_eq(
        database_number(
            database,
            "WITH gone AS (SELECT c.bill_day + 1 AS day, l.merchant_order_no, l.effective_fen,"
            "       tallygate.bill_line_raw(l.run_id, l.line_no) AS raw"
            "  FROM tallygate.recon_current c JOIN tallygate.recon_result r USING (run_id)"
            "  JOIN tallygate.bill_line l USING (run_id, line_no) WHERE r.carry_out"
            "   AND c.bill_day < (SELECT max(bill_day) FROM tallygate.recon_current)),"
            " come AS (SELECT c.bill_day AS day, e.merchant_order_no, e.fen, e.raw FROM tallygate.recon_current c"
            "  JOIN tallygate.recon_early e USING (run_id))"
            " SELECT (SELECT count(*) FROM (TABLE gone EXCEPT ALL TABLE come) AS lost)"
            " + (SELECT count(*) FROM (TABLE come EXCEPT ALL TABLE gone) AS made)"),
        0);
    cr_expect_eq(
        database_number(
            database,
            "SELECT count(*) FROM tallygate.recon_current c JOIN tallygate.recon_run n USING (run_id)"
            " JOIN tallygate.recon_current d ON d.bill_day = c.bill_day + 1 AND d.account = c.account"
            " JOIN tallygate.recon_run m ON m.run_id = d.run_id"
            " WHERE (n.early_out_count, n.early_out_fen) <> (m.early_in_count, m.early_in_fen)"),
        0);
    cr_expect_eq(
        database_number(
            database,
            "SELECT count(*) FROM tallygate.attempt a WHERE a.bill_day IS NOT NULL AND 1 <>"
            " (SELECT count(*) FROM tallygate.recon_current c JOIN tallygate.recon_result r USING (run_id)"
            "   WHERE r.attempt_no = a.attempt_no AND r.refund_no IS NULL AND (NOT r.carry_out"
            "     OR c.bill_day = (SELECT max(bill_day) FROM tallygate.recon_current)))"),
        0, "a payment that ends on no day, or on two");
    cr_expect_eq(
        database_number(
            database,
            "SELECT count(*) FROM tallygate.recon_current c JOIN tallygate.bill_line l USING (run_id) WHERE 1 <>"
            " (SELECT count(*) FROM tallygate.recon_result r WHERE r.run_id = l.run_id AND r.line_no = l.line_no)"),
        0);
}

void
recon_rows_check_items(struct database *database, int net_fen, int tax_fen, int off_fen)
{
    char others[1024];
    (void)snprintf(
        others, sizeof(others),
        "SELECT count(*) FROM (TABLE tallygate.recon_item_off EXCEPT"
        " SELECT o.run_id, i.owner, i.order_no, i.invoice_id, o.reported_under, t.number, t.name, %d, %d, %d"
        "   FROM tallygate.recon_item_off o"
        "   JOIN tallygate.invoice i ON i.owner = o.owner AND i.order_no = o.order_no AND i.status = 'issued'"
        "   JOIN tallygate.invoice_item t ON t.invoice_id = i.invoice_id AND t.rate_ppm = 60000) x",
        net_fen, tax_fen, off_fen);
    cr_expect_gt(database_number(database, "SELECT count(*) FROM tallygate.recon_item_off"), 0);
    cr_expect_eq(database_number(database, others), 0);
    cr_expect_eq(
        database_number(
            database,
            "SELECT count(*) FROM tallygate.recon_item_off o WHERE NOT EXISTS (SELECT FROM tallygate.recon_result r"
            " WHERE r.order_no = o.order_no AND 'INV_TAX' = ANY (r.findings))"),
        0, "an item is named of an order whose tax no run finds wrong");
}

void
recon_rows_check_invoices(struct database *database, const char *codes)
{
    char others[16384];
    (void)snprintf(
        others, sizeof(others),
        "WITH kept AS (SELECT run_id, owner, order_no, invoice_id, reported_under, kind, red, status, net_fen, tax_fen, total_fen,"
        "  part_fen, asked_at, issued_at FROM tallygate.recon_invoice)"
        ", grave AS (SELECT '%s'::text[] AS codes)"
        ", wanted AS (SELECT r.run_id, n.owner, n.order_no, i.invoice_id, i.order_no, i.kind, i.red, i.status, i.net_fen, i.tax_fen,"
        "  i.total_fen, n.amount_fen, i.asked_at, i.issued_at FROM grave CROSS JOIN tallygate.recon_result r"
        "  JOIN tallygate.invoice_allocation n ON n.owner = r.owner AND n.order_no = r.order_no"
        "  JOIN tallygate.invoice i ON i.slot = n.slot AND i.owner = n.owner AND i.invoice_id = n.invoice_id"
        "  WHERE r.delta_fen <> 0 OR r.primary_code = ANY (codes) OR r.findings && codes)"
        " SELECT count(*) FROM ((TABLE kept EXCEPT TABLE wanted) UNION ALL (TABLE wanted EXCEPT TABLE kept)) x",
        codes);
    cr_expect_gt(database_number(database, "SELECT count(*) FROM tallygate.recon_invoice"), 0);
    cr_expect_eq(database_number(database, others), 0);
}

int64_t
recon_rows_classes(struct database *database)
{
    return database_number(database,
                           "SELECT count(DISTINCT primary_code) FROM tallygate.recon_result");
}

int64_t
recon_rows_carried(struct database *database)
{
    return database_number(
        database,
        "SELECT least((SELECT count(*) FROM tallygate.recon_population WHERE carried_in),"
        " (SELECT count(*) FROM tallygate.recon_result WHERE early_no IS NOT NULL AND primary_code = 'PAY_OK'"
        "   AND delta_fen = 0 AND 'DAY_SHIFT_EARLY' = ANY (findings)))");
}
