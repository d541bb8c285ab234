/* SPDX-License-Identifier: Apache-2.0 */
/* The bill of the account's movements in the night's calendar: when it is waited for, that a day which was made without it is made again by
 * itself, and when it is asked for no more. The provider is played here, behind the link and the download. */
#include <stdlib.h>

#include "acquire_line.h"
#include "bill_store.h"
#include "clock_fake.h"
#include "flow_bills.h"
#include "folder.h"
#include "log.h"
#include "night_house.h"
#include "recon.h"
#include "run.h"

#define HOUR INT64_C(3600000)
#define MIN  INT64_C(60000)

/* What the provider says of the bill of the account's movements. */
enum provider_says { SAYS_NOT_READY, SAYS_NONE, SAYS_HERE };

static struct database database;
static char dir[] = "/tmp/tallygate-night-balance-XXXXXX";
static struct night night;
static struct buf lines = BUF_MAX((size_t)1024 * 1024);
static enum provider_says balance_is;
static bool trades_are_none; /* the bill of trades has no line */
static int asked;            /* for the bill of the account's movements */
static int opening_fen;
static struct adapter_account account = { .name = "main",
                                          .application = "wx1",
                                          .merchant = "19000001",
                                          .gateway_url = "https://api.mch.weixin.qq.com",
                                          .bill_hosts = "",
                                          .fee_rate_ppm = 6000 };

enum err __wrap_acquire_line_ask(struct provider_line *line, const struct acquire_target *target,
                                 struct acquire_link *out);
enum err __wrap_acquire_line_download(struct provider_line *line,
                                      const struct acquire_target *target,
                                      const struct acquire_link *link, struct buf *out);

enum err
__wrap_acquire_line_ask(struct provider_line *line, const struct acquire_target *target,
                        struct acquire_link *out)
{
    (void)line;
    *out = (struct acquire_link){ .url = "https://api.mch.weixin.qq.com/v3/billdownload/file" };
    if (!target->bill->of_balance) {
        return ERR_OK;
    }
    asked++;
    out->none = balance_is == SAYS_NONE;
    return balance_is == SAYS_HERE   ? ERR_OK
           : balance_is == SAYS_NONE ? ERR_BILL_NONE
                                     : ERR_BILL_NOT_READY;
}

enum err
__wrap_acquire_line_download(struct provider_line *line, const struct acquire_target *target,
                             const struct acquire_link *link, struct buf *out)
{
    char text[FLOW_BILLS_BYTES] =
        TRADE_HEAD TRADE_SUMS "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00\r\n";
    (void)line;
    (void)link;
    if (target->bill->of_balance) {
        flow_bills_flow(target->day.mday, opening_fen, 0, text);
    } else if (!trades_are_none) {
        flow_bills_trade(target->day.mday, text);
    }
    return buf_text(out, text);
}

static void
set_clock(const char *at)
{
    struct wall_time now = { 0 };
    CHECK_OK(wall_parse(span_of(at), &now));
    clock_fake_set_wall(now);
}

/* It is ten in the morning of the 24th, and the 23rd is due. */
static void
open_house_with(const char *more)
{
    char settings[512];
    cr_assert_not_null(mkdtemp(dir));
    database_open(&database);
    set_clock("2026-11-24T10:00:00+08:00");
    account.adapter = adapter_find(SPAN_LIT("wechatpay"));
    (void)snprintf(
        settings, sizeof(settings),
        "[account main]\nprovider = wechatpay\ngateway_url = https://a.cn\nca_file = ca\n"
        "application = wx1\nmerchant = 19000001\nprivate_key = key\n%s",
        more);
    night = night_open_with(&database, dir, settings);
    database_sql(
        &database,
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'waiting', '2026-11-24T02:00:00Z', now())");
    balance_is = SAYS_NOT_READY;
    opening_fen = 10000;
    log_sink(night_keep_line, &lines);
}

static void
open_house(void)
{
    open_house_with("");
}

static void
close_house(void)
{
    log_sink(NULL, NULL);
    night_close(&night);
    database_close(&database);
    cr_expect_eq(folder_drop(dir), 0);
    buf_fini(&lines);
}

TestSuite(night_balance, .fini = close_house);

static int64_t
number(const char *sql)
{
    return database_number(&database, sql);
}

static bool
work(void)
{
    bool worked = false;
    CHECK_OK(night_day(&night, &account, &worked));
    return worked;
}

/* In how many lines an event is told. */
static int
told(const char *event)
{
    int times = 0;
    while (!span_empty(night_told(&lines, event, (size_t)times))) {
        times++;
    }
    return times;
}

/* The 23rd stands so, is taken up then (in UTC), and was told late or not. */
static bool
stands(const char *state, const char *next_at, bool late)
{
    char sql[256];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM recon_day WHERE bill_day = '2026-11-23' AND state = '%s' AND next_at IS NOT DISTINCT FROM"
        " nullif('%s', '')::timestamptz AND (late_at IS NOT NULL) = %s",
        state, next_at, late ? "true" : "false");
    return number(sql) == 1;
}

/* Its run: its version, and whether it has the account's own bill. */
static bool
counts(int version, bool with_balance)
{
    char sql[256];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM recon_current c JOIN recon_run r USING (run_id) WHERE c.bill_day = '2026-11-23'"
        " AND r.version = %d AND EXISTS (SELECT 1 FROM recon_flow f WHERE f.run_id = c.run_id) = %s",
        version, with_balance ? "true" : "false");
    return number(sql) == 1;
}

/* At four in the afternoon the 23rd is made without the bill. */
static void
make_without(void)
{
    set_clock("2026-11-24T16:00:00+08:00");
    cr_assert(work());
    cr_assert(counts(1, false));
    cr_assert(stands("done", "2026-11-24T08:05:00Z", false));
}

Test(night_balance, a_day_that_was_made_without_the_bill_is_made_again_by_itself_when_it_comes,
     .init = open_house)
{
    cr_expect(work());
    cr_expect(stands("waiting", "2026-11-24T02:05:00Z", false), "both bills are waited for");
    make_without();
    cr_expect_not(work(), "not before it is due");
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    cr_expect(stands("done", "2026-11-24T09:05:00Z", true), "every hour from then on");
    clock_fake_advance_ms(HOUR);
    cr_expect(work());
    cr_expect_eq(told("event=balance_missed account=main day=2026-11-23 "), 1, "once");
    cr_expect_eq(told("event=day_late"), 0);
    clock_fake_advance_ms(HOUR);
    balance_is = SAYS_HERE;
    cr_expect(work());
    cr_expect(counts(2, true));
    cr_expect(stands("done", "", false));
    cr_expect_eq(number("SELECT count(*) FROM recon_day WHERE lacks_kind IS NULL"), 1);
    cr_expect_eq(number("SELECT closing_fen FROM recon_flow"), 22723); /* 100.00 + 128.00 - 0.77 */
    cr_expect_eq(
        number("SELECT count(*) FROM bill_fetch WHERE kind = 'fundflow' AND outcome = 'not_ready'"),
        4, "every attempt is recorded");
    cr_expect_eq(
        number("SELECT count(*) FROM bill_fetch WHERE kind = 'fundflow' AND outcome = 'stored'"),
        1);
    cr_expect_eq(asked, 5);
    clock_fake_advance_ms(48 * HOUR);
    cr_expect_not(work());
}

/* Late it was for its bill of trades; then for the other; and then it is made again for another reason. */
Test(night_balance, it_is_told_of_each_bill_once, .init = open_house)
{
    database_sql(&database, "UPDATE tallygate.recon_day SET late_at = '2026-11-24T07:59:00Z'");
    make_without();
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    cr_expect_eq(told("event=balance_missed"), 1);
    database_sql(&database, "UPDATE tallygate.recon_day SET state = 'stale', tries = 0");
    clock_fake_advance_ms(HOUR);
    cr_expect(work());
    cr_expect(stands("done", "2026-11-24T09:10:00Z", true));
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    cr_expect_eq(told("event=balance_missed"), 1);
    cr_expect_eq(told("event=day_late"), 0);
}

static void
open_with_hours(void)
{
    open_house_with("balance_ready_hour = 12\nbalance_give_up_hour = 20\n");
}

/* The hours of the bill of trades are ten and four. */
Test(night_balance, the_bill_has_hours_of_its_own, .init = open_with_hours)
{
    cr_expect(work());
    cr_expect_eq(asked, 0);
    cr_expect(stands("waiting", "2026-11-24T04:00:00Z", false));
    set_clock("2026-11-24T12:00:00+08:00");
    cr_expect(work());
    cr_expect_eq(asked, 1);
    set_clock("2026-11-24T19:59:59+08:00");
    cr_expect(work());
    cr_expect_eq(asked, 2);
    cr_expect_eq(number("SELECT count(*) FROM recon_run"), 0);
    cr_expect_eq(
        number("SELECT count(*) FROM recon_day WHERE state = 'waiting' AND late_at IS NULL"), 1);
    clock_fake_advance_ms(30 * MIN);
    cr_expect(work());
    cr_expect(counts(1, false));
    cr_expect_eq(told("event=day_late"), 0, "its bill of trades is there");
}

/* From a quarter past four each hour, two hundred times in all, and then each day up to the ninetieth after it. */
Test(night_balance, it_is_asked_for_as_long_as_the_provider_may_have_it, .init = open_house)
{
    make_without();
    clock_fake_advance_ms(5 * MIN);
    for (int i = 1; i < 200; i++) {
        cr_assert(work(), "try %d", i);
        cr_assert_not(work());
        clock_fake_advance_ms(HOUR);
    }
    cr_assert(work());
    cr_assert(stands("done", "2026-12-03T15:05:00Z",
                     true)); /* date -d '2026-11-24T08:05Z 199 hours 1 day' */
    for (int i = 0; i < 81; i++) {
        clock_fake_advance_ms(24 * HOUR);
        cr_assert(work(), "day %d", i);
        cr_assert_eq(told("event=balance_gave_up"), i == 80, "day %d", i);
    }
    cr_expect_eq(number("SELECT count(*) FROM recon_day WHERE state = 'done' AND next_at IS NULL"
                        " AND lacks_kind = 'fundflow'"),
                 1);
    cr_expect_eq(number("SELECT max(at)::date - '2026-11-23'::date FROM bill_fetch"), 90);
    cr_expect_eq(told("event=balance_missed"), 1);
    clock_fake_advance_ms(1000 * HOUR);
    cr_expect_not(work());
}

/* It stands in the calendar as before, late or not. */
Test(night_balance, a_day_that_was_never_made_is_not_told_as_one_that_lacks_the_bill,
     .init = open_house)
{
    database_sql(&database, "UPDATE tallygate.recon_day SET tries = 199");
    cr_expect(work());
    cr_expect(stands("waiting", "", false));
    cr_expect_eq(told("event=balance_gave_up"), 0);
}

static void
sign(void)
{
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', sha256('x'), 'finance', now() FROM recon_current;"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, 1, run_id, 'finance', 'signed', 'checker', now() FROM recon_current");
}

/* As a bill that is issued again for a signed day: kept, told, and told once more by the first open day. */
Test(night_balance, the_bill_of_a_signed_day_is_kept_and_told_and_changes_nothing,
     .init = open_house)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    make_without();
    sign();
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    clock_fake_advance_ms(HOUR);
    balance_is = SAYS_HERE;
    cr_expect(work());
    cr_expect(counts(1, false));
    cr_expect(stands("done", "", true));
    cr_expect_eq(told("event=day_closed account=main "), 1);
    db_params_init(&params, database.arena);
    CHECK_OK(db_session_run(database.session, STATEMENT_doctor_reissued, &params, &rows));
    cr_expect_eq(db_row_i64(rows, 0, "bills"), 1);
    clock_fake_advance_ms(48 * HOUR);
    cr_expect_not(work());
    opening_fen = 22723;
    database_sql(
        &database,
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-24', 'waiting', '2026-11-25T02:00:00Z', now())");
    cr_expect(work());
    cr_expect_eq(
        number(
            "SELECT count(*) FROM recon_run r JOIN bill_file f ON f.kind = 'fundflow' AND f.bill_day = '2026-11-23'"
            " WHERE r.bill_day = '2026-11-24' AND r.late_bills = ARRAY['2026-11-23 ' || f.sha256]"),
        1);
}

/* A node takes the day up; its process ends at either side of the statement that says that the bill is here. */
Test(night_balance, a_process_that_is_killed_leaves_the_day_to_the_next, .init = open_house)
{
    make_without();
    clock_fake_advance_ms(5 * MIN);
    database_sql(
        &database,
        "UPDATE tallygate.recon_day SET lease_no = 9, tries = 1, lease_until = '2026-11-24T08:10:00Z'");
    balance_is = SAYS_HERE;
    cr_expect_not(work(), "it is somebody's");
    clock_fake_advance_ms(5 * MIN);
    int before = asked;
    cr_expect(work());
    cr_expect_eq(asked, before + 1);
    cr_expect(counts(2, true));
    database_sql(&database,
                 "UPDATE tallygate.recon_day SET state = 'stale', lease_no = 11, tries = 1,"
                 " next_at = '2026-11-24T08:10:00Z', lease_until = '2026-11-24T08:15:00Z'");
    cr_expect_not(work());
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    cr_expect_eq(asked, before + 1, "it is in the archive");
    cr_expect(stands("done", "", false));
    cr_expect_eq(number("SELECT count(*) FROM recon_run"), 2);
    cr_expect_not(work());
}

/* tallygate bills fetch and tallygate reconcile. */
static void
by_hand(void)
{
    char name[BILL_STORE_NAME_BYTES];
    char text[FLOW_BILLS_BYTES];
    char sql[512];
    bool known = false;
    struct recon_outcome outcome = { .version = 0 };
    const struct recon_request request = { .account = &account,
                                           .kind = SPAN_LIT("trade"),
                                           .day = { 2026, 11, 23 },
                                           .as_of = clock_wall(),
                                           .archive_dir = dir,
                                           .program = "test" };
    flow_bills_flow(23, opening_fen, 0, text);
    CHECK_OK(bill_store_put(dir, span_of(text), name, &known));
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'fundflow', '2026-11-23', '%s', %zu, 'download', now())",
        name, strlen(text));
    database_sql(&database, sql);
    CHECK_OK(recon_run(database.session, &request, &outcome));
}

Test(night_balance, an_operator_who_fetches_it_and_reconciles_ends_the_waiting, .init = open_house)
{
    make_without();
    by_hand();
    cr_expect(counts(2, true));
    cr_expect(stands("done", "", false));
    clock_fake_advance_ms(48 * HOUR);
    int before = asked;
    cr_expect_not(work());
    cr_expect_eq(asked, before);
    cr_expect_eq(told("event=balance_missed"), 0);
}

/* Alipay says before and behind the hour that there is none, and has one perhaps. */
Test(night_balance, none_is_not_believed_of_a_day_with_trades, .init = open_house)
{
    balance_is = SAYS_NONE;
    cr_expect(work());
    cr_expect(counts(1, false));
    cr_expect(stands("done", "2026-11-24T02:05:00Z", false));
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    cr_expect(stands("done", "2026-11-24T02:10:00Z", false), "the usual steps before its hour");
    set_clock("2026-11-24T16:00:00+08:00");
    cr_expect(work());
    cr_expect_eq(told("event=balance_missed"), 1);
    balance_is = SAYS_HERE;
    clock_fake_advance_ms(HOUR);
    cr_expect(work());
    cr_expect(counts(2, true));
}

Test(night_balance, none_ends_the_waiting_of_a_day_without_trades, .init = open_house)
{
    trades_are_none = true;
    make_without();
    balance_is = SAYS_NONE;
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    cr_expect(counts(1, false), "its inputs are the same");
    cr_expect(stands("done", "", false));
    clock_fake_advance_ms(48 * HOUR);
    cr_expect_not(work());
}

/* How the calendar stands, for the metric and the doctor. */
Test(night_balance, days_that_wait_for_it_are_counted_apart, .init = open_house)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    DEFER(db_rows_free) struct db_rows *after = NULL;
    struct db_params params;
    make_without();
    clock_fake_advance_ms(5 * MIN);
    cr_expect(work());
    db_params_init(&params, database.arena);
    CHECK_OK(db_session_run(night.session, STATEMENT_recon_day_count, &params, &rows));
    cr_expect_eq(db_row_i64(rows, 0, "lacking"), 1);
    cr_expect_eq(db_row_i64(rows, 0, "late"), 0);
    cr_expect(db_row_null(rows, 0, "oldest"));
    CHECK_TEXT(db_row_text(rows, 0, "oldest_lacking"), "2026-11-23");
    balance_is = SAYS_HERE;
    clock_fake_advance_ms(HOUR);
    cr_expect(work());
    db_params_init(&params, database.arena);
    CHECK_OK(db_session_run(night.session, STATEMENT_recon_day_count, &params, &after));
    cr_expect_eq(db_row_i64(after, 0, "lacking"), 0);
}
