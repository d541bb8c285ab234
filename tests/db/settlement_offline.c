/* SPDX-License-Identifier: Apache-2.0 */
/* Days of settlement, exported and repeated from the files alone, by themselves and out of the pack of a month. */
#include <unistd.h>

#include "bill_store.h"
#include "pack_differences.h"
#include "pack_flip.h"
#include "program.h"
#include "report_pack.h"
#include "settlement_repeat.h"

/* Of two files and from before files were kept: merged, split, with a fee, sent back, of nobody, a transfer. */
static void
open_days(void)
{
    open_house();
    paid_out(20, "W1", 10000);
    paid_out(20, "W2", 5000);
    paid_out(21, "W\"3, x", 700);
    hand_in(SPAN_LIT("the first file"));
    came("B1,2026-11-21,149.90,0.10,deposit,W1 W2");
    came("B4,2026-11-21,8.00,,deposit,W9");
    hand_in(SPAN_LIT("the second file"));
    came("B5,2026-11-22,50.00,,return,W2");
    came("B6,2026-11-22,1.00,,transfer,");
    file = SPAN_LIT("");
    came("B7,2026-11-22,49.00,0.50,deposit,W2");
    database_payment(&database, 7, "2611220070000000011", "A-1", 1);
    database_sql(
        &database,
        "INSERT INTO tallygate.manual_payment (slot, owner, order_no, number, direction, amount_fen, received_on, voucher,"
        " attachment_sha256, payer_name, reason, state, recorded_by, recorded_at) VALUES (7, 'portal', 'A-1', 1, 'in', 100,"
        " '2026-11-22', 'B6', '', 'x', 'r', 'recorded', 'maker', '2026-11-22 06:00:00Z')");
    cr_assert_eq(make_all(24), 5);
}

TestSuite(settlement_offline, .init = open_days, .fini = close_house);

Test(settlement_offline, comes_to_the_same_hashes_and_the_same_papers)
{
    CHECK_SAYS(22, "W2 DEP_RETURNED DEP_SPLIT DEP_FEE -50, W\"3, x DEP_IN_TRANSIT -700,"
                   " B4 DEP_UNKNOWN 800, B6 MAN_OK 0");
    for (int mday = 20; mday <= 24; mday++) {
        settlement_repeat(mday);
    }
}

Test(settlement_offline, has_what_finance_handed_in)
{
    char first[128];
    char second[128];
    settlement_path(first, "first", 0);
    settlement_path(second, "second", 0);
    CHECK_OK(settlement_export(first, 22)); /* B4 is carried */
    CHECK_OK(settlement_export(second, 22));
    cr_expect_eq(folders_compare(first, second), 7,
                 "three lists, two files of the bank, day.json, SHA256SUMS");
    CHECK_ERR(settlement_export(second, 22), ERR_FILE_WRITE);
    CHECK_ERR(settlement_export(dir, 27), ERR_RUN_UNKNOWN);
    database_sql(&database, "DELETE FROM tallygate.recon_file WHERE name = 'day.json'");
    settlement_path(second, "third", 0);
    CHECK_ERR(settlement_export(second, 22), ERR_RUN_FILES); /* as a run of before has it */
    cr_expect_eq(access(second, F_OK), -1);
}

Test(settlement_offline, notices_a_flipped_byte_in_any_file)
{
    char pack[128];
    settlement_path(pack, "pack", 0);
    CHECK_OK(settlement_export(pack, 22));
    cr_expect_eq(pack_flip(pack), 7);
}

/* The list of differences of a large day is one of bills. */
Test(settlement_offline, is_no_day_of_a_bill)
{
    char pack[128];
    struct pack_differences differences;
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)64 * 1024 * 1024, &arena));
    settlement_path(pack, "pack", 0);
    CHECK_OK(settlement_export(pack, 22));
    CHECK_ERR(pack_differences(pack, 1, arena, NULL, &differences), ERR_FIELD_VALUE);
    cr_expect_str_eq(differences.where.file, "day.json");
    cr_expect_str_eq(differences.where.column, "kind");
}

/* Into the archive what the house says that the bills were. */
static void
keep_bills(void)
{
    for (int mday = 20; mday <= 21; mday++) {
        char text[16];
        char hash[BILL_STORE_NAME_BYTES];
        bool known = false;
        (void)snprintf(text, sizeof(text), "%d", mday);
        CHECK_OK(bill_store_put(dir, span_of(text), hash, &known));
    }
}

Test(settlement_offline, is_in_the_pack_of_the_month)
{
    char zip[128];
    char again[128];
    char month[128];
    char inputs[256];
    char exported[128];
    struct report_packed packed = { .bills = 0 };
    DEFER(buf_fini) struct buf first = BUF_MAX((size_t)16 * 1024 * 1024);
    DEFER(buf_fini) struct buf second = BUF_MAX((size_t)16 * 1024 * 1024);
    keep_bills();
    settlement_path(zip, "zip", 0);
    settlement_path(again, "zip", 1);
    settlement_path(month, "month", 0);
    settlement_path(exported, "pack", 0);
    struct report_pack wish = {
        .account = SPAN_LIT("main"), .month = { 2026, 11, 1 }, .archive_dir = dir, .path = zip
    };
    CHECK_OK(report_pack(database.session, &wish, &packed));
    cr_expect_eq(packed.bills, 2);
    cr_expect_eq(packed.settlement, 5);
    cr_expect_eq(program_run((const char *const[]){ "python3", "-B", "tests/db/report_pack.py", zip,
                                                    "main", "2026-11", "running", "5", NULL }),
                 0);
    cr_assert_eq(program_run((const char *const[]){ "unzip", "-qq", zip, "-d", month, NULL }), 0);
    CHECK_OK(settlement_export(exported, 22));
    (void)snprintf(inputs, sizeof(inputs), "%s/2026-11-22/settlement-inputs", month);
    cr_expect_eq(folders_compare(exported, inputs), 7);
    wish.path = again;
    CHECK_OK(report_pack(database.session, &wish, &packed));
    folders_load(dir, "zip00", &first);
    folders_load(dir, "zip01", &second);
    cr_expect(span_eq(buf_span(&first), buf_span(&second)));
}

/* Where no bill counts any more there are still the days of the bank. */
Test(settlement_offline, makes_a_pack_of_its_own)
{
    char zip[128];
    struct report_packed packed = { .bills = 9 };
    settlement_path(zip, "zip", 0);
    const struct report_pack wish = {
        .account = SPAN_LIT("main"), .month = { 2026, 11, 1 }, .archive_dir = dir, .path = zip
    };
    database_sql(&database, "DELETE FROM tallygate.recon_current WHERE kind <> 'deposits'");
    CHECK_OK(report_pack(database.session, &wish, &packed));
    cr_expect_eq(packed.bills, 0);
    cr_expect_eq(packed.settlement, 5);
    cr_expect_eq(program_run((const char *const[]){ "python3", "-B", "tests/db/report_pack.py", zip,
                                                    "main", "2026-11", "running", "5", NULL }),
                 0);
}
