/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of payouts and of the bank's lines, day by day, in the rows of their runs. */
#include "bill_store.h"
#include "report.h"
#include "report_keep.h"
#include "settlement_house.h"

TestSuite(settlement, .init = open_house, .fini = close_house);

#define OPEN_SHORT \
    "SELECT count(*) FROM difference WHERE code = 'DEP_SHORT' AND side = 'deposit' AND state = 'open'"

Test(settlement, a_payout_is_on_its_way_until_the_bank_has_it)
{
    paid_out(23, "W1", 10000);
    came("B1,2026-11-24,99.90,0.10,deposit,W1");
    cr_expect_eq(make_all(25), 3);
    CHECK_SAYS(23, "W1 DEP_IN_TRANSIT -10000");
    CHECK_SAYS(24, "W1 DEP_OK DEP_FEE 0");
    CHECK_SAYS(25, "");
    cr_expect_eq(
        number(
            "SELECT closing_fen FROM recon_settlement s JOIN recon_run r USING (run_id) WHERE bill_day = '2026-11-23'"),
        10000);
    cr_expect_eq(
        number(
            "SELECT opening_fen * 1000000 + banked_fen FROM recon_settlement s JOIN recon_run r USING (run_id)"
            " WHERE bill_day = '2026-11-24'"),
        INT64_C(10000010000));
    cr_expect_eq(
        number(
            "SELECT s.fee_fen FROM recon_settlement s JOIN recon_run r USING (run_id) WHERE bill_day = '2026-11-24'"),
        10);
    cr_expect_eq(make_all(25), 0);
}

/* It stays one difference from the first day on which it is missing to the one that explains it, and in that first day. */
Test(settlement, what_does_not_come_is_one_difference_until_it_comes)
{
    paid_out(23, "W1", 10000);
    paid_out(23, "W2", 500);
    came("B2,2026-11-23,5.00,,deposit,W2");
    cr_expect_eq(make_all(28), 6);
    CHECK_SAYS(25, "W1 DEP_IN_TRANSIT -10000");
    CHECK_SAYS(26, "W1 DEP_SHORT -10000");
    CHECK_SAYS(28, "W1 DEP_SHORT -10000");
    cr_expect_eq(number("SELECT count(*) FROM difference"), 1);
    cr_expect_eq(
        number(
            OPEN_SHORT
            " AND bill_day = '2026-11-26' AND original_day = '2026-11-23' AND provider_trade_no = 'W1'"
            " AND delta_fen = -10000 AND severity = 1 AND kind = 'deposits'"),
        1);
    cr_expect_eq(number("SELECT count(*) FROM difference_event"), 1);
    cr_expect_eq(number("SELECT count(*) FROM difference_shown"), 3);
    came("B3,2026-11-28,40.00,,deposit,W1");
    cr_expect_eq(make_all(28), 1);
    CHECK_SAYS(28, "W1 DEP_SHORT -6000");
    cr_expect_eq(number(OPEN_SHORT " AND delta_fen = -6000 AND version = 2"), 1);
    came("B4,2026-11-29,60.00,,deposit,W1");
    cr_expect_eq(make_all(29), 1);
    CHECK_SAYS(29, "W1 DEP_OK 0");
    cr_expect_eq(number("SELECT count(*) FROM difference WHERE state = 'superseded'"), 1);
}

Test(settlement, lines_are_told_apart_by_what_they_name)
{
    paid_out(23, "W1", 10000);
    paid_out(23, "W2", 5000);
    paid_out(23, "W3", 700);
    came("B1,2026-11-24,150.00,,deposit,W1 W2");
    came("B2,2026-11-24,3.00,,deposit,W3");
    came("B3,2026-11-24,4.01,,deposit,W3");
    came("B4,2026-11-24,8.00,,deposit,W9");
    came("B5,2026-11-24,9.00,,return,");
    (void)make_all(24);
    CHECK_SAYS(
        24,
        "W1 DEP_OK DEP_MERGED 0, W2 DEP_OK DEP_MERGED 0, W3 DEP_OVER DEP_SPLIT 1, B4 DEP_UNKNOWN 800,"
        " B5 DEP_RETURNED -900");
    cr_expect_eq(
        number(
            "SELECT count(*) FROM recon_deposit_part p JOIN recon_current USING (run_id) WHERE bill_day = '2026-11-24'"),
        4);
    cr_expect_eq(
        number(
            "SELECT loose_out_fen FROM recon_settlement s JOIN recon_run r USING (run_id) WHERE bill_day = '2026-11-24'"),
        -100);
    paid_out(25, "W9", 800); /* what B4 names was not known before */
    came("B6,2026-11-25,0.01,,return,W3");
    (void)make_all(25);
    CHECK_SAYS(25, "W3 DEP_OK 0, W9 DEP_OK 0, B5 DEP_RETURNED -900");
    cr_expect_eq(number("SELECT count(*) FROM difference WHERE state = 'superseded'"),
                 2); /* of W3 and B4 */
}

/* Money that was sent back leaves its payout open, and returned it stays until other money comes or the account has it again. */
Test(settlement, what_was_sent_back_is_open_again)
{
    paid_out(23, "W1", 10000);
    paid_out(23, "W2", 300);
    came("B1,2026-11-23,100.00,,deposit,W1");
    came("B2,2026-11-23,3.00,,deposit,W2");
    came("B3,2026-11-24,103.00,,return,W1 W2");
    (void)make_all(25);
    CHECK_SAYS(23, "W1 DEP_OK 0, W2 DEP_OK 0");
    CHECK_SAYS(24, "W1 DEP_RETURNED DEP_MERGED -10000, W2 DEP_RETURNED DEP_MERGED -300");
    CHECK_SAYS(25, "W1 DEP_RETURNED -10000, W2 DEP_RETURNED -300");
    paid_out(26, "W1", -10000); /* back on the account */
    came("B4,2026-11-26,3.00,,deposit,W2");
    (void)make_all(27);
    CHECK_SAYS(26, "W1 DEP_OK 0, W2 DEP_OK 0");
    CHECK_SAYS(27, "");
}

/* A line that finance hands in later gives its day another version, and every day after it what it takes in. */
Test(settlement, a_late_line_makes_versions_and_equal_inputs_make_none)
{
    paid_out(23, "W1", 10000);
    (void)make_all(27);
    CHECK_SAYS(27, "W1 DEP_SHORT -10000");
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits'"), 5);
    cr_expect_eq(make(27), 1);
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits'"), 5);
    int64_t kept = number(
        "SELECT sum(hashtextextended(r::text, 0)) FROM recon_result r JOIN recon_run n USING (run_id)"
        " WHERE version = 1");
    came("B1,2026-11-25,100.00,,deposit,W1");
    cr_expect_eq(make_all(27), 3);
    CHECK_SAYS(25, "W1 DEP_OK 0");
    CHECK_SAYS(27, "");
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits' AND version = 2"),
                 3);
    cr_expect_eq(
        number(
            "SELECT sum(hashtextextended(r::text, 0)) FROM recon_result r JOIN recon_run n USING (run_id) WHERE version = 1"),
        kept);
    cr_expect_eq(number("SELECT count(*) FROM difference WHERE state = 'superseded'"), 1);
    cr_expect_eq(make_all(27), 0);
    cr_expect_eq(
        number(
            "SELECT count(DISTINCT f.name) FROM recon_file f JOIN recon_run n USING (run_id) WHERE kind = 'deposits'"),
        4); /* three lists and how to repeat it */
}

/* The same inputs are the same run wherever and whenever it is made. */
Test(settlement, equal_inputs_have_equal_hashes)
{
    paid_out(23, "W1", 10000);
    came("B1,2026-11-24,40.00,,deposit,W1");
    came("B2,2026-11-24,5.00,,deposit,");
    (void)make_all(25);
    static const char of[] =
        "SELECT hashtextextended(string_agg(input_hash::text, ',' ORDER BY bill_day), 0) FROM recon_run"
        " WHERE kind = 'deposits'";
    int64_t hash = number(of);
    wipe();
    (void)make_all(25);
    cr_expect_eq(number(of), hash);
}

static enum recon_step fails_at;

static enum err
fail(void *context, enum recon_step at)
{
    (void)context;
    return at == fails_at ? ERR_INTERNAL : ERR_OK;
}

Test(settlement, a_run_that_ends_early_leaves_nothing)
{
    struct recon_outcome outcome;
    static const char state[] =
        "SELECT (SELECT count(*) FROM recon_run) * 1000000 + (SELECT count(*) FROM recon_result) * 10000"
        " + (SELECT sum(run_id) FROM recon_current) % 10000";
    paid_out(23, "W1", 10000);
    (void)make_all(24);
    int64_t before = number(state);
    came("B1,2026-11-24,40.00,,deposit,W1");
    step = fail;
    for (int i = 0; i < RECON_STEP_COUNT; i++) {
        fails_at = (enum recon_step)i;
        cr_expect_eq(try_day(24, &outcome), ERR_INTERNAL);
        cr_expect_eq(number(state), before);
    }
    step = NULL;
    database_sql(
        &database,
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END $$;"
        "CREATE TRIGGER die BEFORE INSERT OR UPDATE ON tallygate.recon_current FOR EACH ROW EXECUTE FUNCTION die()");
    cr_expect_neq(try_day(24, &outcome), ERR_OK);
    cr_expect_eq(number(state), before);
    CHECK_SAYS(24, "W1 DEP_IN_TRANSIT -10000");
}

Test(settlement, a_sheet_that_does_not_add_up_is_refused)
{
    static const char *const lies[] = { "opening_fen = 1",   "paid_fen = 1",
                                        "closing_fen = 1",   "lines_fen = 1",
                                        "loose_in_fen = 1",  "loose_out_fen = 1",
                                        "transfers_fen = 1", "paid_count = -1",
                                        "fee_fen = -1" };
    paid_out(23, "W1", 10000);
    (void)make_all(23);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        char sql[128];
        (void)snprintf(sql, sizeof(sql), "UPDATE recon_settlement SET %s", lies[i]);
        cr_expect_str_eq(database_refusal(database.superuser, sql), "23514", "%s", lies[i]);
    }
    cr_expect_str_eq(
        database_refusal(database.superuser,
                         "UPDATE recon_result SET carry_out = false WHERE payout_no = 'W1'"),
        "23514");
    cr_expect_str_eq(
        database_refusal(database.superuser,
                         "UPDATE recon_result SET deposit_no = 'B1' WHERE payout_no = 'W1'"),
        "23514");
}

/* A statement that the API uses, about the only difference that there is, by people of the service. */
static const char *
act(enum statement statement, const char *arguments)
{
    static char outcome[32];
    char sql[256];
    PGconn *conn = PQconnectdb(database.app);
    PQclear(PQexec(conn, "SET search_path = tallygate"));
    PGresult *found = PQexec(conn, "SELECT difference_no FROM difference");
    cr_assert_eq(PQntuples(found), 1);
    (void)snprintf(sql, sizeof(sql), "EXECUTE act('%s', 'portal', %s)", PQgetvalue(found, 0, 0),
                   arguments);
    PQclear(found);
    PQclear(PQprepare(conn, "act", (const char *)statement_files[statement].at, 0, NULL));
    PGresult *done = PQexec(conn, sql);
    cr_assert_eq(PQntuples(done), 1, "%s", PQerrorMessage(conn));
    (void)snprintf(outcome, sizeof(outcome), "%s", PQgetvalue(done, 0, PQfnumber(done, "outcome")));
    PQclear(done);
    PQfinish(conn);
    return outcome;
}

/* From then on its item is still open, and nothing comes back of the difference. */
Test(settlement, what_never_comes_is_written_off_by_two_people)
{
    paid_out(23, "W1", 10000);
    (void)make_all(26);
    cr_expect_str_eq(act(STATEMENT_difference_move, "'assign', 'finance', '{}', now(), 'finance'"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_propose,
                         "'write_off', 10000, 'gone', 'finance', now(), '{}', NULL, NULL"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_decide,
                         "'approve', 'write_off', 10000, 'finance', now(), '{}', NULL, NULL"),
                     "same_person");
    cr_expect_str_eq(act(STATEMENT_action_decide,
                         "'approve', 'write_off', 10000, 'checker', now(), '{}', NULL, NULL"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_execute, "'finance', '{}', now()"), "moved");
    cr_expect_eq(
        number(
            "SELECT count(*) FROM adjustment WHERE kind = 'deposits' AND posted_on = '2026-11-26'"),
        1);
    (void)make_all(27);
    CHECK_SAYS(27, "W1 DEP_SHORT -10000");
    cr_expect_eq(
        number(
            "SELECT count(*) FROM difference WHERE state = 'resolved' AND bill_day = '2026-11-26'"),
        1);
}

/* 100.00 were written off on the 26th, and come on the 28th: whoever signs that day meets it there. */
Test(settlement, what_came_after_it_was_written_off_is_open_until_that_is_reversed)
{
    paid_out(23, "W1", 10000);
    (void)make_all(26);
    cr_expect_str_eq(act(STATEMENT_difference_move, "'assign', 'finance', '{}', now(), 'finance'"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_propose,
                         "'write_off', 10000, 'gone', 'finance', now(), '{}', NULL, NULL"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_decide,
                         "'approve', 'write_off', 10000, 'checker', now(), '{}', NULL, NULL"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_execute, "'finance', '{}', now()"), "moved");
    (void)make_all(27);
    came("B1,2026-11-28,100.00,,deposit,W1");
    (void)make_all(28);
    CHECK_SAYS(28, "W1 DEP_OK 0");
    cr_expect_eq(number(OPEN_SHORT " AND delta_fen = 0 AND bill_day = '2026-11-28'"), 1);
    (void)make_all(29);
    cr_expect_eq(number(OPEN_SHORT " AND delta_fen = 0 AND bill_day = '2026-11-28'"), 1);
    cr_expect_str_eq(act(STATEMENT_difference_move, "'assign', 'finance', '{}', now(), 'finance'"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_propose,
                         "'reverse', 10000, 'it came', 'finance', now(), '{}', NULL, 1"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_decide,
                         "'approve', 'reverse', 10000, 'checker', now(), '{}', NULL, 1"),
                     "moved");
    cr_expect_str_eq(act(STATEMENT_action_execute, "'finance', '{}', now()"), "moved");
    cr_expect_eq(number("SELECT count(*) FROM difference WHERE state = 'superseded'"), 1);
    cr_expect_eq(number("SELECT count(*) FROM (SELECT 1 FROM adjustment_line GROUP BY ledger"
                        " HAVING sum(debit_fen) = 10000 AND sum(credit_fen) = 10000) x"),
                 2);
}

/* The bank's file lies in the archive, its lines and the runs that judge them name it. */
Test(settlement, the_file_that_had_a_line_is_an_input)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(4096);
    const struct span text = SPAN_LIT("deposit_no,day\nB1,...\n");
    hand_in(text);
    hand_in(text);
    cr_expect_eq(number("SELECT count(*) FROM bank_file"), 1);
    CHECK_OK(bill_store_load(dir, file, &bytes));
    cr_expect(span_eq(buf_span(&bytes), text));
    paid_out(23, "W1", 10000);
    came("B1,2026-11-23,40.00,,deposit,W1");
    came("B2,2026-11-23,5.00,,deposit,");
    const struct span kept = file;
    file = SPAN_LIT("");
    came("B3,2026-11-23,6.00,,deposit,");
    (void)make_all(24);
    for (int day = 23; day <= 24; day++) { /* B2 is carried */
        DEFER(db_rows_free) struct db_rows *rows = NULL;
        char sql[128];
        (void)snprintf(
            sql, sizeof(sql),
            "SELECT run_id FROM recon_current WHERE kind = 'deposits' AND bill_day = '" MONTH "%d'",
            day);
        struct db_params params;
        db_params_init(&params, database.arena);
        db_i64(&params, number(sql));
        CHECK_OK(db_session_run(database.session, STATEMENT_run_files, &params, &rows));
        cr_assert_eq(db_rows_count(rows), 5);
        cr_expect(span_starts(db_row_text(rows, 0, "name"), SPAN_LIT("bank-")));
        cr_expect(span_eq(db_row_text(rows, 0, "sha256"), kept));
    }
    cr_expect_eq(number("SELECT count(*) FROM recon_deposit WHERE sha256 IS NULL"), 2);
    cr_expect_str_eq(
        database_refusal(database.superuser, "UPDATE bank_deposit SET sha256 = repeat('0', 64)"),
        "23503");
}

/* A bill of UnionPay is called settlement; no bill may be called as these runs are. */
Test(settlement, no_bill_has_the_name_of_its_runs)
{
    static const char *const providers[] = { "alipay", "wechatpay", "unionpay" };
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        const struct adapter *adapter = adapter_find(span_of(providers[i]));
        cr_assert_not_null(adapter);
        cr_expect_null(bill_find(adapter, SPAN_LIT(RECON_SETTLEMENT)), "%s", providers[i]);
        cr_expect_not_null(bill_of_trades(adapter), "%s", providers[i]);
    }
}

Test(settlement, its_report_adds_up_and_is_of_its_own_kind)
{
    struct report report;
    DEFER(buf_fini) struct buf zh = BUF_MAX(65536);
    DEFER(buf_fini) struct buf en = BUF_MAX(65536);
    const struct day day = { 2026, 11, 24 };
    paid_out(23, "W1", 10000);
    came("B1,2026-11-24,40.00,0.50,deposit,W1");
    came("B2,2026-11-24,5.00,,deposit,");
    (void)make_all(24);
    CHECK_OK(report_load_settlement(database.session, SPAN_LIT("main"), day, 0, database.arena,
                                    &report));
    CHECK_OK(report_sheet(&report, LANGUAGE_ZH, &zh));
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &en));
    cr_expect_lt(span_find(buf_span(&zh), SPAN_LIT("结算到账核对表")), zh.len);
    cr_expect_lt(span_find(buf_span(&en), SPAN_LIT("S1 + S2 = S3 + S4")), en.len);
    cr_expect_lt(span_find(buf_span(&en), SPAN_LIT("59.50")), en.len); /* 100.00 - 40.00 - 0.50 */
    cr_expect_lt(span_find(buf_span(&en), SPAN_LIT("UNEXPLAINED 0.00")), en.len);
    cr_expect_eq(report_load(database.session, SPAN_LIT("main"), day, 0, database.arena, &report),
                 ERR_RUN_UNKNOWN);
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, "main");
    db_cstr(&params, RECON_SETTLEMENT); /* beside it are the two runs that the movements are of */
    db_day(&params, day);
    db_day(&params, day);
    db_cstr(&params, "counting");
    db_i64(&params, 0);
    db_i64(&params, 9);
    CHECK_OK(db_session_run(database.session, STATEMENT_run_list, &params, &rows));
    cr_assert_eq(db_rows_count(rows), 1);
    cr_expect(db_row_bool(rows, 0, "of_settlement"));
    cr_expect_eq(db_row_i64(rows, 0, "closing_fen"), 5950);
    cr_expect_eq(db_row_i64(rows, 0, "bank_fee_fen"), 50);
    cr_expect(db_row_null(rows, 0, "balance_opening_fen"));
}

/* "a,b" of the n-th record, without quotes, marks and TABs, cut out by hand. */
static void
expect_record(struct span text, size_t at, const char *want)
{
    char got[1024];
    size_t len = 0;
    struct span line;
    for (size_t i = 0; i <= at; i++) {
        (void)span_cut(&text, '\n', &line);
    }
    for (size_t i = 0; i < line.len && len + 1 < sizeof(got); i++) {
        if (line.at[i] != '"' && line.at[i] != '\t' && line.at[i] != '\r') {
            got[len++] = (char)line.at[i];
        }
    }
    got[len] = 0;
    cr_expect_str_eq(got, want);
}

Test(settlement, its_lists_and_page_are_in_both_languages_and_their_bytes_are_kept)
{
    struct report report;
    DEFER(buf_fini) struct buf csv = BUF_MAX(65536);
    DEFER(buf_fini) struct buf page = BUF_MAX(1 << 20);
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    DEFER(buf_fini) struct buf again = BUF_MAX(REPORT_PATH_MAX);
    const struct day day = { 2026, 11, 24 };
    paid_out(23, "W1", 10000);
    came("B1,2026-11-24,40.00,0.50,deposit,W1");
    came("B2,2026-11-24,5.00,,deposit,");
    (void)make_all(24);
    CHECK_OK(report_load_settlement(database.session, SPAN_LIT("main"), day, 0, database.arena,
                                    &report));
    CHECK_OK(report_csv(&report, REPORT_RESULTS, LANGUAGE_EN, &csv));
    expect_record(
        buf_span(&csv), 1,
        "1,3,DEP_IN_TRANSIT,withdrawn, not yet at the bank,DEP_FEE,short,40.50,100.00,-59.50,-0.50,W1,,"
        "2026-11-23,,yes,a person investigates,B1,2026-11-24,40.00,0.50,deposit,W1");
    expect_record(
        buf_span(&csv), 2,
        "2,2,DEP_UNKNOWN,deposit without settlement,,long,5.00,0.00,5.00,,,B2,,2026-11-24,yes,"
        "a person investigates,B2,2026-11-24,5.00,0.00,deposit,");
    buf_reset(&csv);
    CHECK_OK(report_csv(&report, REPORT_DIFFERENCES, LANGUAGE_ZH, &csv));
    cr_expect_lt(span_find(buf_span(&csv), SPAN_LIT("银行到账 banked_yuan")), csv.len);
    cr_expect_lt(span_find(buf_span(&csv), SPAN_LIT("提现单号 payout_no")), csv.len);
    CHECK_OK(report_html(&report, LANGUAGE_ZH, &page));
    cr_expect_lt(span_find(buf_span(&page), SPAN_LIT("<h1>结算到账核对表 main 2026-11-24 v1</h1>")),
                 page.len);
    cr_expect_lt(span_find(buf_span(&page), SPAN_LIT("S1 + S2 = S3 + S4")), page.len);
    cr_expect_lt(span_find(buf_span(&page), SPAN_LIT("DEP_UNKNOWN")), page.len);
    cr_expect_eq(span_find(buf_span(&page), SPAN_LIT("合同")),
                 page.len); /* nothing of fees by contract */
    CHECK_OK(report_write(&report, dir, &where));
    cr_expect(span_ends(buf_span(&where), SPAN_LIT("/main/2026-11-24/settlement-v1")));
    CHECK_OK(report_write(&report, dir, &again));
    CHECK_OK(report_keep(database.session, dir, &report, buf_span(&where)));
    cr_expect_eq(
        number(
            "SELECT count(*) FROM recon_report p JOIN recon_run r USING (run_id) WHERE r.kind = 'deposits'"),
        10);
    cr_expect_eq(number("SELECT count(*) FROM recon_report"), 10);
}
