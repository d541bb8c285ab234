/* SPDX-License-Identifier: Apache-2.0 */
/* What a bill has just before midnight and our books just after: the line is carried to the day of the booking, and only what our books
 * still lack there is a difference. The bill of a day is read on the next morning, when the books of its first minutes are known. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bill_heads.h"
#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "folder.h"
#include "recon_rows.h"
#include "run.h"

#define PAYMENT "2611100070000000012"
#define ATTEMPT PAYMENT "01"
#define REFUND  ATTEMPT "R01"

static struct database database;
static char dir[] = "/tmp/recon_early_XXXXXX";

static void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void
sql(const char *format, ...)
{
    char text[2048];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    cr_assert(length > 0 && (size_t)length < sizeof(text));
    database_sql(&database, text);
}

/* Five seconds after midnight, by what the provider said of the payment. */
static void
book(void)
{
    sql("UPDATE tallygate.attempt SET state = 'paid', paid_at = '2026-11-10T16:00:05Z', bill_day = '2026-11-11'");
}

/* The provider says that the 11th had no trade. */
static void
open_house(void)
{
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    sql("UPDATE tallygate.attempt SET provider = 'wechatpay', method = 'qr', provider_trade_no = 'T1',"
        " created_at = '2026-11-10T15:58:00Z'");
    sql("UPDATE tallygate.ca_order SET status = 'paid', created_at = '2026-11-10T15:50:00Z'");
    sql("INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
        " VALUES ('main', 'trade', '2026-11-11', now(), 'none', '')");
}

static void
close_house(void)
{
    folder_drop(dir);
    database_close(&database);
}

TestSuite(recon_early, .init = open_house, .fini = close_house);

/* The bill of a day: the payment, and one yuan given back a second later, if that is to be. */
static void
store_bill_of(int mday, const char *at, const char *yuan, bool with_refund)
{
    char name[BILL_STORE_NAME_BYTES];
    bool known = false;
    DEFER(buf_fini) struct buf bill = BUF_MAX(65536);
    CHECK_OK(buf_text(&bill, TRADE_HEAD));
    CHECK_OK(buf_printf(
        &bill,
        "`2026-11-%d %s,`wx1,`19000001,`0,`,`T1,`" ATTEMPT
        ",`o,`NATIVE,`SUCCESS,`OTHERS,`CNY,`%s,`0.00,`0,`0,`0.00,`0.00,`,`,`x,`,`3.36000,`0.60%%,`%s,`0.00,`\r\n",
        mday, at, yuan, yuan));
    if (with_refund) {
        CHECK_OK(buf_text(
            &bill, "`2026-11-10 23:59:59,`wx1,`19000001,`0,`,`T1,`" ATTEMPT
                   ",`o,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5000001,`" REFUND
                   ",`1.00,`0.00,`ORIGINAL,`PROCESSING,`x,`,`-0.01000,`0.60%,`0.00,`1.00,`\r\n"));
    }
    const char *back = with_refund ? "1.00" : "0.00";
    CHECK_OK(buf_printf(&bill, TRADE_SUMS "`%d,`%s,`%s,`0.00,`%s,`%s,`%s\r\n", with_refund ? 2 : 1,
                        yuan, back, with_refund ? "3.35000" : "3.36000", yuan, back));
    CHECK_OK(bill_store_put(dir, buf_span(&bill), name, &known));
    sql("INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2026-11-%d', '%s', %zu, 'download', now())",
        mday, name, bill.len);
}

/* That of the 10th has it two seconds before midnight. */
static void
store_bill(const char *yuan, bool with_refund)
{
    store_bill_of(10, "23:59:58", yuan, with_refund);
}

static struct recon_outcome
run_of(int mday)
{
    static const struct adapter_account account = {
        .name = "main", .application = "wx1", .merchant = "19000001", .fee_rate_ppm = 6000
    };
    struct adapter_account here = account;
    here.adapter = adapter_find(SPAN_LIT("wechatpay"));
    const struct recon_request request = {
        .account = &here,
        .kind = SPAN_LIT("trade"),
        .day = { 2026, 11, mday },
        .as_of = { INT64_C(1794360600000000) }, /* 2026-11-11T09:30:00+08:00 */
        .archive_dir = dir,
        .program = "test",
    };
    struct recon_outcome outcome = { .version = 0 };
    CHECK_OK(recon_run(database.session, &request, &outcome));
    cr_assert_not(outcome.blocked, "%s", outcome.bill.faults[0].detail);
    return outcome;
}

/* How many results of the day that counts have that class and delta. */
static int64_t
results(int mday, const char *code, int64_t delta_fen)
{
    char text[512];
    (void)snprintf(
        text, sizeof(text),
        "SELECT count(*) FROM tallygate.recon_current c JOIN tallygate.recon_result r USING (run_id)"
        " WHERE c.bill_day = '2026-11-%d' AND r.primary_code = '%s' AND r.delta_fen = %lld",
        mday, code, (long long)delta_fen);
    return database_number(&database, text);
}

static int64_t
open_money(void)
{
    return database_number(&database,
                           "SELECT count(*) FROM tallygate.difference WHERE family = 'money'"
                           " AND state NOT IN ('superseded', 'auto_closed')");
}

Test(recon_early, a_line_ahead_of_our_books_is_carried_to_the_day_of_its_booking)
{
    book();
    sql("INSERT INTO tallygate.refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, total_fen, cause,"
        " reason, state, requested_by, approved_by, send_count, first_sent_at, created_at, decided_at, taken_at, bill_day)"
        " VALUES (7, '" REFUND "', '" PAYMENT "', '" ATTEMPT
        "', 'portal', 100, 'CNY', 56000, 'asked', 'r', 'accepted', 'a',"
        " 'b', 1, '2026-11-10 15:59:30Z', now(), now(), '2026-11-10 16:00:07Z', '2026-11-11')");
    store_bill("560.00", true);
    cr_expect_eq(run_of(10).version, 1);
    cr_expect_eq(results(10, "DAY_EARLY_BILL", 56000), 1);
    cr_expect_eq(results(10, "DAY_EARLY_BILL", -100), 1);
    cr_expect_eq(run_of(11).version, 1);
    cr_expect_eq(results(11, "PAY_OK", 0), 1);
    cr_expect_eq(results(11, "REF_IN_PROGRESS", 0), 1, "what the bill says of it comes with it");
    cr_expect_eq(database_number(
                     &database, "SELECT count(*) FROM tallygate.recon_run WHERE early_out_count = 2"
                                " AND early_out_fen = 55900 AND bill_only_count = 0"),
                 1);
    cr_expect_eq(
        database_number(&database,
                        "SELECT count(*) FROM tallygate.recon_run WHERE early_in_count = 2"
                        " AND early_in_fen = 55900 AND matched_fen = 55900 AND parsed_count = 0"),
        1);
    cr_expect_eq(open_money(), 0, "neither day asks anybody anything");
    recon_rows_check_days(&database);
    struct recon_outcome again = run_of(10);
    cr_expect(again.unchanged);
    cr_expect_not(again.next_is_stale);
    cr_expect(run_of(11).unchanged);
}

/* Nobody knew of the payment in either night; the answer names a moment of the 11th. */
Test(recon_early, what_the_books_learn_afterwards_is_carried_when_the_day_is_made_again)
{
    store_bill("560.00", false);
    (void)run_of(10);
    (void)run_of(11);
    cr_expect_eq(results(10, "ST_LATE_ORDER_AHEAD", 56000), 1);
    cr_expect_eq(open_money(), 1);
    book();
    struct recon_outcome outcome = run_of(10);
    cr_expect_eq(outcome.version, 2);
    cr_expect(outcome.next_is_stale, "the 11th took nothing in");
    cr_expect_eq(results(10, "DAY_EARLY_BILL", 56000), 1);
    cr_expect_eq(run_of(11).version, 2);
    cr_expect_eq(results(11, "PAY_OK", 0), 1);
    cr_expect_eq(open_money(), 0);
    recon_rows_check_days(&database);
}

/* The first run of the 11th may come after the books were put back to before the payment. */
Test(recon_early, what_the_books_still_lack_is_long_and_belongs_to_the_day_of_its_bill)
{
    book();
    store_bill("560.00", false);
    (void)run_of(10);
    cr_expect_eq(open_money(), 0);
    sql("UPDATE tallygate.attempt SET state = 'pending', paid_at = NULL, bill_day = NULL");
    (void)run_of(11);
    cr_expect_eq(results(11, "ST_LATE_ORDER_AHEAD", 56000), 1);
    cr_expect_eq(
        database_number(
            &database,
            "SELECT count(*) FROM tallygate.difference WHERE family = 'money' AND side = 'payment'"
            " AND attempt_no = '" ATTEMPT "' AND delta_fen = 56000"
            " AND bill_day = '2026-11-11' AND original_day = '2026-11-10'"),
        1);
    cr_expect_eq(
        database_number(
            &database,
            "SELECT count(*) FROM tallygate.recon_result WHERE carry_out AND early_no IS NOT NULL"),
        0);
}

Test(recon_early, a_line_that_is_another_one_on_the_bill_issued_again_makes_the_next_day_stale)
{
    book();
    store_bill("560.00", false);
    (void)run_of(10);
    (void)run_of(11);
    store_bill("560.01", false);
    cr_expect(run_of(10).next_is_stale);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM tallygate.recon_day WHERE state = 'stale'"
                                 " AND bill_day = '2026-11-11'"),
                 1);
    (void)run_of(11);
    cr_expect_eq(results(11, "AMT_BILL_MORE", 1), 1);
    recon_rows_check_days(&database);
}

/* The other way round: our books have it before midnight, the bill after. What the next bill has is the next day's to say, however often
 * and however late the day is made again. */
Test(recon_early, a_booking_that_the_next_bill_has_stays_carried_when_its_day_is_made_again)
{
    sql("UPDATE tallygate.attempt SET state = 'paid', paid_at = '2026-11-10T15:59:58Z', bill_day = '2026-11-10'");
    sql("UPDATE tallygate.bill_fetch SET bill_day = '2026-11-10'");
    (void)run_of(10);
    cr_expect_eq(results(10, "DAY_IN_TRANSIT", -56000), 1);
    store_bill_of(11, "00:00:03", "560.00", false);
    (void)run_of(11);
    cr_expect_eq(results(11, "PAY_OK", 0), 1);
    struct recon_outcome again = run_of(10);
    cr_expect(again.unchanged);
    cr_expect_not(again.next_is_stale);
    cr_expect_eq(open_money(), 0);
    recon_rows_check_days(&database);
}

static void
sign(int mday)
{
    sql("SET search_path = tallygate;"
        "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', sha256('x'), 'finance', now()"
        " FROM recon_current WHERE bill_day = '2026-11-%d';"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, 1, run_id, 'finance', 'signed', 'checker', now() FROM recon_current"
        " WHERE bill_day = '2026-11-%d'",
        mday, mday);
}

/* Somebody signed the 11th before the 10th was made: the line that it will never take in is told on the 10th. */
Test(recon_early, what_is_carried_to_a_day_that_was_signed_first_is_a_difference)
{
    (void)run_of(11);
    sign(11);
    book();
    store_bill("560.00", false);
    (void)run_of(10);
    cr_expect_eq(results(10, "DAY_EARLY_BILL", 56000), 1);
    cr_expect_eq(
        database_number(
            &database,
            "SELECT count(*) FROM tallygate.difference WHERE family = 'money' AND severity = 2"
            " AND 'DAY_CLOSED' = ANY (codes) AND bill_day = '2026-11-10'"),
        1);
}
