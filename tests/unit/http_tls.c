/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http.h"
#include "tls.h"

/* A key and a certificate of its own, made for one test in a folder of its own. */
struct identity {
    char dir[64];
    char certificate[96];
    char key[96];
};

static void
write_certificate(const struct identity *identity, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    cr_assert_not_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    cr_assert_not_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    cr_assert_eq(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
    cr_assert_eq(X509_set_pubkey(certificate, key), 1);
    cr_assert_gt(X509_sign(certificate, key, EVP_sha256()), 0);
    FILE *file = fopen(identity->certificate, "w");
    cr_assert_eq(PEM_write_X509(file, certificate), 1);
    (void)fclose(file);
    X509_free(certificate);
}

static void
write_key(const char *path, EVP_PKEY *key)
{
    FILE *file = fopen(path, "w");
    cr_assert_eq(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    (void)fclose(file);
}

static void
identity_make(struct identity *identity)
{
    (void)snprintf(identity->dir, sizeof(identity->dir), "/tmp/tallygate-tls-XXXXXX");
    cr_assert_not_null(mkdtemp(identity->dir));
    (void)snprintf(identity->certificate, sizeof(identity->certificate), "%s/c", identity->dir);
    (void)snprintf(identity->key, sizeof(identity->key), "%s/k", identity->dir);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    write_certificate(identity, key);
    write_key(identity->key, key);
    EVP_PKEY_free(key);
}

static void
identity_remove(const struct identity *identity)
{
    (void)unlink(identity->certificate);
    (void)unlink(identity->key);
    (void)rmdir(identity->dir);
}

static void
hello(struct http_request *request, void *context)
{
    (void)context;
    http_reply(request, 200, "text/plain", SPAN_LIT("hello over TLS"), NULL, 0);
}

static const struct http_route routes[] = {
    { HTTP_DOOR_API, HTTP_GET, "/hello", "hello", false, false, HTTP_ROLES_NOBODY, hello, false },
};

struct talk {
    struct event_base *base;
    struct buf answer;
    bool connected;
    bool ended;
};

static void
ended(struct bufferevent *bev, short what, void *arg)
{
    struct talk *talk = arg;
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        talk->connected = true;
        return;
    }
    struct evbuffer *input = bufferevent_get_input(bev);
    size_t len = evbuffer_get_length(input);
    if (len > 0) {
        cr_assert_eq(buf_append(&talk->answer, span_make(evbuffer_pullup(input, -1), len)), ERR_OK);
    }
    talk->ended = true;
    (void)event_base_loopbreak(talk->base);
}

static int
listener(struct sockaddr_in *address)
{
    socklen_t len = sizeof(*address);
    *address = (struct sockaddr_in){ .sin_family = AF_INET };
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)address, len), 0);
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)address, &len), 0);
    return fd;
}

/* One request to /hello with the client's settings. */
static void
talk_once(struct talk *talk, void *server_context, SSL_CTX *client_context)
{
    struct sockaddr_in address;
    int fd = listener(&address);
    struct http_server *server = NULL;
    struct http_server_options options = {
        .listen_fds = { -1, fd, -1, -1 },
        .connections_max = 10,
        .connections_per_address_max = 10,
        .routes = routes,
        .route_count = 1,
    };
    options.tls_context[HTTP_DOOR_API] = server_context;
    talk->base = event_base_new();
    cr_assert_eq(http_server_new(talk->base, &options, &server), ERR_OK);
    struct bufferevent *bev = bufferevent_openssl_socket_new(
        talk->base, -1, SSL_new(client_context), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    bufferevent_setcb(bev, NULL, NULL, ended, talk);
    static const char request[] = "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    (void)bufferevent_write(bev, request, sizeof(request) - 1);
    (void)bufferevent_enable(bev, EV_READ | EV_WRITE);
    cr_assert_eq(bufferevent_socket_connect(bev, (struct sockaddr *)&address, (int)sizeof(address)),
                 0);
    struct timeval guard = { .tv_sec = 15, .tv_usec = 0 };
    (void)event_base_loopexit(talk->base, &guard);
    (void)event_base_dispatch(talk->base);
    bufferevent_free(bev);
    (void)event_base_loop(talk->base, EVLOOP_NONBLOCK);
    http_server_free(&server);
    event_base_free(talk->base);
    (void)close(fd);
}

static bool
says(const struct talk *talk, const char *text)
{
    return span_find(buf_span(&talk->answer), span_of(text)) < talk->answer.len;
}

static void
try_version(int version, bool expect_answer)
{
    struct identity identity;
    void *server_context = NULL;
    identity_make(&identity);
    cr_assert_eq(tls_server_context(identity.certificate, identity.key, &server_context), ERR_OK);
    identity_remove(&identity);
    SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(client_context, 0);
    (void)SSL_CTX_set_min_proto_version(client_context, version);
    (void)SSL_CTX_set_max_proto_version(client_context, version);
    struct talk talk = { .answer = BUF_MAX(65536) };
    talk_once(&talk, server_context, client_context);
    cr_assert(talk.ended);
    cr_assert_eq(says(&talk, "hello over TLS"), expect_answer);
    cr_assert_eq(says(&talk, "Strict-Transport-Security: max-age=31536000"), expect_answer);
    buf_fini(&talk.answer);
    SSL_CTX_free(client_context);
    tls_context_free(&server_context);
    cr_assert_null(server_context);
}

Test(http_tls, tls_1_3_is_spoken)
{
    try_version(TLS1_3_VERSION, true);
}

Test(http_tls, tls_1_2_is_spoken)
{
    try_version(TLS1_2_VERSION, true);
}

Test(http_tls, tls_1_1_is_refused)
{
    try_version(TLS1_1_VERSION, false);
}

Test(http_tls, a_cipher_without_forward_secrecy_is_refused)
{
    struct identity identity;
    void *server_context = NULL;
    identity_make(&identity);
    cr_assert_eq(tls_server_context(identity.certificate, identity.key, &server_context), ERR_OK);
    identity_remove(&identity);
    SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
    (void)SSL_CTX_set_max_proto_version(client_context, TLS1_2_VERSION);
    cr_assert_eq(SSL_CTX_set_cipher_list(client_context, "ECDHE-ECDSA-AES128-SHA256:AES128-SHA"),
                 1);
    struct talk talk = { .answer = BUF_MAX(65536) };
    talk_once(&talk, server_context, client_context);
    cr_assert(talk.ended && !talk.connected);
    buf_fini(&talk.answer);
    SSL_CTX_free(client_context);
    tls_context_free(&server_context);
}

Test(http_tls, missing_and_foreign_files_are_refused)
{
    struct identity identity;
    void *context = NULL;
    identity_make(&identity);
    cr_assert_eq(tls_server_context("/nonexistent", identity.key, &context), ERR_FILE_OPEN);
    cr_assert_eq(tls_server_context(identity.certificate, "/nonexistent", &context), ERR_FILE_OPEN);
    cr_assert_eq(tls_server_context(identity.key, identity.key, &context), ERR_CERT_PARSE);
    EVP_PKEY *other = EVP_EC_gen("P-256");
    write_key(identity.key, other);
    EVP_PKEY_free(other);
    cr_assert_eq(tls_server_context(identity.certificate, identity.key, &context), ERR_KEY_PARSE);
    cr_assert_null(context);
    identity_remove(&identity);
}
