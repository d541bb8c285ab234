/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_TLS_H
#define TALLYGATE_HTTP_TLS_H

/* Server-side TLS settings, made once at start: TLS 1.2 (ECDHE with AES-GCM or ChaCha20 only) and
 * TLS 1.3, no compression, no renegotiation, session tickets on. */

#include "err.h"

/* PEM files: the chain, leaf first, and the leaf's private key. *out is an SSL_CTX for
 * http_server_options.tls_context. Errors: FILE_OPEN, CERT_PARSE, KEY_PARSE (also when the key does
 * not fit the certificate), CRYPTO. */
MUST_USE enum err tls_server_context(const char *certificate_file, const char *key_file,
                                     void **out);
void tls_context_free(void **context); /* takes and clears */

#endif
