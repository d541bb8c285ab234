/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement file prepares, and the edges in SQL are those of the C tables. */
#include <string.h>

#include <criterion/criterion.h>
#include <libpq-fe.h>

#include "attempt.h"
#include "database.h"
#include "difference.h"
#include "refund.h"

static struct database database;

static void
open_database(void)
{
    database_open(&database);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(statements, .init = open_database, .fini = close_database);

/* The highest $n of the file's text. */
static int
highest_parameter(const char *text)
{
    int highest = 0;
    for (const char *at = strchr(text, '$'); at != NULL; at = strchr(at + 1, '$')) {
        int n = 0;
        for (const char *d = at + 1; *d >= '0' && *d <= '9'; d++) {
            n = n * 10 + (*d - '0');
        }
        highest = n > highest ? n : highest;
    }
    return highest;
}

Test(statements, every_file_prepares_with_the_parameters_it_names)
{
    PGconn *conn = PQconnectdb(database.superuser);
    PQclear(PQexec(conn, "SET search_path = tallygate"));
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        const struct statement_file *file = &statement_files[i];
        bool copy = strstr((const char *)file->at, "COPY ") != NULL;
        if (copy) {
            continue; /* COPY cannot be prepared; the runs that use it try it */
        }
        PGresult *result = PQprepare(conn, file->name, (const char *)file->at, 0, NULL);
        cr_expect_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s: %s", file->name,
                     PQerrorMessage(conn));
        PQclear(result);
        result = PQdescribePrepared(conn, file->name);
        cr_expect_eq(PQnparams(result), highest_parameter((const char *)file->at), "%s",
                     file->name);
        PQclear(result);
    }
    PQfinish(conn);
}

static int64_t
edges_of(const char *machine)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM transition WHERE machine = '%s'",
                   machine);
    return database_number(&database, sql);
}

static int64_t
stored(const char *machine, const char *from, const char *event, const char *to, const char *effect)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM transition WHERE machine = '%s' AND from_state = '%s' AND "
                   "event = '%s' AND to_state = '%s' AND effect = '%s'",
                   machine, from, event, to, effect);
    return database_number(&database, sql);
}

Test(statements, attempt_edges_in_sql_are_those_of_the_table)
{
    int64_t refused = 0;
    int64_t allowed = 0;
    for (int s = ATTEMPT_CREATED; s < ATTEMPT_STATE_COUNT; s++) {
        for (int e = ATTEMPT_SENT; e < ATTEMPT_EVENT_COUNT; e++) {
            struct attempt_edge edge;
            if (attempt_next((enum attempt_state)s, (enum attempt_event)e, &edge) != ERR_OK) {
                refused++;
                continue;
            }
            allowed++;
            cr_expect_eq(stored("attempt", attempt_state_code((enum attempt_state)s),
                                attempt_event_code((enum attempt_event)e),
                                attempt_state_code(edge.to), attempt_effect_code(edge.effect)),
                         1, "%d %d", s, e);
        }
    }
    /* Rows with effect refuse stand in SQL too: paid and late_paid refuse close_asked. */
    cr_expect_eq(edges_of("attempt"), allowed + 2);
    cr_expect_gt(refused, 0);
}

Test(statements, refund_edges_in_sql_are_those_of_the_table)
{
    int64_t allowed = 0;
    for (int s = REFUND_STATE_NONE; s < REFUND_STATE_COUNT; s++) {
        for (int e = REFUND_PROPOSE; e < REFUND_EVENT_COUNT; e++) {
            struct refund_edge edge;
            if (refund_next((enum refund_state)s, (enum refund_event)e, &edge) != ERR_OK) {
                continue;
            }
            allowed++;
            cr_expect_eq(stored("refund", refund_state_code((enum refund_state)s),
                                refund_event_code((enum refund_event)e), refund_state_code(edge.to),
                                attempt_effect_code(edge.effect)),
                         1, "%d %d", s, e);
        }
    }
    cr_expect_eq(edges_of("refund"), allowed);
}

Test(statements, difference_edges_in_sql_are_those_of_the_table)
{
    int64_t allowed = 0;
    for (int s = DIFFERENCE_STATE_NONE; s < DIFFERENCE_STATE_COUNT; s++) {
        for (int e = DIFFERENCE_FIND; e < DIFFERENCE_EVENT_COUNT; e++) {
            struct difference_edge edge;
            if (difference_next((enum difference_state)s, (enum difference_event)e, &edge)
                != ERR_OK) {
                continue;
            }
            allowed++;
            cr_expect_eq(stored("difference", difference_state_code((enum difference_state)s),
                                difference_event_code((enum difference_event)e),
                                difference_state_code(edge.to), attempt_effect_code(edge.effect)),
                         1, "%d %d", s, e);
        }
    }
    cr_expect_eq(edges_of("difference"), allowed);
}

#define SLOTTED                                                                        \
    "pg_class c JOIN pg_attribute s ON s.attrelid = c.oid AND s.attname = 'slot' AND " \
    "c.relnamespace = 'tallygate'::regnamespace AND c.relkind = 'r' "

/* The number in a callback tells where its rows live only while no key can do without the slot. */
Test(statements, slot_is_the_first_column_of_every_key)
{
    cr_expect_geq(database_number(&database, "SELECT count(*) FROM " SLOTTED), 9);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM " SLOTTED
                                 "JOIN pg_index i ON i.indrelid = c.oid WHERE i.indisunique AND "
                                 "i.indkey[0] <> s.attnum"),
                 0);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM " SLOTTED
                                 "JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' "
                                 "WHERE k.confrelid NOT IN ('tallygate.transition'::regclass, "
                                 "'tallygate.webhook_endpoint'::regclass) AND "
                                 "k.conkey[1] <> s.attnum"),
                 0);
}
