/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/http.h>

#include "crypto.h"
#include "http_internal.h"

#define REQUEST_ID_BYTES 16

static enum err
request_id(char out[2 * REQUEST_ID_BYTES + 1])
{
    unsigned char random[REQUEST_ID_BYTES];
    TRY(crypto_random(random, sizeof(random)));
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof(random); i++) {
        out[2 * i] = digits[random[i] >> 4];
        out[2 * i + 1] = digits[random[i] & 15];
    }
    out[2 * sizeof(random)] = 0;
    return ERR_OK;
}

enum err
transaction_new(struct connection *connection, struct evhttp_request *evhttp,
                struct http_transaction **out)
{
    struct http_transaction *transaction = calloc(1, sizeof(*transaction));
    if (transaction == NULL) {
        return ERR_NO_MEMORY;
    }
    struct http_request *request = &transaction->request;
    enum err err = arena_new(HTTP_ARENA_MAX, &request->arena);
    if (err == ERR_OK) {
        err = request_id(request->request_id);
    }
    if (err != ERR_OK) {
        transaction_free(transaction);
        return err;
    }
    request->door = connection->door->kind;
    request->began = clock_mono();
    request->transaction = transaction;
    transaction->server = connection->door->server;
    transaction->secure = connection->door->tls != NULL;
    transaction->connection = connection;
    transaction->evhttp = evhttp;
    connection->transaction = transaction;
    LIST_INSERT_HEAD(&transaction->server->running, transaction, link);
    *out = transaction;
    return ERR_OK;
}

/* evhttp takes its own request object with the connection, unless it has detached it before: then
 * answering it frees it. */
void
transaction_peer_gone(struct http_transaction *transaction)
{
    transaction->connection = NULL;
    if (evhttp_request_get_connection(transaction->evhttp) != NULL) {
        transaction->evhttp = NULL;
    }
}

void
transaction_retire(struct http_transaction *transaction)
{
    struct http_server *server = transaction->server;
    if (server == NULL) {
        transaction_free(transaction);
        return;
    }
    LIST_REMOVE(transaction, link);
    LIST_INSERT_HEAD(&server->retired, transaction, link);
    struct timeval at_once = { 0, 0 };
    (void)event_add(server->reaper, &at_once);
}

void
transaction_free(struct http_transaction *transaction)
{
    arena_free(&transaction->request.arena);
    free(transaction);
}
