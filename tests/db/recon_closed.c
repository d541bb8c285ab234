/* SPDX-License-Identifier: Apache-2.0 */
/* A signed day keeps its run, whatever is reconciled afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "run.h"
#include "vectors.h"

static struct database database;
static char dir[] = "/tmp/recon_closed_XXXXXX";
static char name[BILL_STORE_NAME_BYTES];

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
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2024-05-05', '%s', %zu, 'upload', now())",
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

TestSuite(recon_closed, .init = open_house, .fini = close_house);

static enum err
run(struct recon_outcome *outcome)
{
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
    };
    *outcome = (struct recon_outcome){ .version = 0 };
    return recon_run(database.session, &request, outcome);
}

Test(recon_closed, other_inputs_publish_nothing_and_the_same_ones_find_the_signed_run)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    cr_assert_eq(outcome.version, 1);
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', sha256('x'), 'finance', now()"
        " FROM recon_current;"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, 1, run_id, 'finance', 'signed', 'checker', now() FROM recon_current");
    CHECK_OK(run(&outcome));
    cr_expect(outcome.unchanged);
    cr_expect_eq(outcome.version, 1);
    /* The portal says on that day that an order is paid. */
    database_payment(&database, 7, "2603100070000000011", "A-1", 1);
    database_sql(
        &database,
        "UPDATE tallygate.ca_order SET status = 'paid', status_at = '2024-05-05T04:00:00Z'");
    CHECK_ERR(run(&outcome), ERR_DAY_CLOSED);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_run"), 1);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day WHERE state = 'done'"),
                 1, "the night does not try again");
    cr_expect_eq(
        database_number(&database,
                        "SELECT r.version FROM recon_current c JOIN recon_run r USING (run_id)"),
        1);
}
