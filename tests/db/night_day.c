/* SPDX-License-Identifier: Apache-2.0 */
/* One day, made by the night itself. */
#include <stdlib.h>

#include "clock_fake.h"
#include "folder.h"
#include "log.h"
#include "night_house.h"
#include "progress.h"

#define A      "2611200070000000011"
#define NOW    "2026-11-25T02:30:00Z"
#define NOW_US INT64_C(1795573800000000) /* date -d 2026-11-25T02:30:00Z +%s */

static struct database database;
static char dir[] = "/tmp/tallygate-night-day-XXXXXX";

static void
open_house(void)
{
    cr_assert_not_null(mkdtemp(dir));
    database_open(&database);
    clock_fake_set_wall((struct wall_time){ .us = NOW_US });
}

static void
close_house(void)
{
    database_close(&database);
    cr_expect_eq(folder_drop(dir), 0);
}

TestSuite(night_day, .init = open_house, .fini = close_house);

/* The night's loop turns before each step of a day: that is when time is lost here. */
static void
be_slow(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    event_active(*(struct event **)context, EV_TIMEOUT, 0);
    cr_assert_eq(event_base_loopbreak(night_line.base), 0);
    clock_fake_advance_ms(PROGRESS_LINE_MS);
}

/* Ten seconds are lost before each of four steps - the bill, which this day has none of, the books, the matching, the keeping - and told
 * at the next look: the second time, that is behind the first of four lists of the books. */
Test(night_day, long_work_on_a_day_says_in_the_log_how_far_it_is)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    static const char *const want[] = {
        "at=read_books done=0 of=0 took_ms=0 left_ms=-1",
        "at=read_books done=1 of=4 took_ms=10000 left_ms=30000",
        "at=save done=0 of=0 took_ms=0 left_ms=-1",
        "at=load_run done=0 of=0 took_ms=0 left_ms=-1",
    };
    struct event *turn = NULL;
    bool worked = false;
    DEFER(buf_fini) struct buf lines = BUF_MAX((size_t)64 * 1024);
    struct night night = night_open(&database, dir);
    database_sql(
        &database,
        "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
        " VALUES ('main', 'trade', '2026-11-23', now(), 'none', '');"
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'stale', '" NOW "', '" NOW "')");
    turn = event_new(night_line.base, -1, 0, be_slow, &turn);
    event_active(turn, EV_TIMEOUT, 0);
    log_sink(night_keep_line, &lines);
    CHECK_OK(night_day(&night, &account, &worked));
    log_sink(NULL, NULL);
    cr_expect(worked);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        CHECK_TEXT(night_told(&lines, "event=day_under_way account=main day=2026-11-23 ", i),
                   want[i]);
    }
    cr_expect(
        span_empty(night_told(&lines, "event=day_under_way", sizeof(want) / sizeof(want[0]))));
    CHECK_TEXT(night_told(&lines, "event=reconciled account=main ", 0),
               "day=2026-11-23 version=1 new=yes bill=none next_day=stands");
    event_free(turn);
    night_close(&night);
}

/* The night takes the day up an hour later each time, and its run is refused. Somebody is told at the fifth time and not again; however often it
 * failed, the day is taken up, for else its account, and those behind it, would not be worked on. */
Test(night_day, a_stale_day_that_fails_again_and_again_is_told_once_and_never_given_up)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    DEFER(buf_fini) struct buf lines = BUF_MAX((size_t)256 * 1024);
    struct night night = night_open(&database, dir);
    bool worked = false;
    database_sql(
        &database,
        "ALTER TABLE tallygate.recon_run ADD CHECK (account <> 'main');"
        "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
        " VALUES ('main', 'trade', '2026-11-23', now(), 'none', '');"
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'stale', '" NOW "', '" NOW "')");
    log_sink(night_keep_line, &lines);
    for (int i = 1; i <= 210; i++) {
        CHECK_OK(night_day(&night, &account, &worked));
        cr_assert(worked, "try %d", i);
        cr_expect_eq(span_empty(night_told(&lines, "event=day_stuck", 0)), i < 5, "try %d", i);
        clock_fake_advance_ms(INT64_C(3600000));
    }
    log_sink(NULL, NULL);
    CHECK_TEXT(night_told(&lines, "event=day_stuck account=main ", 0),
               "day=2026-11-23 err=DB_CONSTRAINT tries=5");
    cr_expect(span_empty(night_told(&lines, "event=day_stuck", 1)));
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day WHERE state = 'stale'"
                                            " AND tries = 210 AND next_at > '" NOW "'"),
                 1);
    night_close(&night);
}

/* The folder of the reports is no folder, as when its disk is full: the day stands, and nothing of it is printed. */
Test(night_day, what_could_not_be_printed_is_printed_later_and_once)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    static const char kept[] = "SELECT count(*) FROM recon_report";
    char reports[128];
    char sheet[192];
    bool worked = false;
    DEFER(buf_fini) struct buf lines = BUF_MAX((size_t)64 * 1024);
    struct night night = night_open(&database, dir);
    (void)snprintf(reports, sizeof(reports), "%s/reports", dir);
    (void)snprintf(sheet, sizeof(sheet), "%s/main/2026-11-23/v1/sheet.txt", reports);
    FILE *in_the_way = fopen(reports, "w");
    cr_assert_not_null(in_the_way);
    (void)fclose(in_the_way);
    database_sql(
        &database,
        "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
        " VALUES ('main', 'trade', '2026-11-23', now(), 'none', '');"
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'stale', '" NOW "', '" NOW "')");
    log_sink(night_keep_line, &lines);
    CHECK_OK(night_day(&night, &account, &worked));
    cr_expect(worked);
    CHECK_TEXT(night_told(&lines, "event=report_failed account=main ", 0),
               "day=2026-11-23 version=1 err=FILE_WRITE");
    CHECK_OK(night_print_missing(&night, &account));
    cr_expect_neq(night_told(&lines, "event=report_failed account=main ", 1).len, 0, "still not");
    cr_expect_eq(database_number(&database, kept), 0);
    cr_assert_eq(unlink(reports), 0);
    CHECK_OK(night_print_missing(&night, &account));
    log_sink(NULL, NULL);
    cr_expect_eq(access(sheet, R_OK), 0);
    int64_t files = database_number(&database, kept);
    cr_expect_gt(files, 0);
    cr_assert_eq(unlink(sheet), 0);
    CHECK_OK(night_print_missing(&night, &account));
    cr_expect_neq(access(sheet, R_OK), 0, "what is kept is not printed again");
    cr_expect_eq(database_number(&database, kept), files);
    night_close(&night);
}

/* Of a day without a bill or payments the workbooks alone have more than 8192 bytes. */
static int64_t
print_within(const struct report_limits *limits, struct buf *lines)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    bool worked = false;
    struct night night = night_open(&database, dir);
    night.limits = *limits;
    database_sql(
        &database,
        "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
        " VALUES ('main', 'trade', '2026-11-23', now(), 'none', '');"
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'stale', '" NOW "', '" NOW "')");
    log_sink(night_keep_line, lines);
    CHECK_OK(night_day(&night, &account, &worked));
    CHECK_OK(night_print_missing(&night, &account));
    log_sink(NULL, NULL);
    cr_expect(worked);
    night_close(&night);
    return database_number(&database, "SELECT count(*) FROM recon_report_left_out");
}

Test(night_day, a_file_that_is_too_large_is_left_out_and_told_once)
{
    DEFER(buf_fini) struct buf lines = BUF_MAX((size_t)64 * 1024);
    char wanted[64];
    int64_t left_out = print_within(&(struct report_limits){ .file_bytes = 8192 }, &lines);
    cr_expect_geq(left_out, 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_report"), 18 - left_out);
    (void)snprintf(wanted, sizeof(wanted), "day=2026-11-23 version=1 files=%d err=REPORT_SIZE",
                   (int)left_out);
    CHECK_TEXT(night_told(&lines, "event=report_left_out account=main ", 0), wanted);
    cr_expect(span_empty(night_told(&lines, "event=report_left_out account=main ", 1)),
              "tried again");
    cr_expect(span_empty(night_told(&lines, "event=report_failed", 0)));
}

Test(night_day, a_run_that_is_too_large_to_be_loaded_has_no_files_and_is_told_once)
{
    DEFER(buf_fini) struct buf lines = BUF_MAX((size_t)64 * 1024);
    cr_expect_eq(print_within(&(struct report_limits){ .arena_bytes = 1 }, &lines), 18);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_report"), 0);
    CHECK_TEXT(night_told(&lines, "event=report_left_out account=main ", 0),
               "day=2026-11-23 version=1 files=18 err=REPORT_SIZE");
    cr_expect(span_empty(night_told(&lines, "event=report_left_out account=main ", 1)),
              "tried again");
}
