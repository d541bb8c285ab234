/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session_internal.h"

static void
on_notice(void *context, const PGresult *notice)
{
    struct db_session *session = context;
    session->lost_wait = session->lost_wait || db_is_lost_wait(notice);
}

/* Whatever was under way ends at the server too. The reason stays, for a person. */
static void
hang_up(struct db_session *session)
{
    PQfinish(session->conn);
    session->conn = NULL;
}

static void
keep_words(struct db_session *session)
{
    (void)snprintf(session->trouble, sizeof(session->trouble), "%s", PQerrorMessage(session->conn));
}

static void
no_answer(struct db_session *session, int limit_ms)
{
    (void)snprintf(session->trouble, sizeof(session->trouble),
                   "the server did not answer within %d ms; the connection was given up", limit_ms);
    hang_up(session);
}

/* False when the time is over or the socket cannot be waited for. */
static bool
wait_for(const struct db_session *session, short what, struct mono_time began, int limit_ms)
{
    struct pollfd socket = { .fd = PQsocket(session->conn), .events = what };
    int ready = -1;
    do {
        int64_t left = limit_ms - clock_mono_ms_since(began);
        ready = left <= 0 ? 0 : poll(&socket, 1, (int)left);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

enum err
session_standing(struct db_session *session)
{
    if (session->conn == NULL) {
        return ERR_DB_AWAY; /* the words that tell why are kept */
    }
    if (PQstatus(session->conn) != CONNECTION_OK) {
        keep_words(session);
        return ERR_DB_AWAY;
    }
    return ERR_OK;
}

/* False when the time is over. A connection that broke shows in its next result. */
static bool
push(struct db_session *session, struct mono_time began)
{
    while (PQflush(session->conn) == 1) {
        if (!wait_for(session, POLLIN | POLLOUT, began, session->limit_ms)) {
            return false;
        }
        if (PQconsumeInput(session->conn) != 1) {
            return true;
        }
    }
    return true;
}

enum err
session_flush(struct db_session *session)
{
    if (!push(session, clock_mono())) {
        no_answer(session, session->limit_ms);
        return ERR_DB_AWAY;
    }
    return session_standing(session);
}

/* False when the time is over. PQgetResult does not block once nothing more is to come. */
static bool
next_result(struct db_session *session, struct mono_time began, PGresult **out)
{
    bool broken = PQstatus(session->conn) != CONNECTION_OK;
    while (!broken && PQisBusy(session->conn) != 0) {
        if (!wait_for(session, POLLIN, began, session->limit_ms)) {
            return false;
        }
        broken = PQconsumeInput(session->conn) != 1;
    }
    *out = PQgetResult(session->conn);
    return true;
}

static bool
last_result(struct db_session *session, PGresult **last)
{
    struct mono_time began = clock_mono();
    PGresult *result = NULL;
    if (!push(session, began)) {
        return false;
    }
    do {
        if (!next_result(session, began, &result)) {
            return false;
        }
        if (result != NULL) {
            PQclear(*last);
            *last = result;
        }
    } while (result != NULL && PQresultStatus(result) != PGRES_COPY_IN
             && PQresultStatus(result) != PGRES_COPY_OUT
             && PQstatus(session->conn) == CONNECTION_OK);
    return true;
}

enum err
session_answer(struct db_session *session, bool statement, PGresult **out)
{
    char constraint[DB_CONSTRAINT_NAME_MAX];
    if (!last_result(session, out)) {
        no_answer(session, session->limit_ms);
        return statement ? ERR_DB_OUTCOME : ERR_DB_AWAY;
    }
    enum err err = db_classify(*out, statement, constraint);
    if (err != ERR_OK) {
        keep_words(session);
    }
    if (err == ERR_OK && session->lost_wait) {
        session->lost_wait = false;
        return ERR_DB_OUTCOME;
    }
    return err;
}

enum err
session_copied(struct db_session *session, char **message, size_t *len)
{
    struct mono_time began = clock_mono();
    int got = 0;
    TRY(session_standing(session));
    while ((got = PQgetCopyData(session->conn, message, 1)) == 0) {
        if (!wait_for(session, POLLIN, began, session->limit_ms)) {
            no_answer(session, session->limit_ms);
            return ERR_DB_AWAY;
        }
        if (PQconsumeInput(session->conn) != 1) {
            keep_words(session);
            return ERR_DB_AWAY;
        }
    }
    *len = got > 0 ? (size_t)got : 0;
    return ERR_OK;
}

/* False when the time is over or the server refused. */
static bool
connect_within(struct db_session *session)
{
    struct mono_time began = clock_mono();
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
        short what = next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
        if (!wait_for(session, what, began, DB_CONNECT_MS)) {
            no_answer(session, DB_CONNECT_MS);
            return false;
        }
        next = PQconnectPoll(session->conn);
    }
    if (next != PGRES_POLLING_OK || PQsetnonblocking(session->conn, 1) != 0) {
        keep_words(session);
        return false;
    }
    return true;
}

static enum err
connect_session(struct db_session *session, const char *conninfo)
{
    struct db_keywords keywords;
    db_keywords_fill(conninfo, &keywords);
    session->conn = PQconnectStartParams(keywords.names, keywords.values, 1);
    if (session->conn == NULL) {
        return ERR_NO_MEMORY;
    }
    if (PQstatus(session->conn) == CONNECTION_BAD) {
        keep_words(session);
        return ERR_DB_AWAY;
    }
    return connect_within(session) ? ERR_OK : ERR_DB_AWAY;
}

enum err
db_session_open(const char *conninfo, struct db_session **out)
{
    struct db_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return ERR_NO_MEMORY;
    }
    session->limit_ms = DB_SESSION_MS;
    enum err err = connect_session(session, conninfo);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "%s\n", session->trouble);
        db_session_close(&session);
        return err;
    }
    (void)PQsetNoticeReceiver(session->conn, on_notice, session);
    *out = session;
    return ERR_OK;
}

void
db_session_limit(struct db_session *session, int limit_ms)
{
    session->limit_ms = limit_ms;
}

void
db_session_close(struct db_session **session)
{
    if (session == NULL || *session == NULL) {
        return;
    }
    PQfinish((*session)->conn);
    free(*session);
    *session = NULL;
}

const char *
db_session_trouble(const struct db_session *session)
{
    return session->trouble;
}

static enum err
plain(struct db_session *session, const char *text)
{
    PGresult *result = NULL;
    TRY(session_standing(session));
    if (PQsendQuery(session->conn, text) != 1) {
        keep_words(session);
        return ERR_DB_OUTCOME;
    }
    enum err err = session_answer(session, true, &result);
    PQclear(result);
    return err;
}

enum err
db_session_begin(struct db_session *session, bool repeatable_read)
{
    return plain(session, repeatable_read ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN");
}

enum err
db_session_commit(struct db_session *session)
{
    return plain(session, "COMMIT");
}

void
db_session_rollback(struct db_session *session)
{
    char trouble[SESSION_TROUBLE_MAX];
    memcpy(trouble, session->trouble, sizeof(trouble));
    if (plain(session, "ROLLBACK") != ERR_OK) {
        hang_up(session);
    }
    memcpy(session->trouble, trouble, sizeof(trouble)); /* of the first failure */
}

enum err
db_session_script(struct db_session *session, const char *script)
{
    return plain(session, script);
}

static enum err
prepare(struct db_session *session, enum statement statement)
{
    if (session->prepared[statement]) {
        return ERR_OK;
    }
    const struct statement_file *file = &statement_files[statement];
    PGresult *result = NULL;
    TRY(session_standing(session));
    if (PQsendPrepare(session->conn, file->name, (const char *)file->at, 0, NULL) != 1) {
        keep_words(session);
        return ERR_DB_AWAY;
    }
    enum err err = session_answer(session, false, &result);
    PQclear(result);
    session->prepared[statement] = err == ERR_OK;
    return err;
}

static int
send_prepared(struct db_session *session, enum statement statement, const struct db_params *params)
{
    static const struct db_params none;
    const struct db_params *p = params == NULL ? &none : params;
    return PQsendQueryPrepared(session->conn, statement_files[statement].name, p->count, p->values,
                               p->lengths, p->formats, 0);
}

enum err
db_session_run(struct db_session *session, enum statement statement, const struct db_params *params,
               struct db_rows **rows)
{
    if (params != NULL && params->err != ERR_OK) {
        return params->err;
    }
    TRY(prepare(session, statement));
    TRY(session_standing(session));
    PGresult *result = NULL;
    if (send_prepared(session, statement, params) != 1) {
        keep_words(session);
        return ERR_DB_OUTCOME;
    }
    enum err err = session_answer(session, true, &result);
    if (err != ERR_OK || rows == NULL) {
        PQclear(result);
        return err;
    }
    struct db_rows *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        PQclear(result);
        return ERR_NO_MEMORY;
    }
    made->result = result;
    *rows = made;
    return ERR_OK;
}
