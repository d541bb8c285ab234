/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "db_internal.h"

/* SQLSTATE classes and codes, first fit wins. */
static const struct {
    const char *prefix;
    enum err unsent; /* when the statement itself had not been sent */
    enum err sent;
} states[] = {
    { "23", ERR_DB_CONSTRAINT, ERR_DB_CONSTRAINT },
    { "40001", ERR_LOST_RACE, ERR_LOST_RACE }, /* serialization failure */
    { "40P01", ERR_LOST_RACE, ERR_LOST_RACE }, /* deadlock: we were the one rolled back */
    { "40003", ERR_DB_AWAY, ERR_DB_OUTCOME },  /* completion unknown */
    { "57P0", ERR_DB_AWAY, ERR_DB_AWAY },      /* shutting down, starting */
    { "57014", ERR_DB_AWAY, ERR_DB_AWAY },     /* cancelled before it was done */
    { "53", ERR_DB_AWAY, ERR_DB_AWAY },        /* out of resources */
    { "08", ERR_DB_AWAY, ERR_DB_OUTCOME },     /* a pooler lost the server under the statement */
};

enum err
db_classify(const PGresult *result, bool sent, char constraint[DB_CONSTRAINT_NAME_MAX])
{
    constraint[0] = 0;
    ExecStatusType status = result == NULL ? PGRES_FATAL_ERROR : PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN
        || status == PGRES_COPY_OUT) {
        return ERR_OK;
    }
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL) {
        /* The connection broke. Whether a statement that was sent took effect, nobody can say. */
        return sent ? ERR_DB_OUTCOME : ERR_DB_AWAY;
    }
    const char *name = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    (void)snprintf(constraint, DB_CONSTRAINT_NAME_MAX, "%s", name == NULL ? "" : name);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) == 0) {
            return sent ? states[i].sent : states[i].unsent;
        }
    }
    return ERR_DB_STATEMENT;
}

void
db_keywords_fill(const char *conninfo, struct db_keywords *out)
{
    *out = (struct db_keywords){
        .names = { "tcp_user_timeout", "dbname", "options", "fallback_application_name",
                   "client_encoding", NULL },
        .values = { DB_TCP_USER_TIMEOUT, conninfo, DB_CONNECTION_OPTIONS, "tallygate", "UTF8",
                    NULL },
    };
}

bool
db_is_lost_wait(const PGresult *notice)
{
    /* The text is in the server's language; the function that says it is not. */
    const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    return (function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0)
           || (text != NULL && strstr(text, "synchronous replication") != NULL);
}
