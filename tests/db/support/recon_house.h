/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_RECON_HOUSE_H
#define TALLYGATE_TESTS_DB_SUPPORT_RECON_HOUSE_H

/* A database with runs of one day, written as plain SQL. */

#include <stdio.h>

#include <criterion/criterion.h>

#include "check.h"
#include "database.h"

static struct database database;

/* A bill of that content (two hexadecimal digits), the newest one of the day. */
static inline void
recon_house_bill(const char *content)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2026-11-23', repeat('%s', 32), 9, 'download', now());"
        "INSERT INTO bill_fetch (account, kind, bill_day, at, outcome, sha256, bytes, detail)"
        " VALUES ('main', 'trade', '2026-11-23', now(), 'stored', repeat('%s', 32), 9, '')",
        content, content);
    database_sql(&database, sql);
}

/* A complete run of the newest bill, run_id = version = `number`: a payment of 88.00 matched with these findings
 * ("{INV_NONE}"), 0.50 on the bill alone under that class. */
static inline void
recon_house_run(int number, const char *findings, const char *class)
{
    char sql[4096];
    (void)snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run'"
        "     AND (column_name LIKE '%%\\_count' OR column_name LIKE '%%\\_fen'))"
        " || jsonb_build_object('account', 'main', 'provider', 'alipay', 'kind', 'trade',"
        "  'bill_day', '2026-11-23', 'version', %d, 'run_id', %d,"
        "  'input_hash', '\\x' || repeat('0%d', 32), 'file_id', (SELECT max(file_id) FROM bill_file),"
        "  'state', 'complete', 'codes', ARRAY[]::text[], 'as_of', '2026-11-24T02:30:00Z', 'cutoff_east_min', 480,"
        "  'program', 'test', 'trailer_count', 2, 'trailer_fen', 8850, 'parsed_count', 2, 'parsed_fen', 8850,"
        "  'in_scope_count', 2, 'in_scope_fen', 8850, 'matched_count', 1, 'matched_fen', 8800,"
        "  'bill_only_count', 1, 'bill_only_fen', 50, 'population_count', 1, 'population_fen', 8800,"
        "  'orders_paid_count', 1, 'orders_paid_fen', 8800, 'paid_here_count', 1, 'paid_here_fen', 8800,"
        "  'pay_count', 2, 'pay_fen', 8850, 'delta_long_count', 1, 'delta_long_fen', 50))).*;"
        "INSERT INTO bill_line SELECT %d, n, 'pay', '2026', 'M', '', 1, 1, 0, NULL FROM generate_series(6, 7) n;"
        "INSERT INTO bill_text VALUES (%d, 6, 2, E'raw\\nraw');"
        "INSERT INTO recon_population VALUES (%d, '5', '2026', 'portal', 'O-1', 'paid', 8800, NULL, true, false);"
        "INSERT INTO recon_result VALUES"
        " (%d, 2, 7, NULL, '2027', 'X', '', '', '', '', 0, '', '', 0, '%s', '{}', 'long', 50, 50, 0, 50, 0, NULL, NULL, false),"
        " (%d, 1, 6, '5', '2026', 'M', 'portal', 'O-1', 'new', 'paid', 8800, 'T', '', 0, 'PAY_OK', '%s', 'matched',"
        "  8800, 8800, 8800, 0, -53, '2026-11-23T03:04:05Z', '2026-11-23T03:04:04Z', false)",
        number, number, number, number, number, number, number, class, number, findings);
    database_sql(&database, sql);
}

#endif
