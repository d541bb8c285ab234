/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/keyvalq_struct.h>

#include "portal.h"

/* What a play asks of the portal (README.md, "Control"). */

#define EXTRA_HEADERS_MAX 8
#define BODY_MAX_BYTES    ((size_t)1024 * 1024)

static bool
take(const struct json_t *in, const char *name, char *out, size_t size)
{
    struct span text;
    if (json_get_string(in, name, &text) != ERR_OK || text.len >= size) {
        return false;
    }
    memcpy(out, text.at, text.len);
    out[text.len] = 0;
    return true;
}

static enum err
load_key(struct world *world, const char *path, struct portal_client *client)
{
    char *text = NULL;
    TRY(world_read_key_file(world, path, &text));
    struct span bytes = span_trim(span_of(text), "\n");
    enum err err = secret_new(bytes, &client->key.shared);
    if (err == ERR_OK && strcmp(client->algorithm, "ed25519") == 0) {
        err = crypto_private_key_new(client->key.shared, &client->key.ed25519);
    }
    if (err != ERR_OK) {
        portal_key_fini(&client->key);
    }
    free(text);
    return err;
}

static bool
is_known_algorithm(const char *name)
{
    return strcmp(name, "hmac-sha256") == 0 || strcmp(name, "ed25519") == 0;
}

static bool
take_client(struct portal *portal, const struct json_t *in)
{
    struct portal_client *client = &portal->clients[portal->client_count];
    char path[PORTAL_URL_MAX];
    if (portal->client_count == PORTAL_CLIENTS_MAX
        || !take(in, "keyid", client->keyid, sizeof(client->keyid))
        || !take(in, "algorithm", client->algorithm, sizeof(client->algorithm))
        || !is_known_algorithm(client->algorithm) || !take(in, "secret_file", path, sizeof(path))
        || load_key(portal->world, path, client) != ERR_OK) {
        return false;
    }
    portal->client_count++;
    return true;
}

static void
set_gateway(void *self, struct control_call *call, const struct json_t *in)
{
    struct portal *portal = self;
    const struct json_t *clients = json_member(in, "clients");
    bool good = take(in, "api", portal->api, sizeof(portal->api)) && clients != NULL;
    for (size_t i = 0; i < portal->client_count; i++) {
        portal_key_fini(&portal->clients[i].key);
    }
    portal->client_count = 0;
    for (size_t i = 0; good && i < json_count(clients); i++) {
        good = take_client(portal, json_element(clients, i));
    }
    if (!good || portal->client_count == 0) {
        portal->api[0] = 0; /* what was half taken over is no gateway */
        control_refuse(call, 400, "FIELD", "api, clients[].{keyid, algorithm, secret_file}");
        return;
    }
    control_answer(call, NULL);
}

static enum err
copy_json(const struct json_t *from, struct json_t **out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(BODY_MAX_BYTES);
    TRY(json_encode(from, &text));
    return json_parse(buf_span(&text), out);
}

/* The number stands in addresses as it is. */
static bool
take_order_no(const struct json_t *in, char *out, size_t size)
{
    static const char allowed[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    return take(in, "order_no", out, size) && out[0] != 0 && out[strspn(out, allowed)] == 0;
}

/* The same number again stands for the same order, written anew. */
static struct portal_order *
order_for(struct portal *portal, const char *order_no)
{
    for (size_t i = 0; i < portal->order_count; i++) {
        if (strcmp(portal->orders[i].order_no, order_no) == 0) {
            return &portal->orders[i];
        }
    }
    if (portal->order_count == PORTAL_ORDERS_MAX) {
        return NULL;
    }
    struct portal_order *order = &portal->orders[portal->order_count++];
    (void)snprintf(order->order_no, sizeof(order->order_no), "%s", order_no);
    (void)snprintf(order->status, sizeof(order->status), "draft");
    return order;
}

static bool
take_order(struct portal *portal, const struct json_t *in, struct portal_order **out)
{
    char order_no[PORTAL_TEXT_MAX];
    struct json_t *copy = NULL;
    if (!take_order_no(in, order_no, sizeof(order_no)) || copy_json(in, &copy) != ERR_OK) {
        return false;
    }
    struct portal_order *order = order_for(portal, order_no);
    if (order == NULL) {
        json_free(&copy);
        return false;
    }
    json_free(&order->order);
    order->order = copy;
    *out = order;
    return true;
}

static void
keep_order(void *self, struct control_call *call, const struct json_t *in)
{
    struct portal *portal = self;
    struct portal_order *order = NULL;
    struct json_t *out = NULL;
    char url[PORTAL_URL_MAX];
    if (!take_order(portal, in, &order)) {
        control_refuse(call, 400, "FIELD",
                       "order_no: letters, digits, _ and -; or too many orders");
        return;
    }
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/orders/%s", portal->port,
                   order->order_no);
    if (json_new_object(&out) != ERR_OK || json_put_text(out, "page", url) != ERR_OK) {
        json_free(&out);
    }
    control_answer(call, out);
}

struct calling {
    struct control_call *call;
    struct mono_time began;
};

static enum err
put_headers(struct json_t *out, const struct evkeyvalq *from)
{
    struct json_t *headers = NULL;
    TRY(json_new_object(&headers));
    TRY(json_put(out, "headers", headers));
    for (const struct evkeyval *one = from->tqh_first; one != NULL; one = one->next.tqe_next) {
        char name[PORTAL_TEXT_MAX];
        size_t len = strlen(one->key);
        for (size_t i = 0; i < len && len < sizeof(name); i++) {
            bool upper = one->key[i] >= 'A' && one->key[i] <= 'Z';
            name[i] = (char)(upper ? one->key[i] + ('a' - 'A') : one->key[i]);
        }
        if (len < sizeof(name)) {
            name[len] = 0;
            TRY(json_put_text(headers, name, one->value));
        }
    }
    return ERR_OK;
}

static enum err
describe(const struct calling *calling, const struct http_answer *answer, struct json_t *out)
{
    struct json_t *body = NULL;
    TRY(json_put_i64(out, "status", answer->status));
    TRY(json_put_i64(out, "ms", clock_mono_ms_since(calling->began)));
    if (answer->headers != NULL) {
        TRY(put_headers(out, answer->headers));
    }
    if (json_parse(answer->body, &body) == ERR_OK) {
        TRY(json_put(out, "body", body));
    } else {
        TRY(json_put_null(out, "body"));
    }
    return json_put_string(out, "text", answer->body);
}

static void
called(void *context, const struct http_answer *answer)
{
    struct calling *calling = context;
    struct json_t *out = NULL;
    if (json_new_object(&out) != ERR_OK || describe(calling, answer, out) != ERR_OK) {
        json_free(&out);
        control_refuse(calling->call, 409, "ANSWER", "the gateway's answer is no UTF-8 text");
    } else {
        control_answer(calling->call, out);
    }
    free(calling);
}

static bool
take_tamper(const struct json_t *in, enum portal_tamper *out)
{
    static const char *const names[PORTAL_TAMPER_COUNT] = { "none",    "signature", "digest",
                                                            "created", "unsigned",  "replay" };
    char name[PORTAL_TEXT_MAX] = "none";
    if (json_member(in, "tamper") != NULL && !take(in, "tamper", name, sizeof(name))) {
        return false;
    }
    for (int i = 0; i < PORTAL_TAMPER_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum portal_tamper)i;
            return true;
        }
    }
    return false;
}

struct texts {
    char api[PORTAL_URL_MAX];
    char keyid[PORTAL_TEXT_MAX];
    char method[PORTAL_TEXT_MAX];
    char path[PORTAL_URL_MAX];
    char idempotency_key[PORTAL_URL_MAX];
    char language[PORTAL_TEXT_MAX];
    char header_names[EXTRA_HEADERS_MAX][PORTAL_TEXT_MAX];
    char header_values[EXTRA_HEADERS_MAX][PORTAL_URL_MAX];
    struct http_header headers[EXTRA_HEADERS_MAX];
    struct buf body;
};

/* True when absent too; *out is then NULL. */
static bool
take_optional(const struct json_t *in, const char *name, char *room, size_t size, const char **out)
{
    *out = NULL;
    if (json_member(in, name) == NULL) {
        return true;
    }
    *out = room;
    return take(in, name, room, size);
}

static bool
take_headers(const struct json_t *in, struct texts *texts, struct portal_request *out)
{
    struct json_t *headers = json_member(in, "headers");
    const char *name = NULL;
    struct json_t *value = NULL;
    void *at = NULL;
    if (headers != NULL && !json_node_is_object(headers)) {
        return false;
    }
    while (headers != NULL && json_each(headers, &at, &name, &value)) {
        size_t i = out->header_count;
        if (i == EXTRA_HEADERS_MAX || strlen(name) >= sizeof(texts->header_names[i])
            || !take(headers, name, texts->header_values[i], sizeof(texts->header_values[i]))) {
            return false;
        }
        (void)snprintf(texts->header_names[i], sizeof(texts->header_names[i]), "%s", name);
        texts->headers[i] = (struct http_header){ .name = texts->header_names[i],
                                                  .value = texts->header_values[i] };
        out->header_count++;
    }
    out->headers = texts->headers;
    return true;
}

static bool
take_body(const struct json_t *in, struct texts *texts, struct portal_request *out)
{
    const struct json_t *body = json_member(in, "body");
    struct span text;
    if (body != NULL && json_encode(body, &texts->body) != ERR_OK) {
        return false;
    }
    out->body = buf_span(&texts->body);
    if (json_member(in, "text") != NULL) {
        if (json_get_string(in, "text", &text) != ERR_OK) {
            return false;
        }
        out->body = text;
    }
    return true;
}

static bool
take_request(const struct json_t *in, struct texts *texts, struct portal_request *out)
{
    out->method = texts->method;
    out->path = texts->path;
    return take(in, "method", texts->method, sizeof(texts->method))
           && take(in, "path", texts->path, sizeof(texts->path))
           && take_optional(in, "api", texts->api, sizeof(texts->api), &out->api)
           && take_optional(in, "keyid", texts->keyid, sizeof(texts->keyid), &out->keyid)
           && take_optional(in, "idempotency_key", texts->idempotency_key,
                            sizeof(texts->idempotency_key), &out->idempotency_key)
           && take_optional(in, "language", texts->language, sizeof(texts->language),
                            &out->language)
           && take_headers(in, texts, out) && take_body(in, texts, out)
           && take_tamper(in, &out->tamper);
}

static void
make_call(void *self, struct control_call *call, const struct json_t *in)
{
    struct portal_request request = { 0 };
    struct texts *texts = calloc(1, sizeof(*texts));
    struct calling *calling = calloc(1, sizeof(*calling));
    bool sent = false;
    if (texts != NULL && calling != NULL) {
        buf_init(&texts->body, BODY_MAX_BYTES);
        *calling = (struct calling){ .call = call, .began = clock_mono() };
        sent = take_request(in, texts, &request)
               && portal_send(self, &request, called, calling) == ERR_OK;
        buf_fini(&texts->body);
    }
    free(texts);
    if (!sent) {
        free(calling);
        control_refuse(call, 400, "FIELD", "method, path, keyid, tamper, headers; no gateway yet?");
    }
}

void
portal_call_add(struct portal *portal)
{
    control_add(portal->world, EVHTTP_REQ_POST, "/portal/gateway", set_gateway, portal);
    control_add(portal->world, EVHTTP_REQ_POST, "/portal/orders", keep_order, portal);
    control_add(portal->world, EVHTTP_REQ_POST, "/portal/call", make_call, portal);
}
