/* SPDX-License-Identifier: Apache-2.0 */
#include "clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_KEY_MAX_BYTES    4096
#define CLIENT_SHARED_MIN_BYTES 32

#define MINUTE_MS 60000

/* A client's explanations within a minute that began with the first of them. */
struct explained {
    struct mono_time since;
    int64_t count;
};

struct client {
    struct signature_key key;
    struct explained explained;
};

struct clients {
    size_t count;
    struct client list[];
};

static enum err
blame(const struct config *config, size_t index, const char *setting, const char *why, enum err err,
      struct config_fault *fault)
{
    *fault = (struct config_fault){ .line = 0 };
    (void)snprintf(fault->setting, sizeof(fault->setting), "client %s, %s",
                   config_name(config, CONFIG_SECTION_client, index), setting);
    (void)snprintf(fault->message, sizeof(fault->message), "%s", why);
    return err;
}

static enum err
load_material(struct signature_key *key, struct secret *material)
{
    if (key->algorithm == SIGNATURE_ED25519) {
        return crypto_public_key_new(secret_bytes(material), &key->public_key);
    }
    if (secret_bytes(material).len < CLIENT_SHARED_MIN_BYTES) {
        return ERR_KEY_PARSE;
    }
    return secret_new(secret_bytes(material), &key->shared);
}

enum err
clients_key(const struct config *config, size_t index, struct signature_key *key,
            struct config_fault *fault)
{
    key->keyid = config_name(config, CONFIG_SECTION_client, index);
    key->owner = config_text(config, CONFIG_client_owner, index);
    const char *algorithm = config_text(config, CONFIG_client_algorithm, index);
    if (signature_algorithm_decode(span_of(algorithm), &key->algorithm) != ERR_OK) {
        return blame(config, index, "algorithm", "must be hmac-sha256 or ed25519", ERR_CONFIG_VALUE,
                     fault);
    }
    const char *role = config_text(config, CONFIG_client_role, index);
    if (http_role_decode(span_of(role), &key->role) != ERR_OK) {
        return blame(config, index, "role", "is not a role", ERR_CONFIG_VALUE, fault);
    }
    DEFER(secret_free) struct secret *material = NULL;
    enum err err = secret_load(config_text(config, CONFIG_client_key_file, index),
                               CLIENT_KEY_MAX_BYTES, &material);
    if (err != ERR_OK) {
        return blame(config, index, "key_file", err_text(err, LANGUAGE_EN), err, fault);
    }
    err = load_material(key, material);
    if (err != ERR_OK) {
        return blame(config, index, "key_file",
                     "must hold a PEM public key (ed25519) or a secret of at least 32 bytes", err,
                     fault);
    }
    return ERR_OK;
}

enum err
clients_load(const struct config *config, struct clients **out, struct config_fault *fault)
{
    size_t count = config_count(config, CONFIG_SECTION_client);
    DEFER(clients_free)
    struct clients *clients = calloc(1, sizeof(struct clients) + count * sizeof(struct client));
    if (clients == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        clients->count = i + 1;
        TRY(clients_key(config, i, &clients->list[i].key, fault));
    }
    *out = clients;
    clients = NULL;
    return ERR_OK;
}

void
clients_key_fini(struct signature_key *key)
{
    secret_free(&key->shared);
    crypto_public_key_free(&key->public_key);
}

void
clients_free(struct clients **clients)
{
    if (clients == NULL || *clients == NULL) {
        return;
    }
    for (size_t i = 0; i < (*clients)->count; i++) {
        clients_key_fini(&(*clients)->list[i].key);
    }
    free(*clients);
    *clients = NULL;
}

const struct signature_key *
clients_find(const struct clients *clients, struct span keyid)
{
    for (size_t i = 0; i < clients->count; i++) {
        if (span_eq_cstr(keyid, clients->list[i].key.keyid)) {
            return &clients->list[i].key;
        }
    }
    return NULL;
}

bool
clients_may_explain(struct clients *clients, const struct signature_key *key, int64_t per_minute,
                    struct mono_time now)
{
    for (size_t i = 0; i < clients->count; i++) {
        struct explained *explained = &clients->list[i].explained;
        if (&clients->list[i].key != key) {
            continue;
        }
        if (explained->count == 0 || clock_mono_ms_between(explained->since, now) >= MINUTE_MS) {
            *explained = (struct explained){ .since = now };
        }
        if (explained->count >= per_minute) {
            return false;
        }
        explained->count++;
        return true;
    }
    return false;
}

struct span
clients_scheme(const struct config *config)
{
    return config_text(config, CONFIG_listen_tls_certificate, 0)[0] == 0 ? SPAN_LIT("http")
                                                                         : SPAN_LIT("https");
}

const char *
clients_owner(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_client); i++) {
        if (strcmp(config_name(config, CONFIG_SECTION_client, i), name) == 0) {
            return config_text(config, CONFIG_client_owner, i);
        }
    }
    return NULL;
}
