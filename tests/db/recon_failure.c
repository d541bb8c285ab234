/* SPDX-License-Identifier: Apache-2.0 */
/* A run that fails on the way leaves nothing and tells its first failure. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "run.h"

static struct database database;
static char dir[] = "/tmp/recon_failure_XXXXXX";
static char name[BILL_STORE_NAME_BYTES];

/* A bill that nobody can read, so that the day will be blocked: the shortest run there is. */
static void
open_house(void)
{
    char sql[512];
    bool known = false;
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
    CHECK_OK(bill_store_put(dir, SPAN_LIT("no bill"), name, &known));
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin,"
        " stored_at) VALUES ('main', 'trade', '2026-11-23', '%s', 7, 'download', now())",
        name);
    database_sql(&database, sql);
}

static void
close_house(void)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%.2s/%.2s/%s", dir, name, name + 2, name);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/%.2s/%.2s", dir, name, name + 2);
    (void)rmdir(path);
    (void)snprintf(path, sizeof(path), "%s/%.2s", dir, name);
    (void)rmdir(path);
    cr_expect_eq(rmdir(dir), 0);
    database_close(&database);
}

TestSuite(recon_failure, .init = open_house, .fini = close_house);

static enum err
run(struct recon_outcome *outcome)
{
    const struct adapter *alipay = adapter_find(SPAN_LIT("alipay"));
    const struct adapter_account account = { .name = "main", .adapter = alipay };
    const struct recon_request request = {
        .account = &account,
        .kind = SPAN_LIT("trade"),
        .day = { 2026, 11, 23 },
        .as_of = { .us = INT64_C(1795487400000000) },
        .archive_dir = dir,
        .program = "test",
    };
    return recon_run(database.session, &request, outcome);
}

/* The server ends the session under the statement: what became of that, nobody can say at that moment.
 * The ROLLBACK after it only finds nobody to speak to. */
Test(recon_failure, the_first_failure_is_told_not_that_of_the_rollback)
{
    struct recon_outcome outcome = { 0 };
    database_sql(&database,
                 "CREATE FUNCTION tallygate.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                 " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;"
                 "CREATE TRIGGER die BEFORE INSERT ON tallygate.recon_run"
                 " FOR EACH ROW EXECUTE FUNCTION tallygate.die()");
    CHECK_ERR(run(&outcome), ERR_DB_OUTCOME);
    cr_expect_gt(span_of(db_session_trouble(database.session)).len, 0);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_run"), 0);
}

Test(recon_failure, what_the_run_hangs_on_is_the_failure_it_tells)
{
    struct recon_outcome outcome = { 0 };
    database_sql(&database, "ALTER TABLE tallygate.recon_run ADD CHECK (program <> 'test')");
    CHECK_ERR(run(&outcome), ERR_DB_CONSTRAINT);
    /* An unlock within a failed transaction would have been refused. */
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND"
                                 " database = (SELECT oid FROM pg_database WHERE datname ="
                                 " current_database())"),
                 0);
}
