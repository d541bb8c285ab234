/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_PEOPLE_H
#define TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_PEOPLE_H

/* What people do about one difference, by the statements that the API uses. */

#include <libpq-fe.h>

#include "difference_house.h"

#define MAKER   "finance"
#define CHECKER "checker"
#define CALLERS 20

static const struct wall_time now = { .us = INT64_C(1795500000000000) };
static struct db_rows *rows;
static char number[64];        /* of the difference that they are about */
static struct db_session *app; /* beside the house's own; NULL unless the test opens it */

static inline size_t
count(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    enum err err = db_session_run(database.session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    return db_rows_count(rows);
}

static inline struct span
run(enum statement statement, const struct db_params *params)
{
    cr_assert_eq(count(statement, params), 1);
    return db_row_text(rows, 0, "outcome");
}

static inline void
begin(struct db_params *params)
{
    db_params_init(params, database.arena);
    db_cstr(params, number);
    db_cstr(params, "portal");
}

static inline struct span
move(const char *event, const char *actor, const char *detail, const char *assignee)
{
    struct db_params params;
    begin(&params);
    db_cstr(&params, event);
    db_cstr(&params, actor);
    db_cstr(&params, detail);
    db_time(&params, now);
    if (assignee == NULL) {
        db_null(&params);
    } else {
        db_cstr(&params, assignee);
    }
    return run(STATEMENT_difference_move, &params);
}

/* 0: none. */
static inline void
amount(struct db_params *params, int64_t value)
{
    if (value == 0) {
        db_null(params);
    } else {
        db_i64(params, value);
    }
}

/* `contract` is NULL for kinds that name none, `reverses` is 0 for all but one. */
static inline struct span
propose_of(const char *kind, int64_t fen, const char *contract, int64_t reverses, const char *actor)
{
    struct db_params params;
    begin(&params);
    db_cstr(&params, kind);
    amount(&params, fen);
    db_cstr(&params, "the order is closed");
    db_cstr(&params, actor);
    db_time(&params, now);
    db_cstr(&params, "{}");
    db_cstr(&params, contract);
    amount(&params, reverses);
    return run(STATEMENT_action_propose, &params);
}

static inline struct span
propose_by(const char *kind, int64_t fen, const char *contract, const char *actor)
{
    return propose_of(kind, fen, contract, 0, actor);
}

static inline struct span
propose(const char *kind, int64_t fen, const char *actor)
{
    return propose_by(kind, fen, NULL, actor);
}

static inline struct span
decide_of(const char *event, const char *kind, int64_t fen, const char *contract, int64_t reverses,
          const char *actor)
{
    struct db_params params;
    begin(&params);
    db_cstr(&params, event);
    db_cstr(&params, kind);
    amount(&params, fen);
    db_cstr(&params, actor);
    db_time(&params, now);
    db_cstr(&params, "{}");
    db_cstr(&params, contract);
    amount(&params, reverses);
    return run(STATEMENT_action_decide, &params);
}

static inline struct span
decide_by(const char *event, const char *kind, int64_t fen, const char *contract, const char *actor)
{
    return decide_of(event, kind, fen, contract, 0, actor);
}

static inline struct span
decide(const char *event, const char *kind, int64_t fen, const char *actor)
{
    return decide_by(event, kind, fen, NULL, actor);
}

static inline struct span
execute(const char *actor)
{
    struct db_params params;
    begin(&params);
    db_cstr(&params, actor);
    db_cstr(&params, "{}");
    db_time(&params, now);
    return run(STATEMENT_action_execute, &params);
}

/* The only difference that there is, is the one that they are about. */
static inline void
people_open(void)
{
    PGconn *conn = PQconnectdb(database.superuser);
    PGresult *result = PQexec(conn, "SELECT difference_no FROM tallygate.difference");
    cr_assert_eq(PQntuples(result), 1);
    (void)snprintf(number, sizeof(number), "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
}

static inline void
people_close(void)
{
    db_rows_free(&rows);
    db_session_close(&app);
    difference_house_close();
}

/* Sends a statement by several connections at once, all waiting at the difference's row, and counts an outcome. */
static inline int
people_race(enum statement statement, const char *const arguments[], int count, const char *outcome)
{
    PGconn *racers[CALLERS];
    int held = 0;
    PGconn *gate = PQconnectdb(database.superuser);
    PQclear(PQexec(gate, "BEGIN; SELECT 1 FROM tallygate.difference FOR UPDATE"));
    for (int i = 0; i < count; i++) {
        char sql[512];
        racers[i] = PQconnectdb(database.app);
        PQclear(PQexec(racers[i], "SET search_path = tallygate"));
        PQclear(PQprepare(racers[i], "act", (const char *)statement_files[statement].at, 0, NULL));
        (void)snprintf(sql, sizeof(sql), "EXECUTE act('%s', 'portal', %s)", number, arguments[i]);
        cr_assert_eq(PQsendQuery(racers[i], sql), 1);
    }
    while (database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE "
                                      "wait_event_type = 'Lock' AND datname = current_database()")
           < count) {
        cr_assert_eq(PQstatus(gate), CONNECTION_OK);
    }
    PQclear(PQexec(gate, "COMMIT"));
    for (int i = 0; i < count; i++) {
        PGresult *result = PQgetResult(racers[i]);
        cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(racers[i]));
        held += span_eq_cstr(span_of(PQgetvalue(result, 0, 0)), outcome);
        PQclear(result);
        PQfinish(racers[i]);
    }
    PQfinish(gate);
    return held;
}

#endif
