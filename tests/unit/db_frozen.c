/* SPDX-License-Identifier: Apache-2.0 */
/* A server that lets everybody connect and never says a word: the kernel takes the connections for a
 * listener that nobody asks for them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "check.h"
#include "db.h"

#define STATEMENT_MS 100
#define MARK_MS      1000

static int listener = -1;
static char conninfo[128];

static void
open_listener(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(listener, 8), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=127.0.0.1 port=%u user=u dbname=d sslmode=disable gssencmode=disable",
                   ntohs(address.sin_port));
}

static void
close_listener(void)
{
    (void)close(listener);
}

TestSuite(db_frozen, .init = open_listener, .fini = close_listener);

struct told {
    struct event_base *base;
    int left;
    int away;
};

static void
done(void *context, const struct db_answer *answer)
{
    struct told *told = context;
    told->away += answer->err == ERR_DB_AWAY ? 1 : 0;
    if (--told->left == 0) {
        (void)event_base_loopbreak(told->base);
    }
}

static void
on_mark(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)event_base_loopbreak(context);
}

/* Timers that are due together run in the order of their times, on a slow machine too: the mark
 * comes first only if a statement waited longer than its own time. */
Test(db_frozen, statements_that_no_connection_takes_end_in_their_own_time)
{
    const struct timeval wait = { .tv_sec = MARK_MS / 1000 };
    struct told told = { .base = event_base_new(), .left = 3 };
    struct event *mark = event_new(told.base, -1, 0, on_mark, told.base);
    struct db *db = NULL;
    CHECK_OK(db_open(told.base, conninfo, 2, STATEMENT_MS, &db));
    for (int i = 0; i < 3; i++) {
        db_run(db, STATEMENT_ready_check, NULL, done, &told);
    }
    cr_assert_eq(event_add(mark, &wait), 0);
    (void)event_base_dispatch(told.base);
    cr_expect_eq(told.left, 0, "still waiting");
    cr_expect_eq(told.away, 3, "nothing was sent");
    db_close(&db);
    event_free(mark);
    event_base_free(told.base);
}

Test(db_frozen, a_session_that_is_not_let_in_ends, .timeout = 60)
{
    struct db_session *session = NULL;
    CHECK_ERR(db_session_open(conninfo, &session), ERR_DB_AWAY);
    cr_expect_null(session);
}
