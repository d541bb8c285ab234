/* SPDX-License-Identifier: Apache-2.0 */
/* What a server says about a statement, and what may be concluded from it. The server is a few bytes of
 * PostgreSQL's protocol (version 3, "Message Formats"), since no real one can be made to say them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "check.h"
#include "db.h"

#define COUNT(list)  (sizeof(list) / sizeof((list)[0]))
#define REPLY_MAX    4096
#define QUESTION_MAX 8192

static struct buf reply = BUF_MAX(REPLY_MAX);

static void
put_length(size_t len)
{
    const unsigned char bytes[4] = { 0, 0, (unsigned char)(len >> 8), (unsigned char)len };
    CHECK_OK(buf_append(&reply, span_make(bytes, sizeof(bytes))));
}

static void
put_message(unsigned char type, const void *body, size_t len)
{
    CHECK_OK(buf_byte(&reply, type));
    put_length(len + 4);
    CHECK_OK(buf_append(&reply, span_make(body, len)));
}

struct report {
    unsigned char type; /* 'E' error, 'N' notice */
    const char *severity;
    const char *state;
    const char *text;
    const char *function; /* of the server's source that says it */
};

static void
put_field(struct buf *body, unsigned char code, const char *value)
{
    CHECK_OK(buf_byte(body, code));
    CHECK_OK(buf_append(body, span_make(value, strlen(value) + 1)));
}

static void
put_report(const struct report *report)
{
    DEFER(buf_fini) struct buf body = BUF_MAX(1024);
    put_field(&body, 'S', report->severity);
    put_field(&body, 'V', report->severity);
    put_field(&body, 'C', report->state);
    put_field(&body, 'M', report->text);
    put_field(&body, 'R', report->function);
    CHECK_OK(buf_byte(&body, 0));
    put_message(report->type, body.at, body.len);
}

static void
put_complete(void)
{
    put_message('C', "COMMIT", sizeof("COMMIT"));
}

static void
put_ready(void)
{
    put_message('Z', "I", 1);
}

static void
answer(int peer, struct span bytes)
{
    char question[QUESTION_MAX];
    bool asked = recv(peer, question, sizeof(question), 0) > 0;
    bool told = asked && send(peer, bytes.at, bytes.len, MSG_NOSIGNAL) == (ssize_t)bytes.len;
    if (!told) {
        _exit(1);
    }
}

/* One connection: lets the client in, answers its statement with `reply`, and hangs up. A frozen
 * server says nothing after the welcome and keeps the connection. */
static pid_t
serve(int listener, bool frozen)
{
    static const unsigned char welcome[] = { 'R', 0, 0, 0, 8, 0, 0, 0, 0, 'Z', 0, 0, 0, 5, 'I' };
    pid_t child = fork();
    if (child == 0) {
        int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        answer(peer, span_make(welcome, sizeof(welcome)));
        if (!frozen) {
            answer(peer, buf_span(&reply));
            (void)shutdown(peer, SHUT_WR);
        }
        char rest;
        while (recv(peer, &rest, 1, 0) > 0) {
        }
        _exit(0);
    }
    return child;
}

struct house {
    int listener;
    pid_t child;
    struct db_session *session;
};

static void
open_house(bool frozen, struct house *house)
{
    char conninfo[128];
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    house->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(house->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(house->listener, 1), 0);
    cr_assert_eq(getsockname(house->listener, (struct sockaddr *)&address, &len), 0);
    house->child = serve(house->listener, frozen);
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=127.0.0.1 port=%u user=u dbname=d sslmode=disable gssencmode=disable",
                   ntohs(address.sin_port));
    CHECK_OK(db_session_open(conninfo, &house->session));
}

static void
close_house(struct house *house)
{
    int status = -1;
    db_session_close(&house->session);
    cr_assert_eq(waitpid(house->child, &status, 0), house->child);
    cr_assert_eq(status, 0, "the server failed");
    (void)close(house->listener);
    buf_fini(&reply);
}

static enum err
commit_says(void)
{
    struct house house = { 0 };
    open_house(false, &house);
    enum err err = db_session_commit(house.session);
    close_house(&house);
    return err;
}

Test(db_session, a_frozen_server_ends_in_words, .timeout = 60)
{
    struct house house = { 0 };
    open_house(true, &house);
    db_session_limit(house.session, 100);
    CHECK_ERR(db_session_commit(house.session), ERR_DB_OUTCOME);
    CHECK_TEXT(span_of(db_session_trouble(house.session)),
               "the server did not answer within 100 ms; the connection was given up");
    CHECK_ERR(db_session_begin(house.session, false), ERR_DB_AWAY);
    CHECK_TEXT(span_of(db_session_trouble(house.session)),
               "the server did not answer within 100 ms; the connection was given up");
    close_house(&house);
}

/* Whatever the server says to a ROLLBACK, no transaction outlives it. */
Test(db_session, a_rollback_that_is_refused_hangs_up)
{
    static const struct report refusal = { 'E', "ERROR", "XX000", "no", "" };
    struct house house = { 0 };
    put_report(&refusal);
    put_ready();
    open_house(false, &house);
    db_session_rollback(house.session);
    CHECK_ERR(db_session_begin(house.session, false), ERR_DB_AWAY);
    close_house(&house);
}

Test(db_session, a_statement_that_was_not_sent_stored_nothing, .timeout = 60)
{
    struct house house = { 0 };
    open_house(true, &house);
    db_session_limit(house.session, 100);
    CHECK_ERR(db_session_run(house.session, STATEMENT_ready_check, NULL, NULL), ERR_DB_AWAY);
    close_house(&house);
}

Test(db_session, a_commit_that_was_told_is_done)
{
    put_complete();
    put_ready();
    CHECK_OK(commit_says());
}

Test(db_session, a_commit_whose_answer_is_lost_is_unknown)
{
    CHECK_OK(buf_byte(&reply, 'C')); /* the first byte of it, and no more */
    CHECK_ERR(commit_says(), ERR_DB_OUTCOME);
}

Test(db_session, a_cancelled_wait_for_a_standby_is_unknown_in_every_language)
{
    static const struct report warnings[] = {
        { 'N', "WARNING", "01000", "canceling wait for synchronous replication due to user request",
          "SyncRepWaitForLSN" },
        { 'N', "WARNING", "01000", "由用户请求取消等待同步复制", "SyncRepWaitForLSN" },
        { 'N', "WARNING", "01000", "canceling wait for synchronous replication due to user request",
          "elsewhere" },
    };
    for (size_t i = 0; i < COUNT(warnings); i++) {
        put_report(&warnings[i]);
        put_complete();
        put_ready();
        CHECK_ERR(commit_says(), ERR_DB_OUTCOME);
    }
}

Test(db_session, other_warnings_change_nothing)
{
    static const struct report warning = { 'N', "WARNING", "25P01", "there is no transaction",
                                           "EndTransactionBlock" };
    put_report(&warning);
    put_complete();
    put_ready();
    CHECK_OK(commit_says());
}

/* Class 08 is what a connection pooler says when the server went away under a statement. */
Test(db_session, errors_say_nothing_happened_only_when_that_is_sure)
{
    static const struct {
        struct report report;
        enum err err;
    } rows[] = {
        { { 'E', "FATAL", "08P01", "server conn crashed?", "" }, ERR_DB_OUTCOME },
        { { 'E', "ERROR", "08006", "connection failure", "" }, ERR_DB_OUTCOME },
        { { 'E', "ERROR", "08007", "transaction resolution unknown", "" }, ERR_DB_OUTCOME },
        { { 'E', "ERROR", "40003", "statement completion unknown", "" }, ERR_DB_OUTCOME },
        { { 'E', "FATAL", "57P01", "terminating connection", "" }, ERR_DB_AWAY },
        { { 'E', "ERROR", "57014", "canceling statement", "" }, ERR_DB_AWAY },
        { { 'E', "ERROR", "53300", "too many connections", "" }, ERR_DB_AWAY },
        { { 'E', "ERROR", "40001", "could not serialize access", "" }, ERR_LOST_RACE },
        { { 'E', "ERROR", "40P01", "deadlock detected", "" }, ERR_LOST_RACE },
        { { 'E', "ERROR", "23505", "duplicate key", "" }, ERR_DB_CONSTRAINT },
        { { 'E', "ERROR", "42P01", "no such table", "" }, ERR_DB_STATEMENT },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        put_report(&rows[i].report);
        put_ready();
        enum err err = commit_says();
        cr_expect_eq(err, rows[i].err, "%s gave %s", rows[i].report.state, err_name(err));
    }
}
