/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed of a run of settlement, as strangers read it. */
#include "program.h"
#include "report.h"
#include "report_keep.h"
#include "report_kept.h"
#include "settlement_house.h"

TestSuite(settlement_files, .init = open_house, .fini = close_house);

static void
print_day(int mday, int64_t version, char folder[REPORT_PATH_MAX])
{
    struct report report;
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    const char *path = NULL;
    CHECK_OK(report_load_settlement(database.session, SPAN_LIT("main"),
                                    (struct day){ 2026, 11, mday }, version, database.arena,
                                    &report));
    CHECK_OK(report_kept_load(database.session, dir, database.arena, &report));
    CHECK_OK(report_write(&report, dir, &where));
    CHECK_OK(report_keep(database.session, dir, &report, buf_span(&where)));
    CHECK_OK(buf_cstr(&where, &path));
    (void)snprintf(folder, REPORT_PATH_MAX, "%s", path);
}

static void
expect_read(const char *folder, int mday, const char *version)
{
    char day[32];
    (void)snprintf(day, sizeof(day), MONTH "%02d", mday);
    cr_expect_eq(
        program_run((const char *const[]){ "python3", "-B", "tests/recon/report_reader.py", folder,
                                           "main", day, version, "settlement", NULL }),
        0, "%s", folder);
}

/* Whatever may be on a sheet: merged, split, short, over, sent back, of nobody, a transfer that is recorded by none; and a day of nothing. */
Test(settlement_files, are_read_by_programs_of_others)
{
    char folder[REPORT_PATH_MAX];
    paid_out(20, "420000000020260000000000000000001", 10000);
    paid_out(20, "W2", 5000);
    paid_out(21, "W3", 700);
    paid_out(21, "=W4", 800);
    came(
        "62220000000000000001,2026-11-21,149.90,0.10,deposit,420000000020260000000000000000001 W2");
    came("B2,2026-11-22,3.00,,deposit,W3");
    came("B3,2026-11-22,4.01,,deposit,W3");
    came("B4,2026-11-22,8.00,,deposit,W9");
    came("B5,2026-11-22,50.00,,return,W2");
    came("B6,2026-11-22,1.00,,transfer,");
    (void)make_all(23);
    CHECK_SAYS(22, "W2 DEP_RETURNED -5000, =W4 DEP_IN_TRANSIT -800, W3 DEP_OVER DEP_SPLIT 1,"
                   " B4 DEP_UNKNOWN 800, B6 MAN_ORPHAN_DEPOSIT 100");
    for (int mday = 20; mday <= 23; mday++) {
        print_day(mday, 0, folder);
        expect_read(folder, mday, "1");
    }
    paid_out(24, "W9", 800);
    paid_out(24, "W2", -5000);
    came("B7,2026-11-24,8.00,,deposit,=W4");
    came("B8,2026-11-24,0.01,,return,W3");
    (void)make_all(26);
    CHECK_SAYS(26, "B6 MAN_ORPHAN_DEPOSIT 100");
    print_day(26, 0, folder);
    expect_read(folder, 26, "1");
}

/* report_write refuses other bytes than those that lie there, report_keep others than those that are kept. */
Test(settlement_files, are_the_same_bytes_whatever_was_made_since)
{
    char folder[REPORT_PATH_MAX];
    paid_out(20, "W1", 10000);
    came("B1,2026-11-21,40.00,,deposit,W1");
    (void)make_all(22);
    print_day(22, 1, folder);
    came("B2,2026-11-22,60.00,,deposit,W1");
    cr_expect_eq(make_all(22), 1);
    print_day(22, 0, folder);
    cr_expect_str_eq(strrchr(folder, '/'), "/settlement-v2");
    expect_read(folder, 22, "2");
    print_day(22, 1, folder);
    cr_expect_str_eq(strrchr(folder, '/'), "/settlement-v1");
    expect_read(folder, 22, "1");
    cr_expect_eq(number("SELECT count(*) FROM recon_report"), 20);
}

static struct report
load_day(int mday, int64_t version)
{
    struct report report;
    CHECK_OK(report_load_settlement(database.session, SPAN_LIT("main"),
                                    (struct day){ 2026, 11, mday }, version, database.arena,
                                    &report));
    CHECK_OK(report_kept_load(database.session, dir, database.arena, &report));
    return report;
}

static void
expect_cell(struct recon_cell cell, int64_t count, int64_t fen)
{
    cr_expect_eq(cell.count, count);
    cr_expect_eq(cell.fen, fen);
}

Test(settlement_files, have_the_days_before_as_they_stood)
{
    paid_out(20, "W1", 10000);
    came("B1,2026-11-21,39.50,0.50,deposit,W1");
    (void)make_all(22);
    came("B2,2026-11-21,60.00,,deposit,W1");
    came("B3,2026-11-21,5.00,,deposit,W9");
    (void)make_all(22);
    struct report first = load_day(22, 1);
    struct report second = load_day(22, 2);
    cr_assert_eq(first.trend_count, 2);
    cr_expect_eq(first.trend[0].day.mday, 20);
    expect_cell(first.trend[0].settlement.paid, 1, 10000);
    expect_cell(first.trend[0].settlement.closing, 1, 10000);
    expect_cell(first.trend[0].settlement.lines, 0, 0);
    cr_expect_eq(first.trend[1].version, 1);
    expect_cell(first.trend[1].settlement.lines, 1, 4000);
    expect_cell(first.trend[1].settlement.fee, 1, 50);
    expect_cell(first.trend[1].settlement.closing, 1, 6000);
    expect_cell(first.trend[1].settlement.loose_out, 0, 0);
    cr_assert_eq(second.trend_count, 2);
    cr_expect_eq(second.trend[1].version, 2);
    expect_cell(second.trend[1].settlement.lines, 3, 10500);
    expect_cell(second.trend[1].settlement.closing, 0, 0);
    expect_cell(second.trend[1].settlement.loose_out, 1, 500);
}

/* As the workbook of a run of before was printed. */
Test(settlement_files, have_no_trend_in_the_form_of_before)
{
    char folder[REPORT_PATH_MAX];
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    paid_out(20, "W1", 10000);
    came("B1,2026-11-21,40.00,,deposit,W1");
    (void)make_all(21);
    struct report report = load_day(21, 1);
    report.form = REPORT_FORM_SETTLEMENT_TREND - 1;
    CHECK_OK(report_write(&report, dir, &where));
    report.trend_count = 0;
    buf_reset(&where);
    CHECK_OK(report_write(&report, dir, &where)); /* nothing of it is said anywhere */
    report = load_day(21, 1);
    buf_reset(&where);
    CHECK_ERR(report_write(&report, dir, &where), ERR_REPORT_DIFFERS);
    print_day(20, 1, folder);
    expect_read(folder, 20, "1");
}
