/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_WIRE_H
#define TALLYGATE_TESTS_BENCH_WIRE_H

/* libpq by itself, for what the product is compared with. Whatever fails is told on standard error. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "err.h"

/* With search_path = tallygate. NULL when there is no connection. */
PGconn *wire_open(const char *conninfo);

/* Several statements, whose rows nobody wants. Errors: DB_STATEMENT. */
MUST_USE enum err wire_run(PGconn *conn, const char *sql);

/* COPY … FROM STDIN: put what belongs into it, then end it. Errors: DB_STATEMENT. */
MUST_USE enum err wire_copy_in(PGconn *conn, const char *sql);
MUST_USE enum err wire_put(PGconn *conn, const void *bytes, size_t len);
MUST_USE enum err wire_copy_end(PGconn *conn);

/* COPY … TO STDOUT, to `path` or, NULL, to nowhere. Errors: DB_STATEMENT, FILE_WRITE. */
MUST_USE enum err wire_copy_out(PGconn *conn, const char *sql, const char *path);

#endif
