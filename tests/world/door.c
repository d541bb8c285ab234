/* SPDX-License-Identifier: Apache-2.0 */
#include "door.h"

#include <stdlib.h>

#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>

enum door_state {
    DOOR_OPEN,
    DOOR_FOREIGN, /* a certificate for the same host from roots that nobody trusts */
    DOOR_BROKEN,  /* no handshake comes about */
    DOOR_STATE_COUNT
};

static const struct {
    const char *name;
    const char *certificate; /* in the PKI, NULL: none */
} states[DOOR_STATE_COUNT] = {
    [DOOR_OPEN] = { "open", "tls-server" },
    [DOOR_FOREIGN] = { "foreign", "tls-foreign-server" },
    [DOOR_BROKEN] = { "broken", NULL },
};

struct door {
    struct door *next;
    const char *name;
    SSL_CTX *tls[DOOR_STATE_COUNT];
    enum door_state state;
};

static enum err
use_certificate(const struct world *world, const char *stem, SSL_CTX *tls)
{
    DEFER(buf_fini) struct buf crt = BUF_MAX(4096);
    DEFER(buf_fini) struct buf key = BUF_MAX(4096);
    const char *crt_path;
    const char *key_path;
    TRY(buf_printf(&crt, "%s/%s.crt", world->pki, stem));
    TRY(buf_printf(&key, "%s/%s.key", world->pki, stem));
    TRY(buf_cstr(&crt, &crt_path));
    TRY(buf_cstr(&key, &key_path));
    bool good = SSL_CTX_use_certificate_chain_file(tls, crt_path) == 1
                && SSL_CTX_use_PrivateKey_file(tls, key_path, SSL_FILETYPE_PEM) == 1;
    return good ? ERR_OK : ERR_KEY_PARSE;
}

static enum err
open_states(const struct world *world, struct door *door)
{
    for (size_t i = 0; i < DOOR_STATE_COUNT; i++) {
        door->tls[i] = SSL_CTX_new(TLS_server_method());
        if (door->tls[i] == NULL
            || SSL_CTX_set_min_proto_version(door->tls[i], TLS1_2_VERSION) != 1) {
            return ERR_SYSTEM;
        }
        if (states[i].certificate != NULL) {
            TRY(use_certificate(world, states[i].certificate, door->tls[i]));
        }
    }
    return ERR_OK;
}

enum err
door_new(struct world *world, const char *name, struct door **out)
{
    struct door *door = calloc(1, sizeof(*door));
    if (door == NULL) {
        return ERR_NO_MEMORY;
    }
    door->name = name;
    enum err err = open_states(world, door);
    if (err != ERR_OK) {
        door_free(&door);
        return err;
    }
    door->next = world->doors;
    world->doors = door;
    *out = door;
    return ERR_OK;
}

void
door_free(struct door **door)
{
    if (door == NULL || *door == NULL) {
        return;
    }
    for (size_t i = 0; i < DOOR_STATE_COUNT; i++) {
        SSL_CTX_free((*door)->tls[i]);
    }
    free(*door);
    *door = NULL;
}

struct bufferevent *
door_accept(struct event_base *base, void *context)
{
    const struct door *door = context;
    SSL *ssl = SSL_new(door->tls[door->state]);
    if (ssl == NULL) {
        return NULL;
    }
    struct bufferevent *bev = bufferevent_openssl_socket_new(
        base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

static bool
set_state(struct door *door, struct span state)
{
    for (int i = 0; i < DOOR_STATE_COUNT; i++) {
        if (span_eq_cstr(state, states[i].name)) {
            door->state = (enum door_state)i;
            return true;
        }
    }
    return false;
}

static void
set_door(void *self, struct control_call *call, const struct json_t *in)
{
    const struct world *world = self;
    struct span provider = { 0 };
    struct span state = { 0 };
    bool good = json_get_string(in, "provider", &provider) == ERR_OK
                && json_get_string(in, "state", &state) == ERR_OK;
    struct door *door = world->doors;
    while (good && door != NULL && !span_eq_cstr(provider, door->name)) {
        door = door->next;
    }
    if (!good || door == NULL || !set_state(door, state)) {
        control_refuse(call, 400, "FIELD", "provider, state: open, foreign or broken");
        return;
    }
    control_answer(call, NULL);
}

void
door_add(struct world *world)
{
    control_add(world, EVHTTP_REQ_POST, "/door", set_door, world);
}
