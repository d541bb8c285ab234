/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_signer.h"

#include <string.h>

#define KEY_FILE_MAX_BYTES ((size_t)16 * 1024)

static bool
is_keyed(const struct keys_signer *signer)
{
    return signer->shared != NULL;
}

/* The text over the fields, signed. */
static enum err
sign_fields(const struct keys_signer *signer, const struct adapter_fields *fields,
            struct arena *arena, struct buf *signature)
{
    const struct adapter_account *account = signer->account;
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_MESSAGE_MAX);
    TRY(err_told_as(account->adapter->sign_text(fields, arena, &text), ERR_KEYS_POLICY));
    enum err err =
        is_keyed(signer)
            ? crypto_keyed_sign(signer->shared, account->scheme, buf_span(&text), signature)
            : crypto_sign(signer->key, account->scheme, buf_span(&text), signature);
    return err_told_as(err, ERR_CRYPTO);
}

/* The adapter reads the facts back and builds the text from the same fields, so that what is judged
 * is what is signed. */
static enum err
sign(struct keys_signer *signer, const struct keys_limits *limits,
     const struct keys_request *request, struct arena *arena, struct buf *signature)
{
    const struct adapter_account *account = signer->account;
    struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
    TRY(err_told_as(account->adapter->sign_facts(&request->fields, arena, &facts),
                    ERR_KEYS_POLICY));
    TRY(keys_policy_judge(limits, account, request->operation, &facts));
    TRY(keys_rate_take(&signer->rate, clock_mono()));
    TRY(keys_refunds_judge(signer->refunds, account, &facts, clock_wall()));
    return sign_fields(signer, &request->fields, arena, signature);
}

/* Says whether the signature is right, and never what would be: a captured worker learns nothing that it
 * could send to the provider. */
static enum err
check(struct keys_signer *signer, const struct keys_request *request, struct arena *arena,
      struct buf *out)
{
    if (!is_keyed(signer)) {
        return ERR_KEYS_POLICY;
    }
    TRY(keys_rate_take(&signer->rate, clock_mono()));
    DEFER(buf_fini) struct buf right = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX);
    TRY(sign_fields(signer, &request->fields, arena, &right));
    return secret_eq_bytes(buf_span(&right), request->signature)
               ? buf_append(out, request->signature)
               : ERR_SIGNATURE;
}

static enum crypto_aead
aead_of(struct span algorithm)
{
    static const struct {
        const char *name;
        enum crypto_aead aead;
    } rows[] = {
        { "AEAD_AES_256_GCM", CRYPTO_AEAD_AES_256_GCM },
        { "AEAD_SM4_GCM", CRYPTO_AEAD_SM4_GCM },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_eq_cstr(algorithm, rows[i].name)) {
            return rows[i].aead;
        }
    }
    return CRYPTO_AEAD_NONE;
}

static enum err
open_with(const struct keys_sealing *sealing, const struct adapter_fields *fields, struct buf *out)
{
    enum crypto_aead aead = aead_of(adapter_fields_get(fields, "algorithm"));
    const struct secret *key = aead == CRYPTO_AEAD_SM4_GCM ? sealing->sm4 : sealing->secret;
    return crypto_aead_open(aead, key, adapter_fields_get(fields, "nonce"),
                            adapter_fields_get(fields, "associated"),
                            adapter_fields_get(fields, "ciphertext"), out);
}

/* While a secret is changed the provider may still use the other one: whichever fits. */
static enum err
open_sealed(struct keys_signer *signer, const struct keys_request *request, struct buf *out)
{
    const struct adapter_fields *fields = &request->fields;
    if (signer->sealing_count == 0
        || aead_of(adapter_fields_get(fields, "algorithm")) == CRYPTO_AEAD_NONE) {
        return ERR_KEYS_POLICY;
    }
    TRY(keys_rate_take(&signer->rate, clock_mono()));
    for (size_t i = 0; i < signer->sealing_count; i++) {
        enum err err = open_with(&signer->sealing[i], fields, out);
        if (err != ERR_SEALED) {
            return err == ERR_OK && out->len == 0 ? ERR_SEALED : err_told_as(err, ERR_CRYPTO);
        }
    }
    return ERR_SEALED;
}

enum err
keys_signer_perform(struct keys_signer *signer, const struct keys_limits *limits,
                    const struct keys_request *request, struct arena *arena, struct buf *out)
{
    switch (request->task) {
    case KEYS_SIGN:
        return sign(signer, limits, request, arena, out);
    case KEYS_CHECK:
        return check(signer, request, arena, out);
    case KEYS_OPEN:
        return open_sealed(signer, request, out);
    case KEYS_SEAL:
    case KEYS_CERTIFY:
    case KEYS_WEBHOOK_SIGN:
    case KEYS_WEBHOOK_TELL:
    case KEYS_TASK_COUNT:
        break;
    }
    return ERR_KEYS_POLICY;
}

/* Signs once, so that a key that does not fit its scheme is found at start, and so that the library
 * has fetched everything it needs before the sandbox closes. */
static enum err
try_key(const struct keys_signer *signer)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX);
    enum crypto_scheme scheme = signer->account->scheme;
    return is_keyed(signer)
               ? crypto_keyed_sign(signer->shared, scheme, SPAN_LIT("start"), &signature)
               : crypto_sign(signer->key, scheme, SPAN_LIT("start"), &signature);
}

static enum err
load_sealing_key(const char *path, struct keys_sealing *out)
{
    unsigned char digest[SM3_BYTES];
    TRY(secret_load(path, KEY_FILE_MAX_BYTES, &out->secret));
    TRY(crypto_sm3(secret_bytes(out->secret), digest));
    enum err err = secret_new(span_make(digest, SM3_BYTES / 2), &out->sm4);
    explicit_bzero(digest, sizeof(digest));
    return err;
}

static enum err
load_sealing(const struct config *config, struct keys_signer *signer, size_t index)
{
    static const enum config_setting settings[KEYS_SEALING_MAX] = {
        CONFIG_account_sealing_key, CONFIG_account_sealing_key_other
    };
    for (size_t i = 0; i < KEYS_SEALING_MAX; i++) {
        const char *path = config_text(config, settings[i], index);
        if (path[0] != 0) {
            TRY(load_sealing_key(path, &signer->sealing[signer->sealing_count]));
            signer->sealing_count++;
        }
    }
    return ERR_OK;
}

static bool
shares_a_secret(enum crypto_scheme scheme)
{
    return scheme == CRYPTO_KEYED_SHA256 || scheme == CRYPTO_KEYED_SM3;
}

#define DER_SEQUENCE 0x30 /* no text that is a key begins with it */

static enum err
load_pkcs12(const struct config *config, struct keys_signer *signer, size_t index)
{
    const char *password_path = config_text(config, CONFIG_account_private_key_password, index);
    DEFER(secret_free) struct secret *file = NULL;
    DEFER(secret_free) struct secret *password = NULL;
    DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
    TRY(secret_load_binary(config_text(config, CONFIG_account_private_key, index),
                           KEY_FILE_MAX_BYTES, &file));
    if (password_path[0] != 0) {
        TRY(secret_load(password_path, KEY_FILE_MAX_BYTES, &password));
    }
    return crypto_pkcs12_open(file, password, &signer->key, &certificate);
}

static enum err
load_private_key(const struct config *config, struct keys_signer *signer, size_t index)
{
    const char *path = config_text(config, CONFIG_account_private_key, index);
    DEFER(secret_free) struct secret *text = NULL;
    TRY(secret_load(path, KEY_FILE_MAX_BYTES, &text));
    struct span bytes = secret_bytes(text);
    return bytes.len > 0 && bytes.at[0] == DER_SEQUENCE
               ? load_pkcs12(config, signer, index)
               : crypto_private_key_new(text, &signer->key);
}

enum err
keys_signer_load(const struct config *config, const struct accounts *accounts, size_t index,
                 struct keys_refunds *refunds, struct keys_signer *signer)
{
    signer->refunds = refunds;
    signer->account = accounts_at(accounts, index);
    keys_rate_init(&signer->rate, config_int(config, CONFIG_keys_rate_per_minute, 0), clock_mono());
    const char *path = config_text(config, CONFIG_account_private_key, index);
    TRY(load_sealing(config, signer, index));
    if (shares_a_secret(signer->account->scheme)) {
        TRY(secret_load(path, KEY_FILE_MAX_BYTES, &signer->shared));
        return try_key(signer);
    }
    TRY(load_private_key(config, signer, index));
    return try_key(signer);
}

void
keys_signer_fini(struct keys_signer *signer)
{
    crypto_private_key_free(&signer->key);
    secret_free(&signer->shared);
    for (size_t i = 0; i < KEYS_SEALING_MAX; i++) {
        secret_free(&signer->sealing[i].secret);
        secret_free(&signer->sealing[i].sm4);
    }
}
