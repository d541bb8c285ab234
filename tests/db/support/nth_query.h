/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_NTH_QUERY_H
#define TALLYGATE_TESTS_DB_SUPPORT_NTH_QUERY_H

/* Fails the n-th thing that a program asks of the database, for every n. The functions below stand before those of libpq. A test
 * includes this once. */

#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <libpq-fe.h>

#define NTH_QUERY_MOST 1000 /* a sweep that is still failing here does not end */

enum nth_query_kind {
    NTH_QUERY_NONE,
    NTH_QUERY_AWAY, /* the connection breaks, and nothing was sent */
    NTH_QUERY_LOST, /* it was sent and answered; the connection breaks before the answer is read */
    NTH_QUERY_REFUSED, /* a constraint of this name refuses it */
    NTH_QUERY_KINDS
};

#define NTH_QUERY_REFUSAL \
    "DO $$BEGIN RAISE check_violation USING CONSTRAINT = 'nth', MESSAGE = 'nth'; END$$"

static enum nth_query_kind nth_query_armed;
static size_t nth_query_left;
static bool nth_query_failed;
static PGconn *nth_query_lost; /* whose answer is not to be read */

static inline void
nth_query_arm(enum nth_query_kind kind, size_t n)
{
    nth_query_failed = false;
    nth_query_lost = NULL;
    nth_query_left = n;
    nth_query_armed = kind;
}

/* Puts a connection whose other end is gone in the place of this one. */
static inline void
nth_query_break(PGconn *conn)
{
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    (void)close(pair[1]);
    cr_assert_geq(dup3(pair[0], PQsocket(conn), O_CLOEXEC), 0);
    (void)close(pair[0]);
}

/* What becomes of the call that comes now: NONE it is made. A broken connection is for the call to find out. */
static inline enum nth_query_kind
nth_query_now(PGconn *conn)
{
    if (nth_query_armed == NTH_QUERY_NONE || nth_query_left == 0 || --nth_query_left > 0) {
        return NTH_QUERY_NONE;
    }
    nth_query_failed = true;
    if (nth_query_armed == NTH_QUERY_AWAY) {
        cr_assert_eq(shutdown(PQsocket(conn), SHUT_RDWR), 0);
    } else if (nth_query_armed == NTH_QUERY_LOST) {
        nth_query_lost = conn;
    }
    return nth_query_armed;
}

/* libpq's own function of that name. */
#define NTH_QUERY_REAL(real, name)          \
    do {                                    \
        void *at = dlsym(RTLD_NEXT, name);  \
        cr_assert_not_null(at);             \
        memcpy(&(real), &at, sizeof(real)); \
    } while (0)

static inline int
nth_query_refuse(PGconn *conn)
{
    int (*real)(PGconn *, const char *);
    NTH_QUERY_REAL(real, "PQsendQuery");
    return real(conn, NTH_QUERY_REFUSAL);
}

int
PQsendQuery(PGconn *conn, const char *query)
{
    int (*real)(PGconn *, const char *);
    NTH_QUERY_REAL(real, "PQsendQuery");
    return nth_query_now(conn) == NTH_QUERY_REFUSED ? nth_query_refuse(conn) : real(conn, query);
}

int
PQsendPrepare(PGconn *conn, const char *name, const char *query, int count, const Oid *types)
{
    int (*real)(PGconn *, const char *, const char *, int, const Oid *);
    NTH_QUERY_REAL(real, "PQsendPrepare");
    return nth_query_now(conn) == NTH_QUERY_REFUSED ? nth_query_refuse(conn)
                                                    : real(conn, name, query, count, types);
}

int
PQsendQueryPrepared(PGconn *conn, const char *name, int count, const char *const *values,
                    const int *lengths, const int *formats, int result_format)
{
    int (*real)(PGconn *, const char *, int, const char *const *, const int *, const int *, int);
    NTH_QUERY_REAL(real, "PQsendQueryPrepared");
    return nth_query_now(conn) == NTH_QUERY_REFUSED
               ? nth_query_refuse(conn)
               : real(conn, name, count, values, lengths, formats, result_format);
}

/* A copy that is refused is one that ends as its end should have. */
int
PQputCopyEnd(PGconn *conn, const char *message)
{
    int (*real)(PGconn *, const char *);
    NTH_QUERY_REAL(real, "PQputCopyEnd");
    return real(conn, nth_query_now(conn) == NTH_QUERY_REFUSED ? "nth" : message);
}

int
PQconsumeInput(PGconn *conn)
{
    int (*real)(PGconn *);
    NTH_QUERY_REAL(real, "PQconsumeInput");
    if (conn == nth_query_lost) {
        nth_query_lost = NULL;
        nth_query_break(conn);
    }
    return real(conn);
}

#endif
