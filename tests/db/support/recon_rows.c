/* SPDX-License-Identifier: Apache-2.0 */
#include "recon_rows.h"

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
            "WITH gone AS (SELECT c.bill_day + 1 AS day, l.merchant_order_no, l.effective_fen, l.raw"
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
