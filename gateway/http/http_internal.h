/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_HTTP_INTERNAL_H
#define TALLYGATE_HTTP_HTTP_INTERNAL_H

/* What the files of this folder share: the server, its doors, connections and transactions. */

#include <sys/queue.h>

#include "http.h"
#include "scanner.h"

struct bufferevent;
struct evbuffer_cb_entry;
struct evconnlistener;
struct event;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;

#define CONNECTION_BUCKETS  256
#define CONNECTION_PEER_MAX 64

/* Where a connection is; each phase has its own absolute deadline. */
enum connection_phase {
    CONNECTION_FRESH, /* accepted: TLS handshake, or waiting for the first byte */
    CONNECTION_HEADERS,
    CONNECTION_BODY,
    CONNECTION_HANDLING,
    CONNECTION_WRITING,
    CONNECTION_IDLE,
    CONNECTION_PHASE_COUNT
};

struct door {
    struct http_server *server;
    enum http_door kind;
    struct evhttp *http;
    struct evconnlistener *listener; /* owned by http */
    void *tls;                       /* SSL_CTX, borrowed */
};

struct connection {
    struct door *door;
    struct bufferevent *bev;         /* evhttp's; ours too until adopted */
    struct evhttp_connection *evcon; /* NULL until adopted */
    struct evbuffer_cb_entry *watch;
    struct event *adopt;
    struct event *deadline;
    enum connection_phase phase;
    struct scanner scanner;
    struct http_transaction *transaction; /* while handled */
    char peer[CONNECTION_PEER_MAX];
    LIST_ENTRY(connection) link;
};

LIST_HEAD(connection_list, connection);
LIST_HEAD(transaction_list, http_transaction);

struct http_transaction {
    struct http_request request;
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_server *server;    /* NULL once the server is gone */
    struct connection *connection; /* NULL once the peer is gone */
    struct evhttp_request *evhttp; /* NULL once the peer is gone */
    bool close;                    /* the connection ends with this answer */
    bool secure;                   /* came by TLS */
    bool answered;
    LIST_ENTRY(http_transaction) link;
};

struct http_server {
    struct event_base *base;
    struct http_server_options options;
    struct door doors[HTTP_DOOR_COUNT];
    struct connection_list buckets[CONNECTION_BUCKETS];
    struct connection_list fresh; /* accepted, not adopted */
    struct connection_list dead;  /* freed by the reaper */
    struct transaction_list running;
    struct transaction_list retired; /* freed by the reaper */
    struct event *reaper;
    struct event *resume; /* listeners rest a moment when descriptors run out */
    int connection_count; /* adopted */
    bool draining;
};

/* connection.c */
struct bufferevent *connection_new(struct event_base *base, void *door);
struct connection *connection_find(struct http_server *server, struct evhttp_request *evhttp);
void connection_enter(struct connection *connection, enum connection_phase phase);
void connection_enter_writing(struct connection *connection, size_t bytes); /* later for more */
void connection_answered(struct evhttp_request *evhttp, void *connection);
void connection_close_idle(struct http_server *server);
void connection_abandon_fresh(struct http_server *server);
void connection_release(struct connection *connection);

/* transaction.c */
MUST_USE enum err transaction_new(struct connection *connection, struct evhttp_request *evhttp,
                                  struct http_transaction **out);
void transaction_peer_gone(struct http_transaction *transaction);
void transaction_retire(struct http_transaction *transaction);
void transaction_free(struct http_transaction *transaction);

/* admission.c: copies what evhttp read into the request and judges it. *close tells whether the
 * connection must end with the refusal. Errors: HTTP_*, ARENA_FULL. */
MUST_USE enum err admission_read(struct http_transaction *transaction);

/* route.c: finds the row and runs it, or answers 404, 405, 415, 501. */
void route_dispatch(struct http_transaction *transaction);

/* problem.c: http_problem with one more header, which may be NULL. */
void problem_reply(struct http_request *request, enum err err, const struct faults *faults,
                   const struct http_header *extra);

/* request.c */
enum language request_language(struct span accept_language);

/* The same but for the case of letters. */
bool request_same_word(struct span word, const char *wanted);

/* Whether the Content-Type names this media type; *parameters is what stands after it, "" if nothing. */
bool request_media_is(const struct http_request *request, const char *media,
                      struct span *parameters);

/* Percent-decodes; "+" is a blank in forms. Errors: ENCODING (broken escape, NUL or other control
 * byte, not UTF-8), ARENA_FULL. */
MUST_USE enum err request_decode(struct arena *arena, struct span text, bool form,
                                 struct span *out);

#endif
