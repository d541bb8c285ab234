/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_SESSION_INTERNAL_H
#define TALLYGATE_DB_SESSION_INTERNAL_H

/* A blocking session as session.c, copy_in.c and copy_out.c see it. The connection itself never blocks: every wait is
 * a poll with a limit, so that a server that says nothing ends in an error. */

#include "db_internal.h"

#define SESSION_TROUBLE_MAX 512

struct db_session {
    PGconn *conn; /* NULL once it was hung up */
    int limit_ms; /* of one statement */
    bool prepared[STATEMENT_COUNT];
    bool lost_wait;
    char trouble[SESSION_TROUBLE_MAX];
};

/* DB_AWAY unless there is a connection to send on. */
MUST_USE enum err session_standing(struct db_session *session);

/* Sends what libpq still holds. Errors: DB_AWAY. */
MUST_USE enum err session_flush(struct db_session *session);

/* Waits for the results of what was sent and judges the last. `statement` tells whether it could have
 * stored something. The result is the caller's to clear, also on failure. */
MUST_USE enum err session_answer(struct db_session *session, bool statement, PGresult **out);

/* The next message of COPY TO STDOUT, to be given back by PQfreemem; *len 0: there are no more, and session_answer tells how it
 * ended. Errors: DB_AWAY. */
MUST_USE enum err session_copied(struct db_session *session, char **message, size_t *len);

#endif
