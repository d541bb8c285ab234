/* SPDX-License-Identifier: Apache-2.0 */
/* A reconciliation whose n-th question to the database fails, for every n: it writes all or nothing, says why it failed, holds
 * no lock, and succeeds when it is asked again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "nth_query.h"
#include "run.h"
#include "vectors.h"

#define PLACES_LEAST  20 /* statements of a run with lines, and their preparing */
#define MEMORY_ENOUGH ((size_t)1024 * 1024 * 1024)

static struct database database;
static char dir[] = "/tmp/recon_fault_XXXXXX";
static char name[BILL_STORE_NAME_BYTES];
static size_t memory_max; /* 0: as much as usual */

static void
open_house(void)
{
    char sql[512];
    bool known = false;
    DEFER(buf_fini) struct buf bill = BUF_MAX((size_t)1024 * 1024);
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
    vectors_read("alipay/bills/20880000000000010156_20240505_trade.csv.zip", &bill);
    CHECK_OK(bill_store_put(dir, buf_span(&bill), name, &known));
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin,"
        " stored_at) VALUES ('main', 'trade', '2024-05-05', '%s', %zu, 'download', now())",
        name, bill.len);
    database_sql(&database, sql);
}

static void
close_house(void)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%.2s/%.2s/%s", dir, name, name + 2, name);
    while (strlen(path) >= strlen(dir)) { /* the file, its folders, the folder of all */
        cr_expect_eq(remove(path), 0, "%s", path);
        *strrchr(path, '/') = 0;
    }
    database_close(&database);
}

TestSuite(recon_fault, .init = open_house, .fini = close_house);

static enum err
run(struct recon_outcome *outcome)
{
    DEFER(db_session_close) struct db_session *session = NULL;
    const struct adapter_account account = { .name = "main",
                                             .merchant = "2088000000000001",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    const struct recon_request request = {
        .account = &account,
        .kind = SPAN_LIT("trade"),
        .day = { 2024, 5, 5 },
        .as_of = { .us = INT64_C(1715040000000000) },
        .archive_dir = dir,
        .program = "test",
        .memory_max = memory_max,
    };
    enum nth_query_kind armed = nth_query_armed;
    nth_query_armed = NTH_QUERY_NONE;
    CHECK_OK(db_session_open(database.superuser, &session));
    nth_query_armed = armed;
    enum err err = recon_run(session, &request, outcome);
    nth_query_armed = NTH_QUERY_NONE;
    return err;
}

/* A session that broke may still be ending at the server. */
static void
wait_for_others(void)
{
    int64_t others = 1;
    for (int i = 0; i < 10000 && others > 0; i++) {
        others = database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                            "current_database() AND pid <> pg_backend_pid() AND "
                                            "state <> 'idle'");
    }
    cr_assert_eq(others, 0, "the broken session does not end");
}

/* How much is written, as one number: a run that is the current one, lines, results. */
static int64_t
look(void)
{
    return database_number(&database, "SELECT (SELECT count(*) FROM recon_run) * 1000000000"
                                      " + (SELECT count(*) FROM recon_current) * 100000000"
                                      " + (SELECT count(*) FROM bill_line) * 10000"
                                      " + (SELECT count(*) FROM recon_result)");
}

static bool
is_row_expected(enum nth_query_kind kind, enum err err)
{
    bool gone = err == ERR_DB_AWAY || err == ERR_DB_OUTCOME;
    /* A copy ends with the code of a statement that was cancelled. */
    return kind == NTH_QUERY_REFUSED ? err == ERR_DB_CONSTRAINT || err == ERR_DB_AWAY : gone;
}

static void
forget(void)
{
    database_sql(&database, "TRUNCATE tallygate.recon_run, tallygate.bill_line,"
                            " tallygate.recon_population CASCADE");
}

/* The same day once more, without a fault. */
static void
repeat(int64_t whole, size_t n)
{
    struct recon_outcome again = { 0 };
    CHECK_OK(run(&again));
    cr_expect_not(again.blocked);
    cr_expect_eq(again.version, 1, "%zu", n);
    cr_expect_eq(look(), whole, "%zu: the repeat wrote something else", n);
    forget();
}

static void
judge(enum nth_query_kind kind, size_t n, enum err err, int64_t whole)
{
    int64_t written = look();
    if (err == ERR_OK) { /* also when the lock could not be given back, after all was written */
        cr_expect_eq(written, whole, "kind %d, place %zu: success without a result", kind, n);
        return;
    }
    cr_expect(nth_query_failed, "kind %d, place %zu: %s without a cause", kind, n, err_name(err));
    cr_expect(is_row_expected(kind, err), "kind %d, place %zu gave %s", kind, n, err_name(err));
    cr_expect(written == 0 || (err == ERR_DB_OUTCOME && written == whole),
              "kind %d, place %zu: %s, and %lld is written", kind, n, err_name(err),
              (long long)written);
}

static bool
fail_nth(enum nth_query_kind kind, size_t n, int64_t whole, size_t *succeeded)
{
    struct recon_outcome outcome = { 0 };
    nth_query_arm(kind, n);
    enum err err = run(&outcome);
    bool failed = nth_query_failed;
    *succeeded += failed && err == ERR_OK;
    wait_for_others();
    judge(kind, n, err, whole);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM pg_locks WHERE locktype = "
                                 "'advisory' AND database = (SELECT oid FROM pg_database "
                                 "WHERE datname = current_database())"),
                 0, "kind %d, place %zu: the lock is still held", kind, n);
    repeat(whole, n);
    return failed;
}

Test(recon_fault, a_run_is_written_whole_or_not_at_all_and_can_be_repeated)
{
    struct recon_outcome outcome = { 0 };
    CHECK_OK(run(&outcome));
    cr_assert_not(outcome.blocked);
    int64_t whole = look();
    cr_assert_eq(whole / 10000, 110005, "one current run of five lines");
    forget();
    for (int kind = NTH_QUERY_AWAY; kind < NTH_QUERY_KINDS; kind++) {
        size_t n = 1;
        size_t succeeded = 0;
        while (n < NTH_QUERY_MOST && fail_nth((enum nth_query_kind)kind, n, whole, &succeeded)) {
            n++;
        }
        cr_expect(n > PLACES_LEAST && n < NTH_QUERY_MOST, "kind %d: %zu places", kind, n - 1);
        cr_expect_leq(succeeded, 2, "kind %d: only what comes after the commit may fail", kind);
    }
}

/* The day is made with twice the memory each time until it is enough. */
Test(recon_fault, a_day_that_needs_more_memory_than_it_may_take_publishes_nothing)
{
    struct recon_outcome outcome = { 0 };
    enum err err = ERR_DAY_TOO_LARGE;
    size_t refused = 0;
    for (memory_max = 1; err == ERR_DAY_TOO_LARGE && memory_max < MEMORY_ENOUGH; memory_max *= 2) {
        err = run(&outcome);
        refused += err == ERR_DAY_TOO_LARGE ? 1 : 0;
        cr_expect(err == ERR_OK || look() == 0, "%zu bytes: something is written", memory_max);
    }
    CHECK_OK(err);
    cr_expect_geq(refused, 12, "a day of five lines needs more than a page");
    cr_expect_eq(look() / 10000, 110005, "one current run of five lines");
    cr_expect_eq(outcome.version, 1);
}
