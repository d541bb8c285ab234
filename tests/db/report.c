/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "bill_store.h"
#include "check.h"
#include "clock_fake.h"
#include "database.h"
#include "file.h"
#include "folder.h"
#include "program.h"
#include "report_keep.h"
#include "report_kept.h"
#include "report_pack.h"

#define TEXT_MAX ((size_t)1024 * 1024)
#define MONTH_END_US \
    INT64_C(1796054400000000) /* date -d 2026-11-30T16:00Z +%s: midnight in China */

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
        " VALUES ('main', 'trade', '2026-11-23', repeat('ab', 32), 9, 'download', now());"
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
        "   \"population_fen\": 8800, \"orders_paid_count\": 1, \"orders_paid_fen\": 8800,"
        "   \"paid_here_count\": 1, \"paid_here_fen\": 8800, \"pay_count\": 2, \"pay_fen\": 8850, \"fee_count\": 1, \"fee_fen\": -53, \"delta_long_count\": 1, \"delta_long_fen\": 50}'))"
        "  AS runs (v, state, codes, numbers);"
        "INSERT INTO recon_current VALUES ('main', 'trade', '2026-11-23', 2);"
        "INSERT INTO bill_line SELECT 2, n, 'pay', '2026', 'M', '', 1, 1, 0, NULL"
        " FROM generate_series(6, 7) n;"
        "INSERT INTO bill_text VALUES (2, 6, 2, E'raw\\nraw');"
        "INSERT INTO recon_population VALUES (2, '5', '2026', 'portal', 'O-1', 'paid', 8800,"
        " NULL, true, false);"
        "INSERT INTO recon_result VALUES"
        " (2, 2, 7, NULL, '2027', 'X', '', '', '', '', 0, '', '', 0, 'LONG_UNKNOWN', '{}',"
        "  'long', 50, 50, 0, 50, 0, NULL, NULL, false),"
        " (2, 1, 6, '5', '2026', 'M', 'portal', 'O-1', 'new', 'paid', 8800, '某某公司', '',"
        "  0, 'PAY_OK', '{INV_NONE,FEE_OK}', 'matched', 8800, 8800, 8800, 0, -53,"
        "  '2026-11-23T03:04:05Z', '2026-11-23T03:04:04Z', false);"
        "UPDATE recon_result SET fee_due_fen = -52 WHERE seq = 1");
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
    cr_expect(report.rows[0].fee_judged);
    cr_expect_eq(report.rows[0].fee_due_fen, -52);
    cr_expect_not(report.rows[1].fee_judged);
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

struct folder {
    char path[64];
};

static struct folder
a_folder(void)
{
    struct folder folder = { "/tmp/tallygate-pack-XXXXXX" };
    cr_assert_not_null(mkdtemp(folder.path));
    return folder;
}

static void
folder_fini(struct folder *folder)
{
    cr_expect_eq(folder_drop(folder->path), 0);
}

/* Keeps a bill in the archive below the folder and makes it the one that the run read. */
static void
keep_bill(const struct folder *folder, char archive[80])
{
    char name[BILL_STORE_NAME_BYTES];
    char sql[256];
    bool known;
    (void)snprintf(archive, 80, "%s/archive", folder->path);
    CHECK_OK(bill_store_put(archive, SPAN_LIT("the bill as it came"), name, &known));
    (void)snprintf(sql, sizeof(sql), "UPDATE tallygate.bill_file SET sha256 = '%s'", name);
    database_sql(&database, sql);
}

static int
read_by_another(const char *path, const char *month_is)
{
    return program_run((const char *const[]){ "python3", "-B", "tests/db/report_pack.py", path,
                                              "main", "2026-11", month_is, NULL });
}

static enum err
pack(const char *account, int month, const char *archive, const char *path,
     struct report_packed *out)
{
    const struct report_pack wish = { .account = span_of(account),
                                      .month = { 2026, month, 1 },
                                      .archive_dir = archive,
                                      .path = path };
    return report_pack(database.session, &wish, out);
}

static void
expect_same(const char *a, const char *b)
{
    DEFER(buf_fini) struct buf first = BUF_MAX(TEXT_MAX + 1);
    DEFER(buf_fini) struct buf second = BUF_MAX(TEXT_MAX + 1);
    CHECK_OK(file_read(a, TEXT_MAX, &first));
    CHECK_OK(file_read(b, TEXT_MAX, &second));
    cr_expect(span_eq(buf_span(&first), buf_span(&second)));
}

static int64_t
kept_reports(int64_t run_id)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    int64_t reports = 0;
    db_params_init(&params, database.arena);
    db_i64(&params, run_id);
    CHECK_OK(db_session_run(database.session, STATEMENT_run_files, &params, &rows));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        reports += db_row_bool(rows, i, "printed") ? 1 : 0;
    }
    return reports;
}

/* What was given out stays what it was: a reprint keeps nothing new, another content is refused. */
Test(report_load, printed_files_are_kept_once_under_their_hash)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf kept = BUF_MAX(TEXT_MAX);
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct report report;
    struct db_params params;
    char archive[80];
    keep_bill(&folder, archive);
    CHECK_OK(load("main", 23, 0, &report));
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_OK(report_keep(database.session, archive, &report, buf_span(&where)));
    CHECK_OK(report_keep(database.session, archive, &report, buf_span(&where)));
    cr_expect_eq(kept_reports(2), 18);
    db_params_init(&params, database.arena);
    db_i64(&params, 2);
    db_cstr(&params, "sheet.en.txt");
    CHECK_OK(db_session_run(database.session, STATEMENT_run_report, &params, &rows));
    cr_assert_eq(db_rows_count(rows), 1);
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &sheet));
    CHECK_OK(bill_store_load(archive, db_row_text(rows, 0, "sha256"), &kept));
    cr_expect(span_eq(buf_span(&sheet), buf_span(&kept)));
    cr_expect_eq(db_row_i64(rows, 0, "bytes"), (int64_t)sheet.len);
    database_sql(&database, "UPDATE tallygate.recon_report SET sha256 = repeat('0', 64)"
                            " WHERE name = 'sheet.en.txt'");
    CHECK_ERR(report_keep(database.session, archive, &report, buf_span(&where)),
              ERR_REPORT_DIFFERS);
}

static int64_t
rows_of(enum statement statement, const struct db_params *params, bool *without_hash)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    CHECK_OK(db_session_run(database.session, statement, params, &rows));
    if (without_hash != NULL) {
        *without_hash = db_rows_count(rows) == 1 && db_row_null(rows, 0, "sha256");
    }
    return (int64_t)db_rows_count(rows);
}

/* How many runs the night would print, how many the doctor tells of, and whether that file of run 2 was left out. */
static void
expect_left_out(int64_t unprinted, int64_t told, const char *file, bool left_out)
{
    struct db_params params;
    bool without_hash = false;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, database.arena);
    db_cstr(&params, "main");
    db_time(&params, (struct wall_time){ 1 });
    cr_expect_eq(rows_of(STATEMENT_recon_unprinted, &params, NULL), unprinted);
    db_params_init(&params, database.arena);
    db_i64(&params, 2);
    db_cstr(&params, file);
    cr_expect_eq(rows_of(STATEMENT_run_report, &params, &without_hash), told);
    cr_expect_eq(without_hash, left_out, "%s", file);
    CHECK_OK(db_session_run(database.session, STATEMENT_doctor_reports, NULL, &rows));
    cr_expect_eq(db_row_i64(rows, 0, "runs"), told);
    cr_expect_eq(db_row_null(rows, 0, "oldest"), told == 0);
}

/* Nobody tries again; a reprint has the same files, also without a limit. */
Test(report_load, a_file_that_is_too_large_is_left_out_for_good)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(folder_fini) struct folder again = a_folder();
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
    struct report_left_out left_out;
    struct report report;
    char archive[80];
    keep_bill(&folder, archive);
    database_sql(&database, "DELETE FROM tallygate.recon_current WHERE run_id <> 2");
    expect_left_out(1, 0, "report.xlsx", false);
    CHECK_OK(load("main", 23, 0, &report));
    report.limits.file_bytes =
        8192; /* less than any workbook has, more than any list of this day */
    report.left_out = &left_out;
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_OK(report_keep(database.session, archive, &report, buf_span(&where)));
    int64_t kept = database_number(&database, "SELECT count(*) FROM recon_report");
    int64_t left = database_number(&database, "SELECT count(*) FROM recon_report_left_out");
    cr_expect_eq(left, (int64_t)left_out.count);
    cr_expect_geq(left, 2);
    cr_expect_eq(kept + left, 18);
    expect_left_out(0, 1, "report.xlsx", true);
    expect_left_out(0, 1, "sheet.txt", false);
    CHECK_OK(load("main", 23, 0, &report));
    CHECK_OK(report_kept_load(database.session, archive, database.arena, &report));
    buf_reset(&where);
    CHECK_OK(report_write(&report, again.path, &where));
    CHECK_OK(report_keep(database.session, archive, &report, buf_span(&where)));
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_report"), kept);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_report_left_out"), left);
    CHECK_OK(report_sheet_printed(&report, LANGUAGE_EN, &sheet));
    database_sql(&database, "DELETE FROM tallygate.recon_report;"
                            "DELETE FROM tallygate.recon_report_left_out");
    size_t named = 0;
    report.kept_count = 0;
    CHECK_OK(report_keep_none(database.session, &report, &named));
    cr_expect_eq(named, 18);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_report_left_out"), 18);
    expect_left_out(0, 1, "sheet.txt", true);
    CHECK_OK(report_kept_load(database.session, archive, database.arena, &report));
    CHECK_ERR(report_sheet_printed(&report, LANGUAGE_EN, &sheet), ERR_REPORT_SIZE);
}

/* With that day.json as the one that the run kept. */
static enum err
load_with_day(const char *archive, const char *day, struct report *report)
{
    char name[BILL_STORE_NAME_BYTES];
    char sql[256];
    bool known = false;
    CHECK_OK(bill_store_put(archive, span_of(day), name, &known));
    (void)snprintf(sql, sizeof(sql),
                   "DELETE FROM tallygate.recon_file;"
                   "INSERT INTO tallygate.recon_file VALUES (2, 'day.json', '%s')",
                   name);
    database_sql(&database, sql);
    return report_kept_load(database.session, archive, database.arena, report);
}

/* Whatever the program prints of new runs; not at all where only a newer program knows the form. */
Test(report_load, a_run_is_printed_again_in_the_form_of_its_time)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    struct report report;
    char archive[80];
    keep_bill(&folder, archive);
    CHECK_OK(load("main", 23, 0, &report));
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_OK(report_kept_load(database.session, archive, database.arena, &report));
    cr_expect_eq(report.form, 0, "of before runs kept what they read");
    CHECK_OK(load_with_day(archive, "{\"form\": 1}", &report));
    cr_expect_eq(report.form, 1);
    buf_reset(&where);
    CHECK_ERR(report_write(&report, folder.path, &where), ERR_REPORT_DIFFERS);
    CHECK_OK(load_with_day(archive, "{}", &report));
    cr_expect_eq(report.form, 0, "of before the form was kept");
    buf_reset(&where);
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_ERR(load_with_day(archive, "{\"form\": 99}", &report), ERR_PACK_RULES);
}

/* As an older program printed them, which knew two files: what was given out is given again, in a folder, on a terminal and in the pack. */
Test(report_load, what_was_printed_is_given_again_whatever_would_be_made_today)
{
    static const char old[] = "printed before\n";
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
    struct report_packed packed = { .bills = 0 };
    struct report report;
    const char *path = NULL;
    char archive[80];
    char name[BILL_STORE_NAME_BYTES];
    char zip[96];
    char sql[512];
    bool known = false;
    keep_bill(&folder, archive);
    CHECK_OK(bill_store_put(archive, span_of(old), name, &known));
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO tallygate.recon_report (run_id, name, sha256, bytes)"
                   " SELECT 2, n, '%s', 15 FROM unnest(ARRAY['sheet.txt', 'sheet.en.txt']) AS n",
                   name);
    database_sql(&database, sql);
    CHECK_OK(load("main", 23, 0, &report));
    CHECK_OK(report_kept_load(database.session, archive, database.arena, &report));
    CHECK_OK(report_sheet_printed(&report, LANGUAGE_EN, &sheet));
    CHECK_TEXT(buf_span(&sheet), old);
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_OK(report_keep(database.session, archive, &report, buf_span(&where)));
    cr_expect_eq(kept_reports(2), 2);
    CHECK_OK(buf_cstr(&where, &path));
    (void)snprintf(zip, sizeof(zip), "%s/old.zip", folder.path);
    CHECK_OK(pack("main", 11, archive, zip, &packed));
    cr_expect_eq(
        program_run((const char *const[]){
            "python3", "-B", "-c",
            "import os, sys, zipfile\n"
            "names = ['sheet.en.txt', 'sheet.txt']\n"
            "pack = zipfile.ZipFile(sys.argv[1])\n"
            "there = sorted(n[14:] for n in pack.namelist() if n.startswith('2026-11-23/v1/'))\n"
            "same = all(pack.read('2026-11-23/v1/' + n) == b'printed before\\n' for n in names)\n"
            "sys.exit(not (same and there == names == sorted(os.listdir(sys.argv[2]))))",
            zip, path, NULL }),
        0);
}

/* What a run has no file for is said, so that nobody misses it. */
Test(report_load, month_names_what_is_too_large_for_a_file)
{
    static const char look[] =
        "import json, sys, zipfile\n"
        "pack = zipfile.ZipFile(sys.argv[1])\n"
        "of = [day for day in json.loads(pack.read('manifest.json'))['days'] if day['day'] == '2026-11-23']\n"
        "assert len(of) == 1 and of[0]['left_out'] == sys.argv[2:], of\n"
        "assert not set(sys.argv[2:]) & set(pack.namelist())\n"
        "assert '2026-11-23/v1/sheet.txt' in pack.namelist()\n";
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    struct report_packed packed = { .bills = 0 };
    struct report_left_out left_out;
    struct report report;
    char archive[80];
    char zip[96];
    keep_bill(&folder, archive);
    CHECK_OK(load("main", 23, 0, &report));
    report.limits.file_bytes = 8192;
    report.left_out = &left_out;
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_OK(report_keep(database.session, archive, &report, buf_span(&where)));
    (void)snprintf(zip, sizeof(zip), "%s/month.zip", folder.path);
    clock_fake_set_wall((struct wall_time){ MONTH_END_US });
    CHECK_OK(pack("main", 11, archive, zip, &packed));
    cr_expect_eq(
        program_run((const char *const[]){
            "python3", "-c", look, zip, "2026-11-23/v1/report.html", "2026-11-23/v1/report.en.html",
            "2026-11-23/v1/report.xlsx", "2026-11-23/v1/report.en.xlsx", NULL }),
        0);
}

Test(report_load, a_month_with_a_run_that_needs_more_memory_than_it_may_take_is_not_packed)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    char archive[80];
    char zip[96];
    struct report_packed packed = { .bills = 0 };
    struct stat there;
    keep_bill(&folder, archive);
    (void)snprintf(zip, sizeof(zip), "%s/month.zip", folder.path);
    const struct report_pack wish = { .account = SPAN_LIT("main"),
                                      .month = { 2026, 11, 1 },
                                      .archive_dir = archive,
                                      .path = zip,
                                      .memory_max = 1024 };
    CHECK_ERR(report_pack(database.session, &wish, &packed), ERR_DAY_TOO_LARGE);
    cr_expect_eq(stat(zip, &there), -1);
}

/* The command, the night and the pack load it by this. */
Test(report_load, a_run_comes_with_what_was_kept_of_it_and_says_when_it_is_too_large)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(arena_free) struct arena *small = NULL;
    struct report_run run = { .account = SPAN_LIT("main"), .day = { 2026, 11, 23 } };
    struct report report = { .version = -1 };
    char archive[80];
    keep_bill(&folder, archive);
    CHECK_OK(arena_new(64, &small));
    CHECK_ERR(report_kept_run(database.session, archive, &run, small, &report), ERR_DAY_TOO_LARGE);
    cr_expect_eq(report.version, -1);
    CHECK_OK(load_with_day(archive, "{\"form\": 4}", &report));
    CHECK_OK(report_kept_run(database.session, archive, &run, database.arena, &report));
    cr_expect_eq(report.version, 1);
    cr_expect_eq(report.form, 4);
    run.of_settlement = true;
    CHECK_ERR(report_kept_run(database.session, archive, &run, database.arena, &report),
              ERR_RUN_UNKNOWN);
}

/* Packed again in another zone, under another umask and in another second. */
Test(report_load, month_is_packed_twice_into_the_same_bytes)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    char archive[80];
    char first[96];
    char second[96];
    struct report_packed packed = { .bills = 0 };
    struct stat before;
    struct stat now;
    keep_bill(&folder, archive);
    (void)snprintf(first, sizeof(first), "%s/first.zip", folder.path);
    (void)snprintf(second, sizeof(second), "%s/second.zip", folder.path);
    clock_fake_set_wall((struct wall_time){ MONTH_END_US - 1 });
    CHECK_OK(pack("main", 11, archive, first, &packed));
    cr_expect_eq(read_by_another(first, "running"), 0);
    clock_fake_set_wall((struct wall_time){ MONTH_END_US });
    CHECK_OK(pack("main", 11, archive, first, &packed));
    cr_expect_eq(packed.bills, 1);
    cr_expect_eq(read_by_another(first, "over"), 0);
    cr_assert_eq(setenv("TZ", "Pacific/Kiritimati", 1), 0);
    (void)umask(0);
    cr_assert_eq(stat(first, &before), 0);
    do {
        CHECK_OK(pack("main", 11, archive, second, &packed));
        cr_assert_eq(stat(second, &now), 0);
    } while (now.st_mtim.tv_sec <= before.st_mtim.tv_sec + 1); /* zip times count in twos */
    expect_same(first, second);
}

Test(report_load, a_run_on_an_unproved_file_of_a_person_is_marked_in_every_file_of_the_month)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report;
    char archive[80];
    char zip[96];
    struct report_packed packed = { .bills = 0 };
    CHECK_OK(load("main", 23, 0, &report));
    cr_expect_not(report.edited);
    database_sql(
        &database,
        "UPDATE tallygate.recon_run SET codes = '{FILE_EDITED,FILE_COLUMNS}' WHERE run_id = 2");
    CHECK_OK(load("main", 23, 0, &report));
    cr_expect(report.edited);
    cr_expect(report.by_form);
    keep_bill(&folder, archive);
    (void)snprintf(zip, sizeof(zip), "%s/edited.zip", folder.path);
    clock_fake_set_wall((struct wall_time){ MONTH_END_US - 1 });
    CHECK_OK(pack("main", 11, archive, zip, &packed));
    cr_expect_eq(read_by_another(zip, "running"), 0);
}

Test(report_load, month_that_cannot_be_packed_leaves_nothing)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    char archive[80];
    char path[96];
    struct report_packed packed = { .bills = 7 };
    struct stat about;
    keep_bill(&folder, archive);
    (void)snprintf(path, sizeof(path), "%s/no.zip", folder.path);
    CHECK_ERR(pack("main", 10, archive, path, &packed), ERR_RUN_UNKNOWN);
    CHECK_ERR(pack("other", 11, archive, path, &packed), ERR_RUN_UNKNOWN);
    CHECK_ERR(pack("main", 11, folder.path, path, &packed), ERR_FILE_OPEN); /* no bill there */
    cr_expect_eq(packed.bills, 7);
    cr_expect_neq(access(path, F_OK), 0);
    cr_assert_eq(stat(folder.path, &about), 0);
    cr_expect_eq(about.st_nlink, 3, "the archive stands alone, no draft is left");
}

Test(report_load, month_is_written_with_its_year)
{
    static const char *const wrong[] = {
        "", "2026-13", "2026-1", "2026-11-01", "202611", "2026/11"
    };
    struct day month;
    CHECK_OK(report_pack_month(SPAN_LIT("2028-02"), &month));
    cr_expect_eq(month.month, 2);
    cr_expect_eq(month.mday, 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK_ERR(report_pack_month(span_of(wrong[i]), &month), ERR_TIME);
    }
}
