/* SPDX-License-Identifier: Apache-2.0 */
/* Every try to get a bill is recorded, also one whose file could not be kept. */
#include <stdlib.h>

#include "acquire.h"
#include "folder.h"
#include "night_house.h"

static struct database database;
static char dir[] = "/tmp/tallygate-acquire-keep-XXXXXX";

static void
open_house(void)
{
    cr_assert_not_null(mkdtemp(dir));
    database_open(&database);
}

static void
close_house(void)
{
    database_close(&database);
    cr_expect_eq(folder_drop(dir), 0);
}

TestSuite(acquire_keep, .init = open_house, .fini = close_house);

/* What a download brought, kept below `archive`. */
static enum err
keep(const char *archive)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    struct night night = night_open(&database, archive);
    const struct acquire acquire = { .session = night.session, .config = night.config };
    const struct acquire_target target = { &account,
                                           bill_of_trades(account.adapter),
                                           { 2026, 11, 23 } };
    struct acquire_kept kept;
    enum err err = acquire_keep(&acquire, &target, SPAN_LIT("no bill at all"), &kept);
    night_close(&night);
    return err;
}

static void
expect_last(const char *outcome, const char *detail)
{
    char sql[256];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM (SELECT * FROM bill_fetch WHERE account = 'main' AND kind = 'trade' AND bill_day ="
        " '2026-11-23' ORDER BY fetch_id DESC LIMIT 1) t WHERE outcome = '%s' AND detail LIKE '%s'",
        outcome, detail);
    cr_expect_eq(database_number(&database, sql), 1, "not %s", outcome);
}

/* The day would be tied with zeros by the word before, although the provider gave a bill of it. */
Test(acquire_keep, a_try_whose_file_cannot_be_kept_is_recorded_and_is_the_last_word)
{
    char file[64];
    (void)snprintf(file, sizeof(file), "%s/file", dir);
    FILE *out = fopen(file, "w");
    cr_assert_not_null(out);
    (void)fclose(out);
    database_sql(&database,
                 "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
                 " VALUES ('main', 'trade', '2026-11-23', now(), 'none', '')");
    CHECK_ERR(keep(file), ERR_FILE_WRITE); /* a file is no folder */
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM bill_fetch"), 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM bill_file"), 0);
    expect_last("transfer", "FILE_WRITE");
}

Test(acquire_keep, a_file_that_is_no_bill_is_kept_and_recorded_with_its_faults)
{
    CHECK_OK(keep(dir));
    expect_last("stored", "%FILE_%");
    CHECK_OK(keep(dir));
    expect_last("known", "%FILE_%");
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM bill_fetch"), 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM bill_file"), 1);
}
