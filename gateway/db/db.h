/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_DB_DB_H
#define TALLYGATE_DB_DB_H

/* PostgreSQL for an event loop: a small pool of connections, prepared statements by number, one
 * statement one transaction, a client-side deadline each that runs from the moment it is asked for,
 * in the queue too. Nothing is held between two statements. Statements are the files of sql/queries, embedded at build and prepared at connect. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "err.h"
#include "span.h"
#include "statement_files.h" /* enum statement */

struct event_base;
struct db;

#define DB_PARAMS_MAX  48
#define DB_WAITING_MAX 4096 /* statements waiting for a connection; one more is OVERLOADED */

/* Parameters in text or binary form, built in order $1, $2, …; storage is the arena's. */
struct db_params {
    struct arena *arena;
    int count;
    enum err err; /* the first failure; db_run reports it */
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX];
    int formats[DB_PARAMS_MAX];
};

void db_params_init(struct db_params *p, struct arena *arena);
void db_text(struct db_params *p, struct span value); /* the empty span is the empty string */
void db_text_or_null(struct db_params *p, struct span value); /* the empty span is NULL */
void db_cstr(struct db_params *p, const char *value);         /* NULL is NULL */
void db_i64(struct db_params *p, int64_t value);
void db_bool(struct db_params *p, bool value);
void db_time(struct db_params *p, struct wall_time value); /* 0 is NULL; timestamptz */
void db_day(struct db_params *p, struct day value);        /* year 0 is NULL */
void db_bytes(struct db_params *p, struct span value);     /* bytea */
void db_null(struct db_params *p);

/* The rows of one answer; borrowed, live until the done function returns. Columns are named. A
 * missing column is a broken invariant and aborts. */
struct db_rows;
size_t db_rows_count(const struct db_rows *rows);
size_t db_rows_affected(const struct db_rows *rows);
bool db_row_null(const struct db_rows *rows, size_t row, const char *column);
struct span db_row_text(const struct db_rows *rows, size_t row,
                        const char *column);                                    /* NULL: empty */
int64_t db_row_i64(const struct db_rows *rows, size_t row, const char *column); /* NULL: 0 */
bool db_row_bool(const struct db_rows *rows, size_t row, const char *column);   /* NULL: false */
struct wall_time db_row_time(const struct db_rows *rows, size_t row,
                             const char *column); /* NULL: 0 */
MUST_USE enum err db_row_bytes(const struct db_rows *rows, size_t row, const char *column,
                               struct arena *arena, struct span *out);

/* err: DB_AWAY nothing was stored (also: no connection took it in its time); DB_OUTCOME the answer got lost: read again by key; DB_CONSTRAINT
 * refused (`constraint` names it); OVERLOADED; DB_STATEMENT. rows is NULL unless OK. */
struct db_answer {
    enum err err;
    const struct db_rows *rows;
    const char *constraint; /* "" unless DB_CONSTRAINT */
};
typedef void (*db_done)(void *context, const struct db_answer *answer);

MUST_USE enum err db_open(struct event_base *base, const char *conninfo, int connections,
                          int statement_ms, struct db **out);
void db_close(struct db **db);      /* waiting statements end without their done */
bool db_ready(const struct db *db); /* at least one connection stands */

/* No statement waits or runs. */
MUST_USE bool db_idle(const struct db *db);

/* Queues a statement; `done` is called later from the loop, exactly once, never from inside this
 * call, except for a failure to queue it (parameters, memory, OVERLOADED). Parameters are copied. */
void db_run(struct db *db, enum statement statement, const struct db_params *params, db_done done,
            void *context);

/* The same for programs without a loop (the operator's CLI, the nightly run, tests): blocks, though
 * never longer than its limit, which runs anew for every statement. A server that does not answer in
 * time is given up: DB_OUTCOME for what was sent, DB_AWAY for all that is asked afterwards. */
#define DB_SESSION_MS      60000
#define DB_SESSION_LONG_MS 1800000 /* a migration; a statement of a whole day's reconciliation */
struct db_session;
MUST_USE enum err db_session_open(const char *conninfo, struct db_session **out);
void db_session_close(struct db_session **session);
void db_session_limit(struct db_session *session, int limit_ms); /* DB_SESSION_MS at first */
MUST_USE enum err db_session_run(struct db_session *session, enum statement statement,
                                 const struct db_params *params, struct db_rows **rows);
void db_rows_free(struct db_rows **rows);
MUST_USE enum err db_session_begin(struct db_session *session, bool repeatable_read);
MUST_USE enum err db_session_commit(struct db_session *session);
/* Afterwards the transaction is gone in any case: a session whose ROLLBACK is not confirmed is hung
 * up, with which the server ends it. The words of the failure before it stay. */
void db_session_rollback(struct db_session *session);
const char *
db_session_trouble(const struct db_session *session); /* the server's words, for a person */

/* Runs a whole script of ours, e.g. a migration: several statements in the caller's transaction. */
MUST_USE enum err db_session_script(struct db_session *session, const char *script);

/* Streams rows into a table by COPY … FROM STDIN (FORMAT binary): `statement` names the COPY file. A row begins with the number of
 * its cells, which follow in the order and with the types of their columns: text, bigint, boolean, timestamptz, text[].
 * The first failure stays: what follows it does nothing. */
struct db_writer {
    struct db_session *session;
    struct buf out;
    size_t rows;
    enum err err;
};
MUST_USE enum err db_write_open(struct db_session *session, enum statement statement,
                                struct db_writer *out);
void db_writer_fini(struct db_writer *writer);

/* Errors: BUF_FULL for a row of more than a megabyte; DB_AWAY; those of the statement; INTERNAL when the server took another number of
 * rows than were sent. */
MUST_USE enum err db_write_row(struct db_writer *writer, int cells);
MUST_USE enum err db_write_close(struct db_writer *writer);
void db_write_text(struct db_writer *writer, struct span text);
void db_write_i64(struct db_writer *writer, int64_t value);
void db_write_bool(struct db_writer *writer, bool value);
void db_write_time(struct db_writer *writer, struct wall_time time); /* 0 is NULL */
void db_write_day(struct db_writer *writer, struct day day);
void db_write_texts(struct db_writer *writer, const char *const *texts, size_t count);
void db_write_null(struct db_writer *writer);

/* Reads rows as they come from COPY … TO STDOUT (FORMAT binary): `statement` names the COPY file. The cells of a row are
 * taken one after the other, all of them; texts are lent until the next row. One that is left half read ends with its session. */
struct db_reader {
    struct db_session *session;
    char *message; /* libpq's */
    const unsigned char *at;
    size_t left; /* bytes of the message */
    int cells;   /* of the row, not taken yet */
    size_t rows;
    bool broken; /* a cell was asked for that is not there, or of another size */
};
MUST_USE enum err db_read_open(struct db_session *session, enum statement statement,
                               struct db_reader *out);
void db_reader_fini(struct db_reader *reader);

/* *more false: that was the last row, and the server counted as many. Errors: DB_ROWS when a row is not as it was read, or was not
 * taken whole; DB_AWAY; those of the statement. */
MUST_USE enum err db_read_next(struct db_reader *reader, bool *more);
struct span db_read_text(struct db_reader *reader);      /* NULL: empty */
int64_t db_read_i64(struct db_reader *reader);           /* smallint to bigint; NULL: 0 */
bool db_read_bool(struct db_reader *reader);             /* NULL: false */
struct wall_time db_read_time(struct db_reader *reader); /* timestamptz; NULL: 0 */

#endif
