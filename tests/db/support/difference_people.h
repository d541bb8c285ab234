/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_PEOPLE_H
#define TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_PEOPLE_H

/* What people do about one difference, by the statements that the API uses. */

#include "difference_house.h"

#define MAKER   "finance"
#define CHECKER "checker"

static const struct wall_time now = { .us = INT64_C(1795500000000000) };
static struct db_rows *rows;
static char number[64]; /* of the difference that they are about */

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

/* 0: no amount. */
static inline void
amount(struct db_params *params, int64_t fen)
{
    if (fen == 0) {
        db_null(params);
    } else {
        db_i64(params, fen);
    }
}

static inline struct span
propose(const char *kind, int64_t fen, const char *actor)
{
    struct db_params params;
    begin(&params);
    db_cstr(&params, kind);
    amount(&params, fen);
    db_cstr(&params, "the order is closed");
    db_cstr(&params, actor);
    db_time(&params, now);
    db_cstr(&params, "{}");
    return run(STATEMENT_action_propose, &params);
}

static inline struct span
decide(const char *event, const char *kind, int64_t fen, const char *actor)
{
    struct db_params params;
    begin(&params);
    db_cstr(&params, event);
    db_cstr(&params, kind);
    amount(&params, fen);
    db_cstr(&params, actor);
    db_time(&params, now);
    db_cstr(&params, "{}");
    return run(STATEMENT_action_decide, &params);
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

#endif
