/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_REAL_WIRE_H
#define TALLYGATE_SIMULATE_REAL_WIRE_H

/* Connections to PostgreSQL that block, with the settings and the classes of errors of gateway/db. */

#include <libpq-fe.h>

#include "db.h"

struct real_wire;

/* Errors: DB_AWAY, with the server's words on standard error. */
MUST_USE enum err real_wire_open(const char *conninfo, struct real_wire **out);
void real_wire_close(struct real_wire **wire);

/* Plain SQL of our own; aborts when it fails. The result is the caller's to clear. */
PGresult *real_wire_sql(struct real_wire *wire, const char *sql);

/* A statement of sql/queries, its values as text. The result is the caller's to clear, also on failure; `constraint` stays until
 * the next call. */
MUST_USE enum err real_wire_run(struct real_wire *wire, enum statement statement,
                                const struct db_params *params, PGresult **out,
                                const char **constraint);

#endif
