/* SPDX-License-Identifier: Apache-2.0 */
/* One bucket of queries for processes that know nothing of each other. The bucket's time is the database's own; a
 * test lets time pass by moving what is stored. */
#include "query_budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <event2/event.h>

#include "clock_fake.h"
#include "database.h"

#define PROCESSES 3
#define GUARD_S   60
#define ACCOUNT_CONF(name, per_minute)                                                             \
    "[account " name "]\nprovider = alipay\ngateway_url = https://openapi.alipay.com/gateway.do\n" \
    "ca_file = ca.pem\napplication = 2021\nmerchant = 2088\nprivate_key = keys/app.pem\n"          \
    "queries_per_minute = " per_minute "\n"

static const char settings[] =
    "[server]\nmode = development\nrun_dir = run\n[database]\nconninfo = dbname=tallygate\n"
    "[portal]\nreturn_hosts = portal.example.cn\n[archive]\ndir = bills\nreports_dir = reports\n" //
    ACCOUNT_CONF("small", "8") ACCOUNT_CONF("large", "6000");

static struct database database;
static struct event_base *base;
static struct event *guard;
static struct config *config;
static struct db *dbs[PROCESSES];
static struct query_budget *budgets[PROCESSES];

static void
give_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    cr_assert_fail("the loop did not end");
}

static void
read_config(void)
{
    char path[] = "/tmp/tallygate-budget-XXXXXX";
    struct config_fault fault;
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, settings, sizeof(settings) - 1), (ssize_t)sizeof(settings) - 1);
    cr_assert_eq(close(fd), 0);
    cr_assert_eq(config_load(path, &config, &fault), ERR_OK, "%s", fault.message);
    cr_assert_eq(unlink(path), 0);
}

static void
open_house(void)
{
    struct timeval wait = { .tv_sec = GUARD_S };
    database_open(&database);
    read_config();
    base = event_base_new();
    guard = event_new(base, -1, 0, give_up, NULL);
    cr_assert_eq(event_add(guard, &wait), 0);
    for (size_t i = 0; i < PROCESSES; i++) {
        cr_assert_eq(db_open(base, database.app, 2, 20000, &dbs[i]), ERR_OK);
        cr_assert_eq(query_budget_new(config, dbs[i], &budgets[i]), ERR_OK);
    }
}

static void
close_house(void)
{
    for (size_t i = 0; i < PROCESSES; i++) {
        query_budget_free(&budgets[i]);
        db_close(&dbs[i]);
    }
    config_free(&config);
    event_free(guard);
    event_base_free(base);
    database_close(&database);
}

TestSuite(query_budget, .init = open_house, .fini = close_house);

static struct {
    bool told;
    enum err err;
    int64_t wait_ms;
} last;

static void
told(void *context, enum err err, int64_t wait_ms)
{
    (void)context;
    cr_assert_not(last.told, "told twice");
    last.told = true;
    last.err = err;
    last.wait_ms = wait_ms;
    (void)event_base_loopbreak(base);
}

static enum err
take(size_t process, const char *account, enum query_by by)
{
    last.told = false;
    query_budget_take(budgets[process], span_of(account), by, told, NULL);
    if (!last.told) {
        (void)event_base_dispatch(base);
    }
    cr_assert(last.told);
    return last.err;
}

/* How many of `times` were given, over all processes in turn. */
static int
take_in_turn(int times, const char *account, enum query_by by)
{
    int given = 0;
    for (int i = 0; i < times; i++) {
        enum err err = take((size_t)i % PROCESSES, account, by);
        cr_assert(err == ERR_OK || err == ERR_REFRESH_BUDGET, "%s", err_name(err));
        given += err == ERR_OK ? 1 : 0;
    }
    return given;
}

static void
pass_s(const char *seconds)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "UPDATE query_budget SET full_at = full_at - interval '%s s'",
                   seconds);
    database_sql(&database, sql);
    clock_fake_advance_ms(60000); /* what a process believed is over */
}

Test(query_budget, all_processes_together_have_one_minute_of_queries)
{
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_PERSON), 8);
    cr_expect_eq(last.err, ERR_REFRESH_BUDGET);
    cr_expect_gt(last.wait_ms, 0);
    cr_expect_leq(last.wait_ms, 60000 / 8 + 1);
    cr_expect_eq(take(0, "large", QUERY_BY_PERSON), ERR_OK, "another account has its own");
    cr_expect_eq(take(0, "unknown", QUERY_BY_PERSON), ERR_OK);
}

Test(query_budget, it_fills_evenly_and_never_beyond_its_size)
{
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_PERSON), 8);
    pass_s("16");
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_PERSON), 2, "7.5 s each");
    pass_s("86400");
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_PERSON), 8);
}

Test(query_budget, the_schedule_leaves_a_quarter_to_people)
{
    cr_expect_eq(query_budget_reserve(8), 2);
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_SCHEDULE), 6);
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_PERSON), 2);
    pass_s("15.5");
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_SCHEDULE), 0,
                 "what flows in is people's first");
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_PERSON), 2);
    pass_s("23");
    cr_expect_eq(take_in_turn(40, "small", QUERY_BY_SCHEDULE), 1);
}

/* Statements are counted by the pool: a block is one of them, however many queries it holds. */
Test(query_budget, a_busy_process_takes_blocks_and_an_idle_one_gives_up_little)
{
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(take(0, "large", QUERY_BY_PERSON), ERR_OK, "%d", i);
    }
    int64_t granted = database_number(&database, "SELECT granted FROM query_budget");
    cr_expect_eq(granted, 512, "it doubled: 1, 2, 4, …");
    clock_fake_advance_ms(6001);
    cr_expect_eq(take(0, "large", QUERY_BY_PERSON), ERR_OK);
    granted = database_number(&database, "SELECT granted FROM query_budget");
    cr_expect_eq(granted, 1, "what was left of the block is lost, and the next is small again");
    for (int i = 0; i < 2400; i++) {
        cr_assert_eq(take(0, "large", QUERY_BY_PERSON), ERR_OK, "%d", i);
    }
    granted = database_number(&database, "SELECT granted FROM query_budget");
    cr_expect_eq(granted, 600, "never more than a tenth of the minute");
}

static int open_takes;
static int granted_at_once;

static void
told_one(void *context, enum err err, int64_t wait_ms)
{
    (void)context;
    (void)wait_ms;
    granted_at_once += err == ERR_OK ? 1 : 0;
    if (--open_takes == 0) {
        (void)event_base_loopbreak(base);
    }
}

/* Six connections race for the row. */
Test(query_budget, askers_at_once_do_not_get_the_same_query)
{
    open_takes = 60;
    for (size_t i = 0; i < 60; i++) {
        query_budget_take(budgets[i % PROCESSES], SPAN_LIT("small"), QUERY_BY_PERSON, told_one,
                          NULL);
    }
    (void)event_base_dispatch(base);
    cr_expect_eq(open_takes, 0);
    cr_expect_eq(granted_at_once, 8);
}
