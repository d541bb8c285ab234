/* SPDX-License-Identifier: Apache-2.0 */
/* The blocking part of db.h over the twin: single statements; transactions of several are not known here. */
#include <stdlib.h>
#include <string.h>

#include "twin_internal.h"

struct db_session {
    struct twin *twin;
    const char *trouble;
};

enum err
db_session_open(const char *conninfo, struct db_session **out)
{
    if (strcmp(conninfo, "twin") != 0 || twin_offered() == NULL) {
        return ERR_DB_AWAY;
    }
    struct db_session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return ERR_NO_MEMORY;
    }
    session->twin = twin_offered();
    session->trouble = "";
    *out = session;
    return ERR_OK;
}

void
db_session_close(struct db_session **session)
{
    if (session != NULL) {
        free(*session);
        *session = NULL;
    }
}

const char *
db_session_trouble(const struct db_session *session)
{
    return session->trouble;
}

enum err
db_session_run(struct db_session *session, enum statement statement, const struct db_params *params,
               struct db_rows **rows)
{
    struct db_rows *answer = NULL;
    if (params != NULL && params->err != ERR_OK) {
        return params->err;
    }
    enum err err = twin_run(session->twin, statement, params, &answer, &session->trouble);
    if (err != ERR_OK || rows == NULL) {
        db_rows_free(&answer);
        return err;
    }
    *rows = answer;
    return ERR_OK;
}
