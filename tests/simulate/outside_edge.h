/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_OUTSIDE_EDGE_H
#define TALLYGATE_SIMULATE_OUTSIDE_EDGE_H

/* What the world's files call when they say evhttp_… and crypto_private_key_…: CMakeLists.txt renames it for them. */

#include <event2/http.h>

#include "crypto.h"

int edge_set_cb(struct evhttp *http, const char *path,
                void (*serve)(struct evhttp_request *, void *), void *context);
void edge_set_gencb(struct evhttp *http, void (*serve)(struct evhttp_request *, void *),
                    void *context);
void edge_send_reply(struct evhttp_request *req, int code, const char *reason,
                     struct evbuffer *body);
void edge_send_error(struct evhttp_request *req, int code, const char *reason);

/* Keys that are read once for all runs. */
enum err edge_private_key_new(const struct secret *pem, struct crypto_private_key **out);
void edge_private_key_free(struct crypto_private_key **key);

#endif
