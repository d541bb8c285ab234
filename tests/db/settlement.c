/* SPDX-License-Identifier: Apache-2.0 */
/* Days of settlement on a real database: what runs of the account's own bill say was paid out, the bank's lines, and what is carried from
 * day to day. The movements are put beside runs of bills that are only there to count. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "deposit_file.h"
#include "difference_trail.h"
#include "report.h"
#include "report_keep.h"
#include "run.h"

#define MONTH "2026-11-"

static struct database database;
static char dir[] = "/tmp/settlement_XXXXXX";
static enum err (*step)(void *context, enum recon_step step);

static void
open_house(void)
{
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void
close_house(void)
{
    database_close(&database);
    cr_expect_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

TestSuite(settlement, .init = open_house, .fini = close_house);

static int64_t
number(const char *sql)
{
    return database_number(&database, sql);
}

/* A payout of the day, by a run of a bill that counts; `fen` below zero: it came back to the account. */
static void
paid_out(int mday, const char *name, int64_t fen)
{
    char sql[4096];
    int len = snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " SELECT 'main', 'fundflow', '" MONTH
        "%02d', encode(sha256('%d'), 'hex'), 1, 'download', now()"
        " ON CONFLICT DO NOTHING;"
        "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run,"
        " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"
        "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run' AND data_type = 'bigint')"
        " || jsonb_build_object('run_id', 1000 + %d, 'account', 'main', 'provider', 'wechatpay', 'kind', 'trade',"
        "  'bill_day', '" MONTH
        "%02d', 'version', 1, 'input_hash', '\\x' || repeat('00', 32), 'state', 'complete',"
        "  'codes', '{FILE_NONE_OK}'::text[], 'as_of', now(), 'cutoff_east_min', 480, 'program', 'test', 'rules', 1,"
        "  'file_id', NULL))).* ON CONFLICT DO NOTHING;"
        "INSERT INTO recon_current VALUES ('main', 'trade', '" MONTH
        "%02d', 1000 + %d) ON CONFLICT DO NOTHING;"
        "INSERT INTO recon_flow SELECT 1000 + %d, file_id, NULL, NULL, false, 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 FROM bill_file"
        "  WHERE bill_day = '" MONTH "%02d' ON CONFLICT DO NOTHING;"
        "INSERT INTO flow_line SELECT 1000 + %d, 1 + count(*), 'withdraw', '%s', '', '', %lld, 0, 0, now(), 'FLOW_WITHDRAW', NULL,"
        " 'x' FROM flow_line WHERE run_id = 1000 + %d",
        mday, mday, mday, mday, mday, mday, mday, mday, mday, name, (long long)-fen, mday);
    cr_assert(len > 0 && (size_t)len < sizeof(sql));
    database_sql(&database, sql);
}

static enum err
keep_record(void *context, int64_t at, enum deposit_verdict verdict,
            const struct deposit_entry *entry)
{
    enum deposit_verdict *got = context;
    DEFER(arena_free) struct arena *arena = NULL;
    cr_assert(at == 2 && verdict == DEPOSIT_STORED, "%s", deposit_verdict_code(verdict));
    CHECK_OK(arena_new((size_t)64 * 1024, &arena));
    return deposit_file_store(database.session, SPAN_LIT("main"), entry,
                              (struct wall_time){ .us = INT64_C(1795573800000000) }, arena, got);
}

static void
came(const char *line)
{
    char text[256];
    int64_t record = 0;
    enum deposit_verdict got = DEPOSIT_VERDICT_COUNT;
    const struct day today = { 2026, 11, 30 };
    (void)snprintf(text, sizeof(text), "%s\n%s\n", DEPOSIT_FILE_HEADER, line);
    CHECK_OK(deposit_file_read(span_of(text), today, keep_record, &got, &record));
    cr_assert_eq(got, DEPOSIT_STORED, "%s", line);
}

static enum err
try_day(int mday, struct recon_outcome *outcome)
{
    const struct adapter_account account = { .name = "main",
                                             .adapter = adapter_find(SPAN_LIT("wechatpay")),
                                             .settle_days = 2 };
    const struct recon_request request = { .account = &account,
                                           .kind = SPAN_LIT(RECON_SETTLEMENT),
                                           .day = { 2026, 11, mday },
                                           .as_of = { .us = INT64_C(1795573800000000) },
                                           .archive_dir = dir,
                                           .program = "test",
                                           .step = step };
    *outcome = (struct recon_outcome){ .version = 0 };
    return recon_run(database.session, &request, outcome);
}

static int64_t
make(int mday)
{
    struct recon_outcome outcome;
    enum err err = try_day(mday, &outcome);
    cr_assert_eq(err, ERR_OK, "%d: %s %s", mday, err_name(err),
                 db_session_trouble(database.session));
    return outcome.version;
}

/* Every day that the plan has for what is known up to that day. */
static int
make_all(int mday)
{
    const struct adapter_account account = { .name = "main" };
    struct day first = { 0 };
    struct day last = { 0 };
    bool none = false;
    int made = 0;
    CHECK_OK(recon_settlement_plan(database.session, &account, (struct day){ 2026, 11, mday },
                                   &first, &last, &none));
    for (int day = none ? 32 : first.mday; day <= last.mday; day++) {
        cr_expect_geq(make(day), 1);
        made++;
    }
    return made;
}

/* "W1 DEP_OK 0, B2 DEP_UNKNOWN 500": what the run that counts says of a day. */
static const char *
says(int mday)
{
    static char text[1024];
    char sql[512];
    PGconn *conn = PQconnectdb(database.superuser);
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT coalesce(string_agg(concat_ws(' ', coalesce(payout_no, deposit_no), primary_code,"
        " nullif(array_to_string(findings, ' '), ''), delta_fen), ', ' ORDER BY seq), '')"
        " FROM tallygate.recon_current c JOIN tallygate.recon_result r USING (run_id)"
        " WHERE kind = 'deposits' AND bill_day = '" MONTH "%02d'",
        mday);
    PGresult *result = PQexec(conn, sql);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    (void)snprintf(text, sizeof(text), "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
    return text;
}

#define CHECK_SAYS(mday, want)                                        \
    do {                                                              \
        const char *says_ = says(mday);                               \
        cr_expect_str_eq(says_, (want), "%d: got %s", (mday), says_); \
    } while (0)

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
        3);
}

static void
wipe(void)
{
    database_sql(
        &database,
        "SET search_path = tallygate; DELETE FROM recon_current WHERE kind = 'deposits';"
        "TRUNCATE difference CASCADE; DELETE FROM recon_deposit_part;"
        "DELETE FROM recon_result WHERE coalesce(payout_no, deposit_no) IS NOT NULL;"
        "DELETE FROM recon_payout; DELETE FROM recon_deposit; DELETE FROM recon_settlement;"
        "DELETE FROM recon_file; DELETE FROM recon_run WHERE kind = 'deposits'");
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

static uint64_t seed;

static int
chance(int below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)below);
}

/* Up to three lines of that day or of one before: they name payouts that were, that come later, that never were, or none. */
static void
random_lines(int mday, int *count)
{
    for (int i = chance(4); i > 0; i--) {
        char line[160];
        int day = chance(5) == 0 && mday > 3 ? mday - 1 - chance(3) : mday;
        int kind = chance(10);
        (void)snprintf(line, sizeof(line), "B%d,2026-11-%02d,%d.%02d,0.%02d,%s,", ++*count, day,
                       chance(150), 1 + chance(99), chance(3) == 0 ? chance(100) : 0,
                       kind == 0   ? "transfer"
                       : kind == 1 ? "return"
                                   : "deposit");
        size_t len = strlen(line);
        for (int names = kind == 0 ? 0 : chance(4); names > 0; names--) {
            (void)snprintf(line + len, sizeof(line) - len, "%sW%d", line[len - 1] == ',' ? "" : " ",
                           1 + chance(mday * 2));
            len = strlen(line);
        }
        came(line);
    }
}

/* Looked at without the code that made it: nothing is there twice or not at all, and nothing is lost between the days. */
static void
check_laws(void)
{
    static const char *const broken[] = {
        /* a line of the bank that is new in another number of runs than one, or in none but its day's */
        "SELECT count(*) FROM bank_deposit b WHERE bank_day <= '2026-11-14' AND 1 <> (SELECT count(*) FROM recon_current c"
        " JOIN recon_deposit d USING (run_id) WHERE c.kind = 'deposits' AND NOT d.carried_in AND d.deposit_no = b.deposit_no"
        " AND c.bill_day = b.bank_day)",
        /* in a run a line that neither stands for itself nor is whole in its parts */
        "SELECT count(*) FROM recon_deposit d JOIN recon_current c USING (run_id) WHERE (d.fen + d.fee_fen) * (CASE WHEN d.returned THEN -1"
        " ELSE 1 END) <> coalesce((SELECT sum(part_fen) FROM recon_deposit_part p WHERE p.run_id = d.run_id AND p.deposit_no ="
        " d.deposit_no), (SELECT b_fen FROM recon_result r WHERE r.run_id = d.run_id AND r.deposit_no = d.deposit_no))",
        /* a payout that moved on a day and has not one result there */
        "SELECT count(*) FROM flow_line f JOIN recon_current c USING (run_id) WHERE 1 <> (SELECT count(*) FROM recon_current s"
        " JOIN recon_result r USING (run_id) WHERE s.kind = 'deposits' AND s.bill_day = c.bill_day AND r.payout_no = f.provider_trade_no)",
        /* a payout of which what left the account is not what came and what is open on the last day */
        "SELECT count(*) FROM (SELECT provider_trade_no AS w, -sum(fen) AS fen FROM flow_line GROUP BY 1) f WHERE fen <>"
        " (SELECT coalesce(sum(part_fen), 0) FROM recon_current JOIN recon_deposit_part p USING (run_id) WHERE p.payout_no = w)"
        " - (SELECT coalesce(sum(delta_fen), 0) FROM recon_current c JOIN recon_result r USING (run_id) WHERE r.payout_no = w"
        "     AND c.bill_day = '2026-11-14')",
        /* what a day carries out and the day after does not take in, and the other way round */
        "SELECT count(*) FROM (SELECT c.bill_day + 1 AS day, payout_no, deposit_no FROM recon_current c JOIN recon_result USING (run_id)"
        " WHERE c.kind = 'deposits' AND delta_fen <> 0 AND c.bill_day < '2026-11-14') o FULL JOIN (SELECT c.bill_day AS day, payout_no,"
        " NULL AS deposit_no FROM recon_current c JOIN recon_payout p USING (run_id) WHERE paid_fen - banked_fen <> coalesce(moved_fen, 0)"
        " UNION ALL SELECT c.bill_day, NULL, deposit_no FROM recon_current c JOIN recon_deposit d USING (run_id) WHERE carried_in) i"
        " ON o.day = i.day AND o.payout_no IS NOT DISTINCT FROM i.payout_no AND o.deposit_no IS NOT DISTINCT FROM i.deposit_no"
        " WHERE o.day IS NULL OR i.day IS NULL",
        /* the same in money */
        "SELECT count(*) FROM recon_settlement a JOIN recon_current c USING (run_id) JOIN recon_current n ON n.kind = c.kind"
        " AND n.bill_day = c.bill_day + 1 JOIN recon_settlement b ON b.run_id = n.run_id WHERE (a.closing_fen, a.loose_out_fen)"
        " IS DISTINCT FROM (b.opening_fen, b.loose_in_fen)",
        /* of the last day something open without a difference, or a difference of something that is not open */
        "SELECT count(*) FROM (SELECT coalesce(payout_no, deposit_no) AS no FROM recon_current c JOIN recon_result USING (run_id)"
        " WHERE c.bill_day = '2026-11-14' AND c.kind = 'deposits' AND delta_fen <> 0 AND primary_code <> 'DEP_IN_TRANSIT') o"
        " FULL JOIN (SELECT coalesce(nullif(provider_trade_no, ''), merchant_order_no) AS no FROM difference WHERE state = 'open'"
        "  AND code <> 'DEP_FEE') d ON o.no = d.no WHERE o.no IS NULL OR d.no IS NULL",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        cr_assert_eq(number(broken[i]), 0, "seed %llx: %s", (unsigned long long)seed, broken[i]);
    }
}

/* Two weeks made day by day as lines come in, also late, and once more in one go. */
Test(settlement, random_weeks_lose_nothing_between_their_days)
{
    static const char of[] =
        "SELECT hashtextextended(string_agg(input_hash::text, ',' ORDER BY c.bill_day), 0) FROM recon_run"
        " JOIN recon_current c USING (run_id) WHERE c.kind = 'deposits'";
    int lines = 0;
    int payouts = 0;
    seed = 2026;
    paid_out(1, "W0", 1);
    for (int day = 1; day <= 14; day++) {
        for (int i = chance(3); i > 0; i--) {
            char name[16];
            (void)snprintf(name, sizeof(name), "W%d", ++payouts);
            paid_out(day, name, chance(12) == 0 ? -chance(500) : 1 + chance(20000));
        }
        random_lines(day, &lines);
        (void)make_all(day);
    }
    cr_assert(payouts > 5 && lines > 10);
    cr_expect_gt(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits' AND version > 1"),
                 0);
    check_laws();
    int64_t hash = number(of);
    wipe();
    cr_expect_eq(make_all(14), 14);
    check_laws();
    cr_expect_eq(number(of), hash);
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
        "2026-11-23 00:00:00,,yes,a person investigates,B1,2026-11-24,4000,50,deposit,W1");
    expect_record(
        buf_span(&csv), 2,
        "2,2,DEP_UNKNOWN,deposit without settlement,,long,5.00,0.00,5.00,,,B2,,2026-11-24 00:00:00,yes,"
        "a person investigates,B2,2026-11-24,500,0,deposit,");
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
        8);
    cr_expect_eq(number("SELECT count(*) FROM recon_report"), 8);
}
