/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static const unsigned char session_context[] = "tallygate";

static enum err
settings(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                                     | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    bool ok =
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
        && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
        && SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1)
               == 1;
    return ok ? ERR_OK : ERR_CRYPTO;
}

static enum err
identity(SSL_CTX *context, const char *certificate_file, const char *key_file)
{
    if (access(certificate_file, R_OK) != 0 || access(key_file, R_OK) != 0) {
        return ERR_FILE_OPEN;
    }
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1) {
        return ERR_CERT_PARSE;
    }
    if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1
        || SSL_CTX_check_private_key(context) != 1) {
        return ERR_KEY_PARSE;
    }
    return ERR_OK;
}

enum err
tls_server_context(const char *certificate_file, const char *key_file, void **out)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        return ERR_CRYPTO;
    }
    enum err err = settings(context);
    if (err == ERR_OK) {
        err = identity(context, certificate_file, key_file);
    }
    ERR_clear_error();
    if (err != ERR_OK) {
        SSL_CTX_free(context);
        return err;
    }
    *out = context;
    return ERR_OK;
}

void
tls_context_free(void **context)
{
    if (context != NULL) {
        SSL_CTX_free(*context);
        *context = NULL;
    }
}
