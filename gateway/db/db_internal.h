/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_DB_INTERNAL_H
#define TALLYGATE_DB_DB_INTERNAL_H

/* Shared by the files of this folder: what wraps libpq's result, and how its errors are classed. */

#include <libpq-fe.h>

#include "db.h"

#define DB_CONSTRAINT_NAME_MAX 64
#define DB_CONNECT_MS          5000

struct db_rows {
    PGresult *result;
};

/* The class of a finished result; `constraint` takes the name of a violated one. `sent` tells that
 * the statement had left this process when the connection broke. */
enum err db_classify(const PGresult *result, bool sent, char constraint[DB_CONSTRAINT_NAME_MAX]);

/* Settings of every connection: UTC, our schema, plain READ COMMITTED, and a name. */
#define DB_CONNECTION_OPTIONS                                                                    \
    "-c search_path=tallygate -c timezone=UTC -c default_transaction_isolation=read\\ committed" \
    " -c client_min_messages=warning"

/* How long bytes that were sent may stay unconfirmed by the other machine, in milliseconds. */
#define DB_TCP_USER_TIMEOUT "10000"

/* Keywords for PQconnect*Params; a later one wins: a default that the operator's string may change,
 * that string, then ours. */
struct db_keywords {
    const char *names[6];
    const char *values[6];
};
void db_keywords_fill(const char *conninfo, struct db_keywords *out);

/* True for the warning that a synchronous wait was cancelled: the commit then is not certain. */
bool db_is_lost_wait(const PGresult *notice);

#endif
