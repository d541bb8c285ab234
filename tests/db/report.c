/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "check.h"
#include "database.h"

#define TEXT_MAX ((size_t)1024 * 1024)

static struct database database;

/* A blocked run, then a complete one, version 1, that counts: a payment of 88.00 matched, 0.50 on
 * the bill that nobody knows. */
static void
open_database(void)
{
    database_open(&database);
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2026-11-23', repeat('ab', 32), 9, 'upload', now());"
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run'"
        "     AND (column_name LIKE '%\\_count' OR column_name LIKE '%\\_fen'))"
        " || jsonb_build_object('account', 'main', 'provider', 'alipay', 'kind', 'trade',"
        "  'bill_day', '2026-11-23', 'version', nullif(v - 1, 0), 'run_id', v,"
        "  'input_hash', '\\x' || repeat('0' || v, 32), 'file_id', 1, 'state', state,"
        "  'codes', codes, 'as_of', '2026-11-24T02:30:00Z', 'cutoff_east_min', 480,"
        "  'program', 'test') || numbers)).*"
        " FROM (VALUES (1, 'blocked', ARRAY['FILE_TRAILER_SUM'], '{}'::jsonb),"
        "  (2, 'complete', '{}'::text[], '{\"trailer_count\": 2, \"trailer_fen\": 8850,"
        "   \"parsed_count\": 2, \"parsed_fen\": 8850, \"in_scope_count\": 2,"
        "   \"in_scope_fen\": 8850, \"matched_count\": 1, \"matched_fen\": 8800,"
        "   \"bill_only_count\": 1, \"bill_only_fen\": 50, \"population_count\": 1,"
        "   \"population_fen\": 8800, \"pay_count\": 2, \"pay_fen\": 8850, \"delta_long_count\": 1, \"delta_long_fen\": 50}'))"
        "  AS runs (v, state, codes, numbers);"
        "INSERT INTO recon_current VALUES ('main', 'trade', '2026-11-23', 2);"
        "INSERT INTO bill_line SELECT 2, n, 'pay', '2026', 'M', '', 1, 1, 0, NULL, 'raw'"
        " FROM generate_series(6, 7) n;"
        "INSERT INTO recon_population VALUES (2, '5', '2026', 'portal', 'O-1', 'paid', 8800,"
        " NULL, true, false);"
        "INSERT INTO recon_result VALUES"
        " (2, 2, 7, NULL, '2027', 'X', '', '', '', '', 0, '', '', 0, 'LONG_UNKNOWN', '{}',"
        "  'long', 50, 50, 0, 50, 0, NULL, NULL, false),"
        " (2, 1, 6, '5', '2026', 'M', 'portal', 'O-1', 'new', 'paid', 8800, '某某公司', '',"
        "  0, 'PAY_OK', '{INV_NONE,FEE_OK}', 'matched', 8800, 8800, 8800, 0, -53,"
        "  '2026-11-23T03:04:05Z', '2026-11-23T03:04:04Z', false)");
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(report_load, .init = open_database, .fini = close_database);

static enum err
load(const char *account, int mday, int64_t version, struct report *out)
{
    struct day day = { 2026, 11, mday };
    return report_load(database.session, span_of(account), day, version, database.arena, out);
}

Test(report_load, run_that_nobody_made_is_unknown_and_a_blocked_one_has_no_report)
{
    struct report report;
    CHECK_ERR(load("other", 23, 0, &report), ERR_RUN_UNKNOWN);
    CHECK_ERR(load("main", 22, 0, &report), ERR_RUN_UNKNOWN);
    CHECK_ERR(load("main", 23, 3, &report), ERR_RUN_UNKNOWN);
    CHECK_ERR(load("main", 23, 2, &report), ERR_RUN_UNKNOWN); /* the blocked run has no version */
}

Test(report_load, version_zero_is_the_one_that_counts)
{
    struct report report;
    CHECK_OK(load("main", 23, 0, &report));
    cr_expect_eq(report.version, 1);
    cr_expect_eq(report.as_of.us, INT64_C(1795487400000000)); /* date -d 2026-11-24T02:30Z +%s */
    cr_expect_eq(report.trailer.fen, 8850);
    cr_expect_eq(report.sheet.delta_long.fen, 50);
    cr_expect_eq(report.bill_sha256.len, 64);
    cr_assert_eq(report.row_count, 2);
    cr_expect_eq(report.rows[0].seq, 1); /* in order, however they were written */
    cr_expect_eq(report.rows[0].primary, FINDING_PAY_OK);
    cr_assert_eq(report.rows[0].finding_count, 2);
    cr_expect_eq(report.rows[0].findings[0], FINDING_INV_NONE);
    cr_expect_eq(report.rows[0].findings[1], FINDING_FEE_OK);
    cr_expect_eq(report.rows[0].fee_fen, -53);
    cr_expect_eq(report.rows[0].paid_at.us, INT64_C(1795403044000000));
    CHECK_TEXT(report.rows[0].title, "某某公司");
    cr_expect_eq(report.rows[1].finding_count, 0);
    cr_expect_eq(report.rows[1].attempt_no.len, 0);
    cr_expect_eq(report.rows[1].delta_fen, 50);
    CHECK_TEXT(report.rows[1].raw, "raw");
    CHECK_TEXT(report.rows[0].attempt_state, "paid");
    cr_expect_eq(report.story_count, 0, "the line that differs names no order");
}

Test(report_load, what_was_read_ties_and_is_printed)
{
    struct report report;
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    CHECK_OK(load("main", 23, 1, &report));
    CHECK_OK(report_sheet(&report, LANGUAGE_ZH, &text));
    cr_expect(span_ends(buf_span(&text), SPAN_LIT("UNEXPLAINED 0.00\n")));
}

/* Order O-1 differs by a finding: all it went through is told, in the order of numbers, and nothing of O-2. */
Test(report_load, orders_of_differences_have_their_story)
{
    struct report report;
    database_sql(&database,
                 "SET search_path = tallygate;"
                 "UPDATE recon_result SET findings = '{ORD_NOT_ADVANCED}' WHERE seq = 1;"
                 "INSERT INTO recon_population VALUES"
                 " (2, '51', '', 'portal', 'O-1', 'closed', 8800, NULL, false, false),"
                 " (2, '6', '', 'portal', 'O-2', 'closed', 8800, NULL, false, false);"
                 "INSERT INTO recon_refund VALUES (2, '5R1', '5', 'portal', 'O-1', 'accepted', 300,"
                 " '2026-11-23T04:00:00Z', true, false)");
    CHECK_OK(load("main", 23, 1, &report));
    cr_assert_eq(report.story_count, 3);
    CHECK_TEXT(report.stories[0].attempt_no, "5");
    CHECK_TEXT(report.stories[0].provider_trade_no, "2026");
    CHECK_TEXT(report.stories[1].refund_no, "5R1");
    cr_expect_eq(report.stories[1].amount_fen, -300);
    cr_expect(report.stories[1].counted);
    CHECK_TEXT(report.stories[2].attempt_no, "51");
    CHECK_TEXT(report.stories[2].state, "closed");
}
