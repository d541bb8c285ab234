/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "portal.h"

#define HEADERS_MAX     16
#define VALUE_MAX       1024
#define TIMEOUT_MS      20000
#define NONCE_BYTES     16
#define ARENA_MAX       ((size_t)64 * 1024)
#define TAMPERED_AGE_MS 600000

/* The headers of one request, as text that lives until it is sent. */
struct signing {
    struct http_header list[HEADERS_MAX];
    size_t count;
    struct arena *arena;
    struct buf digest;
    struct buf input;
    struct buf signature;
};

struct sending {
    struct world *world;
    struct http_call call;
    char url[PORTAL_URL_MAX + VALUE_MAX];
    struct signing signing;
    struct buf body;
    http_done done;
    void *context;
};

/* Copied: a replay is sent when the caller's texts are gone. */
static enum err
add(struct signing *signing, const char *name, const char *value)
{
    struct http_header *header = &signing->list[signing->count];
    if (signing->count == HEADERS_MAX) {
        return ERR_BUF_FULL;
    }
    TRY(arena_cstr(signing->arena, span_of(name), &header->name));
    TRY(arena_cstr(signing->arena, span_of(value), &header->value));
    signing->count++;
    return ERR_OK;
}

static const struct portal_client *
find_client(const struct portal *portal, const char *keyid)
{
    for (size_t i = 0; i < portal->client_count; i++) {
        if (keyid == NULL || strcmp(portal->clients[i].keyid, keyid) == 0) {
            return &portal->clients[i];
        }
    }
    return NULL;
}

static enum err
make_parameters(const struct portal *portal, const struct portal_client *client,
                enum portal_tamper tamper, struct buf *out)
{
    unsigned char random[NONCE_BYTES];
    struct wall_time created = world_now(portal->world);
    if (tamper == PORTAL_TAMPER_CREATED) {
        created = wall_add_ms(created, -TAMPERED_AGE_MS);
    }
    TRY(crypto_random(random, sizeof(random)));
    TRY(buf_printf(out, ";created=%lld;keyid=\"%s\";alg=\"%s\";nonce=\"",
                   (long long)(created.us / 1000000), client->keyid, client->algorithm));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), out));
    return buf_byte(out, '"');
}

static enum err
sign_base(const struct portal_client *client, struct span base, enum portal_tamper tamper,
          struct buf *out)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(1024);
    TRY(portal_key_sign(&client->key, base, &raw));
    if (tamper == PORTAL_TAMPER_SIGNATURE) {
        raw.at[0] ^= 1;
    }
    TRY(buf_text(out, "sig1=:"));
    TRY(crypto_base64_encode(buf_span(&raw), out));
    return buf_byte(out, ':');
}

static enum err
sign(const struct portal *portal, const struct portal_request *request, struct signing *signing)
{
    const struct portal_client *client = find_client(portal, request->keyid);
    DEFER(buf_fini) struct buf parameters = BUF_MAX(VALUE_MAX);
    DEFER(buf_fini) struct buf list = BUF_MAX(VALUE_MAX);
    DEFER(buf_fini) struct buf base = BUF_MAX(8192);
    const char *text = NULL;
    if (client == NULL) {
        return ERR_FIELD_VALUE;
    }
    struct span query = span_of(request->path);
    struct span path;
    bool has_query = span_cut(&query, '?', &path);
    DEFER(buf_fini) struct buf asked = BUF_MAX(4096);
    TRY(buf_byte(&asked, '?')); /* RFC 9421 2.2.7: "?" alone when there is no query */
    TRY(buf_append(&asked, has_query ? query : SPAN_LIT("")));
    struct span body =
        request->tamper == PORTAL_TAMPER_DIGEST ? SPAN_LIT("another body") : request->body;
    TRY(portal_digest(body, &signing->digest));
    TRY(make_parameters(portal, client, request->tamper, &parameters));
    TRY(buf_cstr(&parameters, &text));
    const struct portal_component components[] = {
        { "@method", span_of(request->method) },
        { "@path", path },
        { "@query", buf_span(&asked) },
        { "content-digest", buf_span(&signing->digest) },
    };
    TRY(portal_signature_base(components, sizeof(components) / sizeof(components[0]), text, &list,
                              &base));
    TRY(buf_text(&signing->input, "sig1="));
    TRY(buf_append(&signing->input, buf_span(&list)));
    return sign_base(client, buf_span(&base), request->tamper, &signing->signature);
}

static bool
has_header(const struct portal_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static enum err
make_headers(const struct portal *portal, const struct portal_request *request,
             struct signing *signing)
{
    const char *digest = NULL;
    const char *input = NULL;
    const char *signature = NULL;
    if (!has_header(request, "Content-Type")) {
        TRY(add(signing, "Content-Type", "application/json"));
    }
    if (request->idempotency_key != NULL) {
        TRY(add(signing, "Idempotency-Key", request->idempotency_key));
    }
    if (request->language != NULL) {
        TRY(add(signing, "Accept-Language", request->language));
    }
    for (size_t i = 0; i < request->header_count; i++) {
        TRY(add(signing, request->headers[i].name, request->headers[i].value));
    }
    TRY(sign(portal, request, signing));
    TRY(buf_cstr(&signing->digest, &digest));
    TRY(buf_cstr(&signing->input, &input));
    TRY(buf_cstr(&signing->signature, &signature));
    TRY(add(signing, "Content-Digest", digest));
    if (request->tamper == PORTAL_TAMPER_UNSIGNED) {
        return ERR_OK;
    }
    TRY(add(signing, "Signature-Input", input));
    return add(signing, "Signature", signature);
}

static void
signing_init(struct signing *signing)
{
    *signing = (struct signing){ .count = 0 };
    buf_init(&signing->digest, VALUE_MAX);
    buf_init(&signing->input, VALUE_MAX);
    buf_init(&signing->signature, VALUE_MAX);
}

static void
signing_fini(struct signing *signing)
{
    buf_fini(&signing->digest);
    buf_fini(&signing->input);
    buf_fini(&signing->signature);
    arena_free(&signing->arena);
}

static void
sending_free(struct sending *sending)
{
    signing_fini(&sending->signing);
    buf_fini(&sending->body);
    free(sending);
}

static void
replayed(void *context, const struct http_answer *answer)
{
    struct sending *sending = context;
    sending->done(sending->context, answer);
    sending_free(sending);
}

static void
sent_once(void *context, const struct http_answer *answer)
{
    const struct http_answer none = { .status = 0 };
    struct sending *sending = context;
    (void)answer; /* only the second one tells how a replay is taken */
    if (http_send(sending->world, &sending->call, replayed, sending) != ERR_OK) {
        replayed(sending, &none);
    }
}

static bool
decode_method(const char *text, enum evhttp_cmd_type *out)
{
    static const struct {
        const char *text;
        enum evhttp_cmd_type method;
    } rows[] = { { "GET", EVHTTP_REQ_GET },
                 { "POST", EVHTTP_REQ_POST },
                 { "PUT", EVHTTP_REQ_PUT },
                 { "DELETE", EVHTTP_REQ_DELETE } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].text, text) == 0) {
            *out = rows[i].method;
            return true;
        }
    }
    return false;
}

static enum err
prepare(struct portal *portal, const struct portal_request *request, struct sending *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(sizeof(out->url) - 1);
    if (portal->api[0] == 0 || !decode_method(request->method, &out->call.method)) {
        return ERR_FIELD_VALUE;
    }
    TRY(buf_text(&url, request->api != NULL ? request->api : portal->api));
    TRY(buf_text(&url, request->path));
    memcpy(out->url, url.at, url.len);
    TRY(buf_append(&out->body, request->body));
    TRY(make_headers(portal, request, &out->signing));
    out->call.url = out->url;
    out->call.headers = out->signing.list;
    out->call.header_count = out->signing.count;
    out->call.body = buf_span(&out->body);
    out->call.timeout_ms = TIMEOUT_MS;
    return ERR_OK;
}

enum err
portal_send(struct portal *portal, const struct portal_request *request, http_done done,
            void *context)
{
    struct sending *sending = calloc(1, sizeof(*sending));
    if (sending == NULL) {
        return ERR_NO_MEMORY;
    }
    sending->world = portal->world;
    sending->done = done;
    sending->context = context;
    signing_init(&sending->signing);
    buf_init(&sending->body, (size_t)1024 * 1024);
    enum err err = arena_new(ARENA_MAX, &sending->signing.arena);
    if (err == ERR_OK) {
        err = prepare(portal, request, sending);
    }
    if (err == ERR_OK) {
        bool twice = request->tamper == PORTAL_TAMPER_REPLAY;
        err = http_send(portal->world, &sending->call, twice ? sent_once : replayed, sending);
    }
    if (err != ERR_OK) {
        sending_free(sending);
    }
    return err;
}
