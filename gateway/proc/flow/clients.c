/* SPDX-License-Identifier: Apache-2.0 */
#include "clients.h"

#include <stdio.h>
#include <stdlib.h>

#define CLIENT_KEY_MAX_BYTES    4096
#define CLIENT_SHARED_MIN_BYTES 32

struct clients {
    size_t count;
    struct signature_key keys[];
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

static enum err
load_client(const struct config *config, size_t index, struct signature_key *key,
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
    struct clients *clients =
        calloc(1, sizeof(struct clients) + count * sizeof(struct signature_key));
    if (clients == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        clients->count = i + 1;
        TRY(load_client(config, i, &clients->keys[i], fault));
    }
    *out = clients;
    clients = NULL;
    return ERR_OK;
}

void
clients_free(struct clients **clients)
{
    if (clients == NULL || *clients == NULL) {
        return;
    }
    for (size_t i = 0; i < (*clients)->count; i++) {
        secret_free(&(*clients)->keys[i].shared);
        crypto_public_key_free(&(*clients)->keys[i].public_key);
    }
    free(*clients);
    *clients = NULL;
}

const struct signature_key *
clients_find(const struct clients *clients, struct span keyid)
{
    for (size_t i = 0; i < clients->count; i++) {
        if (span_eq_cstr(keyid, clients->keys[i].keyid)) {
            return &clients->keys[i];
        }
    }
    return NULL;
}
