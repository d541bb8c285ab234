/* SPDX-License-Identifier: Apache-2.0 */
/* The night reads in the portal's own database, a second real one: how far it came, and what it does when that is away. */
#include <unistd.h>

#include <event2/event.h>
#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "import_portal.h"
#include "night.h"
#include "portal_link.h"

static struct database database;
static char name[96];
static char portal[512]; /* conninfo of the portal's database */
static char recon[512];  /* ours, with the rights of the night */

static void
open_house(void)
{
    database_open(&database);
    (void)snprintf(name, sizeof(name), "%s_portal", database.name);
    const char *dbname = strstr(database.superuser, "dbname=");
    cr_assert_not_null(dbname);
    (void)snprintf(portal, sizeof(portal), "%.*sdbname=%s %s", (int)(dbname - database.superuser),
                   database.superuser, name, dbname + strcspn(dbname, " "));
    (void)snprintf(recon, sizeof(recon), "%.*stallygate_recon",
                   (int)(strlen(database.app) - sizeof("tallygate_app") + 1), database.app);
    portal_link(&database, "make", name);
}

static void
close_house(void)
{
    portal_link(&database, "drop", name);
    database_close(&database);
}

TestSuite(portal, .init = open_house, .fini = close_house);

static void
in_portal(const char *sql)
{
    PGconn *conn = PQconnectdb(portal);
    PGresult *result = PQexec(conn, sql);
    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s", PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
}

/* How many lines a reading took. */
static int64_t
read_portal(const struct import_kind *kind, bool (*enough)(void *))
{
    struct db_session *session = NULL;
    CHECK_OK(db_session_open(recon, &session));
    struct import_portal reading = {
        .session = session, .kind = kind, .owner = SPAN_LIT("portal"), .enough = enough
    };
    enum err err = import_portal_read(&reading);
    cr_assert_eq(err, ERR_OK, "%s: %s", err_name(err), db_session_trouble(session));
    db_session_close(&session);
    int64_t lines = 0;
    for (int verdict = 0; verdict < IMPORT_VERDICT_COUNT; verdict++) {
        lines += reading.tallies[verdict];
    }
    return lines;
}

static bool
after_one_batch(void *context)
{
    (void)context;
    return true;
}

Test(portal, a_reading_goes_on_where_the_last_one_came_to)
{
    cr_expect_eq(read_portal(&import_orders, NULL), 1203);
    cr_expect_eq(read_portal(&import_invoices, NULL), 405);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM invoice_item WHERE taxed = 'exempt' AND"
                                 " net_fen IN (1, 2) AND rate_ppm IS NULL"),
                 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM portal_mark WHERE changed_at ="
                                            " '2026-02-01' AND kind = 'orders' AND trouble = ''"),
                 1);
    cr_expect_eq(read_portal(&import_orders, NULL), 3, "those of the last hour once more");
    in_portal("UPDATE application SET stage = 2, changed = '2026-02-01 00:30' WHERE id = 1;"
              "UPDATE application SET changed = '2026-01-31 22:59' WHERE id = 2");
    cr_expect_eq(read_portal(&import_orders, NULL), 4);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order WHERE order_no = 'P-1'"
                                            " AND status = 'issued'"),
                 1);
}

Test(portal, what_has_no_time_of_change_is_read_every_time)
{
    in_portal("UPDATE application SET changed = NULL WHERE id <= 7");
    cr_expect_eq(read_portal(&import_orders, NULL), 1203);
    cr_expect_eq(read_portal(&import_orders, NULL), 10);
}

Test(portal, a_reading_that_ends_early_is_gone_on_with)
{
    in_portal(
        "UPDATE application SET changed = timestamptz '2025-06-01' + id * interval '2 hours'");
    cr_expect_eq(read_portal(&import_orders, after_one_batch), 500);
    cr_expect_eq(read_portal(&import_orders, after_one_batch), 500);
    cr_expect_eq(read_portal(&import_orders, NULL),
                 205); /* the last of each time is within the hour */
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order"), 1201);
}

static struct provider_line line;

/* A night of which nothing else runs. */
static struct night
night_of(const char *owner)
{
    static char path[] = "/tmp/tallygate-portal-XXXXXX";
    struct night night = { .line = &line, .portal_owner = owner };
    struct config_fault fault;
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    (void)fprintf(
        file,
        "[server]\nmode = development\nrun_dir = /tmp\n[database]\nconninfo = %s\n[portal]\nreturn_hosts = a\n"
        "[archive]\ndir = /tmp\nreports_dir = /tmp\n",
        recon);
    (void)fclose(file);
    CHECK_OK(config_load(path, &night.config, &fault));
    line.base = event_base_new();
    CHECK_OK(db_session_open(recon, &night.session));
    (void)unlink(path);
    return night;
}

static void
end_night(struct night *night)
{
    db_session_close(&night->session);
    config_free(&night->config);
    event_base_free(line.base);
}

Test(portal, nothing_is_read_where_no_client_is_named)
{
    struct night night = night_of(NULL);
    night_portal(&night);
    end_night(&night);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM portal_mark"), 0);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order"), 0);
}

/* What the doctor is told. */
static void
expect_failing(struct db_session *session, int64_t kinds)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, "portal");
    CHECK_OK(db_session_run(session, STATEMENT_doctor_portal, &params, &rows));
    cr_expect_eq(db_row_i64(rows, 0, "failing"), kinds);
    cr_expect_eq(db_row_null(rows, 0, "failing_since"), kinds == 0);
}

Test(portal, a_database_that_is_away_is_noted_and_holds_nothing_up)
{
    struct night night = night_of("portal");
    portal_link(&database, "lose", name);
    night_portal(&night);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM portal_mark WHERE failing_since"
                                            " IS NOT NULL AND read_at IS NULL AND trouble <> ''"),
                 2);
    expect_failing(night.session, 2);
    /* The session of the night is as good as before. */
    cr_expect_eq(
        import_portal_failed(night.session, &import_orders, SPAN_LIT("portal"), ERR_DB_AWAY),
        ERR_OK);
    database_sql(&database, "UPDATE tallygate.portal_mark SET failing_since = '2020-01-01'");
    night_portal(&night); /* not again so soon */
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM portal_mark WHERE trouble ="
                                            " 'DB_AWAY' AND failing_since = '2020-01-01'"),
                 1);
    portal_link(&database, "drop", name);
    portal_link(&database, "make", name);
    night.portal_pause_ms = 0;
    night_portal(&night);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM portal_mark WHERE failing_since IS"
                                 " NULL AND read_at IS NOT NULL AND trouble = ''"),
                 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order"), 1201);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM invoice"), 403);
    expect_failing(night.session, 0);
    end_night(&night);
}
