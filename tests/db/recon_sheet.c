/* SPDX-License-Identifier: Apache-2.0 */
/* A run's row that does not tie is refused, by number too. Each lie changes one honest row. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "database.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct database database;

static void
open_database(void)
{
    database_open(&database);
    database_sql(&database,
                 "SET search_path = tallygate;"
                 "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
                 " VALUES ('main', 'trade', '2026-11-23', repeat('ab', 32), 9, 'download', now())");
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(recon_sheet, .init = open_database, .fini = close_database);

/* Five lines: one matched, one of another amount, one unknown, one repeated (a refund), one without
 * effect; two attempts of ours. `lie` is merged over it. */
static const char *
refusal(const char *lie)
{
    char sql[4500];
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run'"
        "     AND (column_name LIKE '%%\\_count' OR column_name LIKE '%%\\_fen'))"
        " || jsonb_build_object('account', 'main', 'provider', 'alipay', 'kind', 'trade',"
        "  'bill_day', '2026-11-23', 'version', 1, 'run_id', 1,"
        "  'input_hash', '\\x' || repeat('01', 32), 'file_id', 1, 'state', 'complete',"
        "  'codes', '{}'::text[], 'as_of', '2026-11-24T02:30:00Z', 'cutoff_east_min', 480,"
        "  'program', 'test')"
        " || '{\"trailer_count\": 5, \"trailer_fen\": 880, \"parsed_count\": 5,"
        "  \"parsed_fen\": 880, \"in_scope_count\": 4, \"in_scope_fen\": 870,"
        "  \"ineffective_count\": 1, \"ineffective_fen\": 10, \"matched_count\": 1,"
        "  \"matched_fen\": 500, \"amount_bill_count\": 1, \"amount_bill_fen\": 300,"
        "  \"amount_books_count\": 1, \"amount_books_fen\": 310, \"bill_only_count\": 1,"
        "  \"bill_only_fen\": 80, \"repeated_count\": 1, \"repeated_fen\": -10,"
        "  \"population_count\": 2, \"population_fen\": 810, \"pay_count\": 3, \"pay_fen\": 880,"
        "  \"refund_count\": 1, \"refund_fen\": -10, \"delta_long_count\": 1,"
        "  \"delta_long_fen\": 80, \"delta_short_count\": 2, \"delta_short_fen\": -20,"
        "  \"orders_paid_count\": 2, \"orders_paid_fen\": 760, \"paid_here_count\": 1,"
        "  \"paid_here_fen\": 700, \"paid_apart_count\": 1, \"paid_apart_fen\": 100,"
        "  \"transferred_count\": 1, \"transferred_fen\": 50, \"order_off_count\": 1,"
        "  \"order_off_fen\": 10, \"off_apart_count\": 1, \"off_apart_fen\": -100,"
        "  \"books_no_order_count\": 1, \"books_no_order_fen\": 110,"
        "  \"invoiced_count\": 1, \"invoiced_fen\": 300, \"invoiced_due_count\": 1,"
        "  \"invoiced_due_fen\": 310, \"invoice_off_count\": 1, \"invoice_off_fen\": -10}'::jsonb"
        " || '%s'::jsonb)).*",
        lie);
    return database_refusal(database.superuser, sql);
}

Test(recon_sheet, a_row_that_lies_about_a_number_is_refused)
{
    static const char *const lies[] = {
        "{\"ineffective_count\": 2}",
        "{\"out_of_scope_count\": 1}",
        "{\"trailer_count\": 6, \"parsed_count\": 6}",
        "{\"matched_count\": 2}",
        "{\"amount_bill_count\": 0}",
        "{\"bill_only_count\": 2}",
        "{\"repeated_count\": 0}",
        "{\"pay_count\": 4}",
        "{\"refund_count\": 0}",
        "{\"pay_fen\": 870}",
        "{\"amount_books_fen\": 311}",
        "{\"book_only_fen\": 1}",
        "{\"in_transit_count\": -1}",
        "{\"early_out_fen\": 1}",
        "{\"early_out_count\": 1}",
        "{\"early_in_fen\": 80}",
        "{\"early_in_count\": 1}",
        "{\"early_in_count\": -1, \"bill_only_count\": 0}",
        "{\"pay_count\": 5, \"refund_count\": -1}",
        "{\"delta_long_count\": 0}",
        "{\"delta_short_count\": 0}",
        "{\"paid_here_count\": null}",
        "{\"paid_here_count\": 2}",
        "{\"books_no_order_fen\": 111}",
        "{\"books_no_order_fen\": 111, \"books_refund_fen\": -1, \"paid_here_count\": 0}",
        "{\"books_no_order_fen\": 109, \"books_refund_fen\": 1}",
        "{\"orders_paid_fen\": 761}",
        "{\"transferred_fen\": 51}",
        "{\"transferred_count\": -1}",
        "{\"order_off_count\": 0}",
        "{\"off_apart_count\": 0}",
        "{\"off_apart_fen\": 100, \"order_off_fen\": -190}",
        "{\"orders_free_fen\": 1}",
        "{\"invoiced_fen\": 301}",
        "{\"invoice_off_count\": 0}",
    };
    for (size_t i = 0; i < COUNT(lies); i++) {
        const char *state = refusal(lies[i]);
        cr_expect_str_eq(state, "23514", "%s gave '%s'", lies[i], state); /* check_violation */
    }
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_run"), 0);
}

Test(recon_sheet, the_honest_row_is_taken)
{
    cr_expect_str_eq(refusal("{}"), "");
}

/* No run is asked anew for what it was not asked for then. */
Test(recon_sheet, a_row_of_before_has_no_orders_part)
{
    cr_expect_str_eq(
        refusal("{\"paid_here_count\": null, \"paid_here_fen\": null, \"paid_apart_count\": null,"
                " \"paid_apart_fen\": null, \"transferred_count\": null, \"transferred_fen\": null,"
                " \"order_off_count\": null, \"order_off_fen\": null, \"off_apart_count\": null,"
                " \"off_apart_fen\": null, \"books_no_order_count\": null,"
                " \"books_no_order_fen\": null, \"books_refund_count\": null,"
                " \"books_refund_fen\": null, \"orders_free_count\": null,"
                " \"orders_free_fen\": null, \"invoiced_due_count\": null,"
                " \"invoiced_due_fen\": null, \"invoice_off_count\": null,"
                " \"invoice_off_fen\": null}"),
        "");
}
