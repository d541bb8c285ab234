/* SPDX-License-Identifier: Apache-2.0 */
/* The process that makes a day of settlement is killed, at each of its steps and in front of each table that it writes: what counted before
 * counts unchanged, nothing of the dead run is left, and the next one is made as if it had never been. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "settlement_house.h"

#define LOOKS_MAX 20000

/* W1 is on its way since the 23rd; of what is known now the 24th has two lines more than its run. */
static void
open_days(void)
{
    open_house();
    paid_out(23, "W1", 10000);
    cr_assert_eq(make_all(24), 2);
    came("B1,2026-11-24,40.00,0.10,deposit,W1");
    came("B2,2026-11-24,5.00,,deposit,");
}

TestSuite(settlement_kill, .init = open_days, .fini = close_house);

#define ROWS_OF(table) " + (SELECT coalesce(sum(hashtextextended(t::text, 1)), 0) FROM " table " t)"

/* Everything that is published of any day, as one number. */
static int64_t
published(void)
{
    return number("SELECT ((0" ROWS_OF("recon_run") ROWS_OF("recon_current") ROWS_OF("recon_result")
                      ROWS_OF("recon_settlement") ROWS_OF("recon_payout") ROWS_OF("recon_deposit")
                          ROWS_OF("recon_deposit_part") ROWS_OF("recon_file") ROWS_OF("difference")
                              ROWS_OF("difference_event") ROWS_OF("difference_shown")
                                  ROWS_OF("outbox") ") % 4611686018427387904)::bigint");
}

static enum recon_step dies_at;

static enum err
die(void *context, enum recon_step at)
{
    (void)context;
    if (at == dies_at) {
        (void)raise(SIGKILL);
    }
    return ERR_OK;
}

/* A process of its own, with a session of its own, that makes the 24th. */
static pid_t
begin_day(enum recon_step dies)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct recon_outcome outcome;
        dies_at = dies;
        step = die;
        enum err err = db_session_open(database.superuser, &database.session);
        _exit(err == ERR_OK && try_day(24, &outcome) == ERR_OK ? 0 : 1);
    }
    return child;
}

static void
expect_killed(pid_t child)
{
    int code = 0;
    cr_assert_eq(waitpid(child, &code, 0), child);
    cr_assert(WIFSIGNALED(code) && WTERMSIG(code) == SIGKILL, "it ended by itself: %x",
              (unsigned)code);
}

static void
wait_until(const char *sql, const char *what)
{
    for (int i = 0; i < LOOKS_MAX; i++) {
        if (number(sql) != 0) {
            return;
        }
    }
    cr_assert_fail("%s", what);
}

/* The server ends the session of the dead by itself; then ours and the one that looks are alone. */
static void
wait_for_its_end(void)
{
    wait_until("SELECT (count(*) = 2)::int FROM pg_stat_activity WHERE datname = current_database()"
               " AND backend_type = 'client backend'",
               "the session of the dead does not end");
}

static void
expect_next_run(int64_t before)
{
    wait_for_its_end();
    cr_expect_eq(published(), before);
    CHECK_SAYS(24, "W1 DEP_IN_TRANSIT -10000");
    cr_expect_eq(make(24), 2);
    CHECK_SAYS(24, "W1 DEP_IN_TRANSIT DEP_FEE -5990, B2 DEP_UNKNOWN 500");
    cr_expect_eq(number("SELECT count(*) FROM recon_run WHERE kind = 'deposits'"), 3);
}

Test(settlement_kill, before_any_step_leaves_what_was_published)
{
    int64_t before = published();
    for (int i = 0; i < RECON_STEP_COUNT; i++) {
        expect_killed(begin_day((enum recon_step)i));
        wait_for_its_end();
        cr_expect_eq(published(), before, "step %d", i);
    }
    expect_next_run(before);
}

/* Somebody holds the table, so the run stands in the middle of its transaction, with all that comes before written. */
static void
kill_in_front_of(const char *table)
{
    char waits[256];
    char lock[256];
    PGconn *holder = PQconnectdb(database.superuser);
    (void)snprintf(lock, sizeof(lock), "BEGIN; LOCK TABLE tallygate.%s IN SHARE ROW EXCLUSIVE MODE",
                   table);
    PGresult *held = PQexec(holder, lock);
    cr_assert_eq(PQresultStatus(held), PGRES_COMMAND_OK, "%s", PQerrorMessage(holder));
    PQclear(held);
    (void)snprintf(waits, sizeof(waits),
                   "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation ="
                   " 'tallygate.%s'::regclass",
                   table);
    pid_t child = begin_day(RECON_STEP_COUNT);
    wait_until(waits, table);
    cr_assert_eq(kill(child, SIGKILL), 0);
    expect_killed(child);
    PQfinish(holder);
    wait_for_its_end();
}

Test(settlement_kill, before_any_table_is_written_leaves_what_was_published)
{
    static const char *const tables[] = { "recon_run",     "recon_settlement",   "recon_payout",
                                          "recon_deposit", "recon_deposit_part", "recon_result",
                                          "recon_file",    "recon_current",      "difference",
                                          "outbox" };
    int64_t before = published();
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        kill_in_front_of(tables[i]);
        cr_expect_eq(published(), before, "%s", tables[i]);
    }
    expect_next_run(before);
}
