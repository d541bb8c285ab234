/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of two days with the account's own bill beside the bill of trades, from files to rows and sheet. The bills are
 * written by hand (flow_bills.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bill_store.h"
#include "check.h"
#include "clock_fake.h"
#include "database.h"
#include "deposit_file.h"
#include "difference_trail.h"
#include "flow_bills.h"
#include "folder.h"
#include "progress.h"
#include "report.h"
#include "run.h"

static struct database database;
static char dir[] = "/tmp/recon_flow_XXXXXX";

static void
open_house(void)
{
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
}

static void
close_house(void)
{
    database_close(&database);
    cr_expect_eq(folder_drop(dir), 0);
}

TestSuite(recon_flow, .init = open_house, .fini = close_house);

static void
store(const char *kind, int mday, const char *text)
{
    char name[BILL_STORE_NAME_BYTES];
    char sql[512];
    bool known = false;
    CHECK_OK(bill_store_put(dir, span_of(text), name, &known));
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin,"
        " stored_at) VALUES ('main', '%s', '2026-11-%d', '%s', %zu, 'download', now())",
        kind, mday, name, strlen(text));
    database_sql(&database, sql);
}

static void
store_trade(int mday)
{
    char text[FLOW_BILLS_BYTES];
    flow_bills_trade(mday, text);
    store("trade", mday, text);
}

static void
store_flow_fen(int mday, int opening_fen, int out)
{
    char text[FLOW_BILLS_BYTES];
    flow_bills_flow(mday, opening_fen, out, text);
    store("fundflow", mday, text);
}

static void
store_flow(int mday, int opening, int out)
{
    store_flow_fen(mday, opening * 100, out);
}

/* What happens before a step of the next run; NULL: nothing. */
static enum err (*step)(void *context, enum recon_step step);
static int saves;
static struct progress *watcher;

static enum err
run_told(int mday, struct recon_outcome *outcome)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("wechatpay")),
                                             .application = "wx1",
                                             .merchant = "19000001",
                                             .fee_rate_ppm = 6000 };
    const struct recon_request request = {
        .account = &account,
        .kind = SPAN_LIT("trade"),
        .day = { 2026, 11, mday },
        .as_of = { .us = INT64_C(1795573800000000) },
        .archive_dir = dir,
        .program = "test",
        .step = step,
        .progress = watcher,
    };
    *outcome = (struct recon_outcome){ .version = 0 };
    return recon_run(database.session, &request, outcome);
}

static void
run(int mday, struct recon_outcome *outcome)
{
    CHECK_OK(run_told(mday, outcome));
}

static int64_t
number(const char *sql)
{
    return database_number(&database, sql);
}

Test(recon_flow, a_day_with_both_bills_has_a_proved_sheet)
{
    struct recon_outcome outcome;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf sheet = BUF_MAX(65536);
    struct report report = { .version = 0 };
    const struct day day = { 2026, 11, 23 };
    store_trade(23);
    store_flow(23, 100, 200);
    run(23, &outcome);
    cr_assert_not(outcome.blocked);
    cr_expect(outcome.has_flow);
    cr_expect_eq(number("SELECT opening_fen FROM recon_flow"), 10000);
    cr_expect_eq(number("SELECT closing_fen FROM recon_flow"), 2723);
    cr_expect_eq(number("SELECT count(*) FROM recon_flow WHERE opening_proved"), 0);
    cr_expect_eq(number("SELECT count(*) FROM flow_line"), 3);
    cr_expect_eq(number("SELECT trade_line_no FROM flow_line WHERE kind = 'pay' AND code IS NULL"),
                 2);
    cr_expect_eq(number("SELECT count(*) FROM flow_line WHERE kind = 'fee' AND code = 'FLOW_FEE'"),
                 1);
    cr_expect_eq(number("SELECT flow_fen FROM recon_result WHERE primary_code = 'FLOW_WITHDRAW'"),
                 -20000);
    cr_expect_eq(number("SELECT fee_due_fen FROM recon_result WHERE line_no IS NOT NULL"),
                 -77); /* 128.00 x 0.60 % = 0.768 */
    cr_expect_eq(number("SELECT count(*) FROM recon_result"), 2);
    CHECK_OK(arena_new((size_t)1024 * 1024, &arena));
    CHECK_OK(report_load(database.session, SPAN_LIT("main"), day, 0, arena, &report));
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &sheet));
    struct span text = buf_span(&sheet);
    cr_expect_lt(span_find(text, SPAN_LIT("N1 + N2 + N3 = N4")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("the opening balance is not proved")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("FLOW_WITHDRAW")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("UNEXPLAINED 0.00")), text.len);
}

/* opening(N + 1) = closing(N). */
Test(recon_flow, a_day_opens_with_what_the_day_before_closed_with)
{
    struct recon_outcome outcome;
    store_trade(23);
    store_trade(24);
    store_flow(23, 100, 0); /* closes with 227.23 */
    run(23, &outcome);
    cr_assert_not(outcome.blocked);
    store_flow(24, 227, 0); /* opens with 227.00 */
    run(24, &outcome);
    cr_expect(outcome.blocked);
    cr_expect(outcome.bill.found[FINDING_FLOW_OPEN]);
    cr_expect_eq(number("SELECT count(*) FROM recon_current"), 1);
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE codes = '{FLOW_OPEN}'"), 1);
    database_sql(&database, "UPDATE tallygate.recon_flow SET closing_fen = 22700, other_fen = -23");
    run(24, &outcome);
    cr_expect_not(outcome.blocked);
    cr_expect_eq(number("SELECT count(*) FROM recon_flow WHERE opening_proved"), 1);
}

/* The account's bill of a day comes when the next day is made already, and says that this one opened with another balance. */
Test(recon_flow, a_day_is_made_again_when_the_balance_it_opened_with_is_another)
{
    struct recon_outcome outcome;
    store_trade(23);
    store_trade(24);
    run(23, &outcome);
    store_flow(24, 227, 0); /* opens with 227.00 */
    run(24, &outcome);
    cr_assert_not(outcome.blocked);
    run(23, &outcome);
    cr_expect_not(outcome.next_is_stale, "no balance is known still");
    store_flow(23, 100, 0); /* closes with 227.23 */
    run(23, &outcome);
    cr_expect(outcome.next_is_stale);
    cr_expect_eq(
        number("SELECT count(*) FROM recon_day WHERE bill_day = '2026-11-24' AND state = 'stale'"),
        1);
    run(24, &outcome);
    cr_expect(outcome.bill.found[FINDING_FLOW_OPEN]);
    store_flow_fen(24, 22723, 0);
    run(24, &outcome);
    cr_assert_not(outcome.blocked);
    run(23, &outcome);
    cr_expect_not(outcome.next_is_stale, "they meet");
    store_flow(23, 101, 0); /* issued anew, and closes with 228.23 */
    run(23, &outcome);
    cr_expect(outcome.next_is_stale, "proved by what counts no more");
}

Test(recon_flow, a_day_without_the_accounts_bill_says_so_and_another_version_has_it)
{
    struct recon_outcome outcome;
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(buf_fini) struct buf sheet = BUF_MAX(65536);
    struct report report = { .version = 0 };
    const struct day day = { 2026, 11, 23 };
    store_trade(23);
    run(23, &outcome);
    cr_expect_not(outcome.has_flow);
    cr_expect_eq(number("SELECT count(*) FROM recon_flow"), 0);
    CHECK_OK(arena_new((size_t)1024 * 1024, &arena));
    CHECK_OK(report_load(database.session, SPAN_LIT("main"), day, 0, arena, &report));
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &sheet));
    cr_expect_lt(span_find(buf_span(&sheet), SPAN_LIT("are not proved")), sheet.len);
    run(23, &outcome);
    cr_expect(outcome.unchanged);
    store_flow(23, 100, 0);
    run(23, &outcome);
    cr_expect_not(outcome.unchanged);
    cr_expect_eq(outcome.version, 2);
    run(23, &outcome);
    cr_expect(outcome.unchanged);
    cr_expect_eq(outcome.version, 2);
}

/* A movement that no line explains, and a gap in the balance. */
Test(recon_flow, a_bill_that_cannot_be_believed_blocks_and_one_that_differs_is_shown)
{
    struct recon_outcome outcome;
    store_trade(23);
    store("fundflow", 23,
          FLOW_HEAD
          "`2026-11-23 12:00:00,`T9,`T9,`交易,`交易,`收入,`1.00,`2.00,`system,`,`N9\r\n"
          "`2026-11-23 12:00:00,`T9,`T9,`交易,`交易,`收入,`1.00,`4.00,`system,`,`N9\r\n" FLOW_SUMS
          "`2,`2,`2.00,`0,`0.00\r\n");
    run(23, &outcome);
    cr_expect(outcome.blocked);
    cr_expect(outcome.bill.found[FINDING_FLOW_GAP]);
    cr_expect_eq(number("SELECT count(*) FROM recon_current"), 0);
    store("fundflow", 23,
          FLOW_HEAD
          "`2026-11-23 12:00:00,`T9,`T9,`交易,`交易,`收入,`1.00,`2.00,`system,`,`N9\r\n" FLOW_SUMS
          "`1,`1,`1.00,`0,`0.00\r\n");
    run(23, &outcome);
    cr_expect_not(outcome.blocked);
    cr_expect_eq(number("SELECT flow_fen FROM recon_result WHERE primary_code = 'FLOW_UNKNOWN'"),
                 100);
    cr_expect_eq(number("SELECT count(*) FROM recon_result WHERE primary_code = 'LONG_UNKNOWN' AND"
                        " findings @> '{FLOW_MISSING,FEE_FLOW}'"),
                 1);
    cr_expect_eq(number("SELECT missing_fen FROM recon_flow"), 12800);
}

/* Each lie about one number of an honest row. */
Test(recon_flow, a_row_whose_balance_does_not_run_is_refused)
{
    struct recon_outcome outcome;
    static const char *const lies[] = { "opening_fen = opening_fen + 1",
                                        "closing_fen = 0",
                                        "pay_fen = 1",
                                        "other_fen = 1",
                                        "opening_fen = NULL",
                                        "pay_count = -1" };
    store_trade(23);
    store_flow(23, 100, 0);
    run(23, &outcome);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        char sql[128];
        (void)snprintf(sql, sizeof(sql), "UPDATE tallygate.recon_flow SET %s", lies[i]);
        cr_expect_str_eq(database_refusal(database.superuser, sql), "23514", "%s", lies[i]);
    }
}

static enum err
keep_record(void *context, int64_t number, enum deposit_verdict verdict,
            const struct deposit_entry *entry)
{
    enum deposit_verdict *got = context;
    DEFER(arena_free) struct arena *arena = NULL;
    const struct wall_time now = { .us = INT64_C(1795573800000000) };
    cr_assert(number == 2 && verdict == DEPOSIT_STORED);
    CHECK_OK(arena_new((size_t)64 * 1024, &arena));
    return deposit_file_store(database.session, SPAN_LIT("main"), entry, now, arena, got);
}

static void
keep(const char *line, enum deposit_verdict want)
{
    char text[256];
    int64_t record = 0;
    enum deposit_verdict got = DEPOSIT_VERDICT_COUNT;
    const struct day today = { 2026, 11, 30 };
    (void)snprintf(text, sizeof(text), "%s\n%s\n", DEPOSIT_FILE_HEADER, line);
    CHECK_OK(deposit_file_read(span_of(text), today, keep_record, &got, &record));
    cr_expect_eq(got, want, "%s: %s", line, deposit_verdict_code(got));
}

/* What went to the bank by the account's bill, and the bank's line that names it. */
Test(recon_flow, what_was_paid_out_is_found_at_the_bank)
{
    struct recon_outcome outcome;
    struct deposit_input in;
    struct deposit_output out;
    DEFER(arena_free) struct arena *arena = NULL;
    store_trade(23);
    store_flow(23, 100, 200);
    run(23, &outcome);
    CHECK_OK(arena_new((size_t)1024 * 1024, &arena));
    keep("B1,2026-11-24,199.90,0.10,deposit,W23", DEPOSIT_STORED);
    keep("B1,2026-11-24,199.90,0.10,deposit,W23", DEPOSIT_KNOWN);
    keep("B1,2026-11-24,199.91,0.10,deposit,W23", DEPOSIT_DIFFERS);
    keep("B2,2026-11-25,5.00,,deposit,", DEPOSIT_STORED);
    CHECK_OK(deposit_file_load(database.session, SPAN_LIT("main"), arena, &in));
    cr_assert_eq(in.payout_count, 1);
    cr_assert_eq(in.entry_count, 2);
    CHECK_OK(deposit_match(&in, arena, &out));
    cr_assert_eq(out.count, 2);
    cr_expect_eq(out.results[0].primary, FINDING_DEP_OK);
    cr_expect(out.results[0].fee);
    cr_expect_eq(out.results[0].settled_fen, 20000);
    cr_expect_eq(out.results[1].primary, FINDING_DEP_UNKNOWN);
    cr_expect_eq(out.delta_fen, 500);
    CHECK_OK(deposit_file_load(database.session, SPAN_LIT("other"), arena, &in));
    cr_expect_eq(in.payout_count + in.entry_count, 0);
}

/* One transfer that was recorded for two orders, once more and rejected; and one that nobody recorded. */
Test(recon_flow, what_payers_transferred_is_found_under_its_voucher)
{
    struct deposit_input in;
    struct deposit_output out;
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)1024 * 1024, &arena));
    database_payment(&database, 7, "2603100070000000011", "A-1", 0);
    database_sql(
        &database,
        "INSERT INTO tallygate.manual_payment (slot, owner, order_no, number, direction, amount_fen, received_on, voucher,"
        " attachment_sha256, payer_name, reason, state, recorded_by, recorded_at, decided_by, decided_at)"
        " SELECT 7, 'portal', 'A-1', n, CASE n WHEN 4 THEN 'out' ELSE 'in' END, n * 100, '2026-11-23', 'V' || (n = 2)::int, '',"
        " '乙', 'r', CASE n WHEN 3 THEN 'rejected' ELSE 'recorded' END, 'maker', now(),"
        " CASE n WHEN 3 THEN 'checker' END, CASE n WHEN 3 THEN now() END FROM generate_series(1, 4) n");
    keep("V0,2026-11-24,1.00,,transfer,", DEPOSIT_STORED);
    keep("V1,2026-11-24,2.00,,transfer,", DEPOSIT_STORED);
    keep("V1,2026-11-24,2.00,,deposit,", DEPOSIT_DIFFERS);
    keep("V2,2026-11-24,1.00,,transfer,", DEPOSIT_STORED);
    CHECK_OK(deposit_file_load(database.session, SPAN_LIT("main"), arena, &in));
    CHECK_OK(deposit_match(&in, arena, &out));
    cr_assert_eq(out.count, 3);
    cr_expect_eq(out.results[0].primary, FINDING_MAN_OK);
    cr_expect_eq(out.results[1].primary, FINDING_MAN_OK);
    cr_expect_eq(out.results[2].primary, FINDING_MAN_ORPHAN_DEPOSIT);
    cr_expect_eq(out.delta_fen, 100);
}

/* A person takes the difference, by the service, after the first snapshot of the run and before it writes. */
static enum err
assign_once(void *context, enum recon_step at)
{
    (void)context;
    if (at != RECON_STEP_SAVE || saves++ > 0) {
        return ERR_OK;
    }
    struct db_params params;
    DEFER(db_session_close) struct db_session *app = NULL;
    DEFER(db_rows_free) struct db_rows *found = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    CHECK_OK(db_session_open(database.app, &app));
    db_params_init(&params, database.arena);
    db_cstr(&params, "");
    db_i64(&params, 9);
    CHECK_OK(db_session_run(app, STATEMENT_difference_heads, &params, &found));
    cr_assert_eq(db_rows_count(found), 1);
    db_params_init(&params, database.arena);
    db_text(&params, db_row_text(found, 0, "difference_no"));
    db_cstr(&params, "");
    db_cstr(&params, "assign");
    db_cstr(&params, "finance");
    db_cstr(&params, "{}");
    db_time(&params, clock_wall());
    db_cstr(&params, "finance");
    CHECK_OK(db_session_run(app, STATEMENT_difference_move, &params, &rows));
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), "moved");
    return ERR_OK;
}

static void
no_fault(void *context, enum audit_fault fault, const struct audit_place *place)
{
    (void)context;
    (void)place;
    cr_expect_fail("%d", fault);
}

/* The line of a stranger, whose difference the second run shows with another amount. */
static void
make_a_difference(void)
{
    struct recon_outcome outcome;
    store_trade(23);
    run(23, &outcome);
    cr_assert_eq(number("SELECT count(*) FROM difference WHERE code = 'LONG_UNKNOWN'"), 1);
    database_sql(&database, "UPDATE tallygate.difference SET delta_fen = 1");
    store_flow(23, 100, 0);
}

Test(recon_flow, a_person_and_a_run_change_one_difference_and_both_are_kept)
{
    struct recon_outcome outcome;
    struct difference_trail_counts counts;
    make_a_difference();
    step = assign_once;
    run(23, &outcome);
    cr_expect_eq(saves, 2, "the first try could not be committed");
    cr_expect_eq(outcome.version, 2);
    cr_expect_eq(number("SELECT count(*) FROM recon_run"), 2);
    cr_expect_eq(number("SELECT count(*) FROM difference WHERE state = 'assigned' AND"
                        " assignee = 'finance' AND version = 3 AND delta_fen = 12800"),
                 1);
    cr_expect_eq(number("SELECT count(*) FROM difference_event WHERE (seq, event) IN"
                        " ((1, 'find'), (2, 'assign'), (3, 'change'))"),
                 3);
    CHECK_OK(difference_trail_verify(database.session, NULL, no_fault, NULL, &counts));
    cr_expect_eq(number("SELECT count(*) FROM recon_day WHERE state = 'done'"), 1);
}

/* As the night does it, by another session. */
static enum err
beat(void *context, enum recon_step at)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    (void)context;
    saves += at == RECON_STEP_SAVE;
    DEFER(db_session_close) struct db_session *other = NULL;
    CHECK_OK(db_session_open(database.superuser, &other));
    db_params_init(&params, database.arena);
    db_cstr(&params, "main");
    db_cstr(&params, "trade");
    db_day(&params, (struct day){ 2026, 11, 23 });
    db_i64(&params, 1);
    db_time(&params, wall_add_ms(clock_wall(), 1000));
    CHECK_OK(db_session_run(other, STATEMENT_recon_day_beat, &params, &rows));
    cr_expect_eq(db_rows_count(rows), 1);
    return ERR_OK;
}

Test(recon_flow, the_beat_of_a_run_does_not_stand_in_its_way)
{
    struct recon_outcome outcome;
    make_a_difference();
    database_sql(&database, "UPDATE tallygate.recon_day SET lease_no = 1, lease_until = now()");
    step = beat;
    run(23, &outcome);
    cr_expect_eq(saves, 1);
    cr_expect_eq(outcome.version, 2);
    cr_expect_eq(number("SELECT count(*) FROM recon_day WHERE lease_until IS NULL"), 1);
}

/* Each step is made long by the clock that the test moves. */
static enum err
be_slow(void *context, enum recon_step at)
{
    (void)context;
    (void)at;
    clock_fake_advance_ms(PROGRESS_LINE_MS);
    return ERR_OK;
}

static void
take_word(void *context, const struct progress *progress, struct span text)
{
    struct buf *words = context;
    (void)text;
    CHECK_OK(buf_printf(words, "%s %lld/%lld, ", progress_code(progress), (long long)progress->done,
                        (long long)progress->total));
}

/* What is told is where time was lost, and how far the step was by then: behind the first line of the bill, whose end counts as one; behind
 * the first of eight questions to the books; at the first of all rows that are kept. */
Test(recon_flow, a_long_run_says_how_far_it_is)
{
    struct recon_outcome outcome;
    struct progress progress;
    DEFER(buf_fini) struct buf words = BUF_MAX(4096);
    make_a_difference();
    progress_open(&progress, -1, LANGUAGE_EN, take_word, &words);
    watcher = &progress;
    step = be_slow;
    run(23, &outcome);
    cr_expect_eq(outcome.version, 2);
    watcher = NULL;
    char want[256];
    (void)snprintf(
        want, sizeof(want), "read_bill %zu/%lld, read_books 1/4, save 0/0, save 1/%lld, ",
        strlen(TRADE_HEAD) - 1,
        (long long)number("SELECT bytes FROM bill_file WHERE kind = 'trade'"),
        (long long)number(
            "SELECT (SELECT count(*) FROM bill_line JOIN recon_current USING (run_id))"
            " + (SELECT count(*) FROM recon_population JOIN recon_current USING (run_id))"
            " + (SELECT count(*) FROM flow_line JOIN recon_current USING (run_id))"
            " + (SELECT count(*) FROM recon_result JOIN recon_current USING (run_id))"));
    CHECK_TEXT(buf_span(&words), want);
    progress_close(&progress);
}

static enum err
stop_at_save(void *context, enum recon_step at)
{
    (void)context;
    return at == RECON_STEP_SAVE ? ERR_SHUTTING_DOWN : ERR_OK;
}

Test(recon_flow, a_run_that_is_told_to_stop_leaves_nothing_and_holds_nothing)
{
    struct recon_outcome outcome;
    make_a_difference();
    step = stop_at_save;
    CHECK_ERR(run_told(23, &outcome), ERR_SHUTTING_DOWN);
    cr_expect_eq(number("SELECT count(*) FROM recon_run"), 1);
    cr_expect_eq(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                        " (SELECT oid FROM pg_database WHERE datname = current_database())"),
                 0);
    step = NULL;
    run(23, &outcome);
    cr_expect_eq(outcome.version, 2);
}
