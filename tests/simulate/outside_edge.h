/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_OUTSIDE_EDGE_H
#define TALLYGATE_SIMULATE_OUTSIDE_EDGE_H

/* What the world's files call when they say evhttp_…, crypto_private_key_… and crypto_certificate…: CMakeLists.txt renames them. */

#include <event2/http.h>

#include "crypto.h"

int edge_set_cb(struct evhttp *http, const char *path,
                void (*serve)(struct evhttp_request *, void *), void *context);
void edge_set_gencb(struct evhttp *http, void (*serve)(struct evhttp_request *, void *),
                    void *context);
void edge_send_reply(struct evhttp_request *req, int code, const char *reason,
                     struct evbuffer *body);
void edge_send_error(struct evhttp_request *req, int code, const char *reason);

/* Keys and certificates that are read once for all runs. */
enum err edge_private_key_new(const struct secret *pem, struct crypto_private_key **out);
void edge_private_key_free(struct crypto_private_key **key);
enum err edge_certificates_new(struct span pem, size_t max, struct crypto_certificate **out,
                               size_t *count);
void edge_certificate_free(struct crypto_certificate **certificate);

#endif
